"""Second factors, under `second-factor/`."""

from django.urls import URLPattern, URLResolver, path

from accounts.views import factors

urlpatterns: list[URLPattern | URLResolver] = [
    path("", factors.SecondFactorView.as_view()),
    path("/totp", factors.TotpView.as_view()),
    path("/totp/confirm", factors.ConfirmTotpView.as_view()),
    path("/recovery-codes", factors.RecoveryCodesView.as_view()),
    path("/verify", factors.VerifySecondFactorView.as_view()),
]
