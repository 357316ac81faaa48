"""Attesting devices."""

from django.urls import URLPattern, URLResolver, path

from accounts.views import attestation

urlpatterns: list[URLPattern | URLResolver] = [
    path("challenge", attestation.AttestationChallengeView.as_view()),
    path("apple", attestation.AppleAttestationView.as_view()),
    path("android", attestation.AndroidAttestationView.as_view()),
    path("integrity", attestation.IntegrityView.as_view()),
]
