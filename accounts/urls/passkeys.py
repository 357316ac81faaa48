"""Passkeys, below `auth/passkeys`."""

from django.urls import URLPattern, URLResolver, path

from accounts.views import passkeys
from core.http.routers import Router

router = Router()
router.register("passkeys", passkeys.PasskeyViewSet, basename="passkey")

urlpatterns: list[URLPattern | URLResolver] = [
    path("passkeys/registration/options", passkeys.RegistrationOptionsView.as_view()),
    path("passkeys/registration/verify", passkeys.RegistrationView.as_view()),
    path("passkeys/sign-in/options", passkeys.SignInOptionsView.as_view()),
    path("passkeys/sign-in/verify", passkeys.SignInView.as_view()),
    path("passkeys/step-up/options", passkeys.StepUpOptionsView.as_view()),
    path("passkeys/step-up/verify", passkeys.StepUpView.as_view()),
    *router.urls,
]
