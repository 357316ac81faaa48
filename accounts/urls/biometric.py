"""Biometric keys, under `biometric/`."""

from django.urls import URLPattern, URLResolver, path

from accounts.views import biometric

urlpatterns: list[URLPattern | URLResolver] = [
    path("/enroll", biometric.EnrollView.as_view()),
    path("/challenge", biometric.ChallengeView.as_view()),
    path("/verify", biometric.VerifyView.as_view()),
]
