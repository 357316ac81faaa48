"""Sign-in, which `/v1/auth` and the contract shared with the web and Flutter apps, `/api/auth`, both serve.

Not here: `me`, which `config/me.py` puts together.
"""

from django.urls import URLPattern, URLResolver, include, path

from accounts.views import changing, factors, links, mailed_pages, pages, signing_in

urlpatterns: list[URLPattern | URLResolver] = [
    path("register", signing_in.RegisterView.as_view()),
    path("login", signing_in.LoginView.as_view()),
    path("refresh", signing_in.RefreshView.as_view()),
    path("logout", signing_in.LogoutView.as_view()),
    path("verify-email", links.VerifyEmailView.as_view()),
    path("verify-email/<str:token>", pages.confirm_email),
    path("forgot-password", links.ForgotPasswordView.as_view()),
    path("reset-password", links.ResetPasswordView.as_view()),
    path("reset-password/<str:token>", pages.ResetPasswordPage.as_view()),
    path("second-factor", include("accounts.urls.factors")),
    path("passwordless/start", changing.StartPasswordlessView.as_view()),
    path("passwordless/verify", changing.FinishPasswordlessView.as_view()),
    path("change-password", changing.ChangePasswordView.as_view()),
    path("change-email", changing.ChangeEmailView.as_view()),
    path("change-email/confirm", changing.ConfirmNewEmailView.as_view()),
    path("change-email/<str:token>", mailed_pages.ConfirmNewEmailPage.as_view()),
    path("revert-email/<str:token>", mailed_pages.RevertEmailPage.as_view()),
    path("recovery/start", changing.StartRecoveryView.as_view()),
    path("recovery/continue", changing.RecoveryView.as_view()),
    path("recovery/cancel", changing.CancelRecoveryView.as_view()),
    path("recovery/cancel/<str:token>", mailed_pages.CancelRecoveryPage.as_view()),
    path("recovery/<str:token>", mailed_pages.RecoveryPage.as_view()),
    path("step-up", factors.StepUpView.as_view()),
    path("", include("accounts.urls.passkeys")),
    path("biometric", include("accounts.urls.biometric")),
    path("social/", include("accounts.urls.social")),
]
