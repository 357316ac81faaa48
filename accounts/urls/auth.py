"""Sign-in, which `/v1/auth` and the contract shared with the web and Flutter apps, `/api/auth`, both serve."""

from django.urls import URLPattern, URLResolver, path

from accounts.views import links, pages, profile, signing_in

urlpatterns: list[URLPattern | URLResolver] = [
    path("register", signing_in.RegisterView.as_view()),
    path("login", signing_in.LoginView.as_view()),
    path("refresh", signing_in.RefreshView.as_view()),
    path("logout", signing_in.LogoutView.as_view()),
    path("me", profile.MeView.as_view()),
    path("verify-email", links.VerifyEmailView.as_view()),
    path("verify-email/<str:token>", pages.confirm_email),
    path("forgot-password", links.ForgotPasswordView.as_view()),
    path("reset-password", links.ResetPasswordView.as_view()),
    path("reset-password/<str:token>", pages.ResetPasswordPage.as_view()),
]
