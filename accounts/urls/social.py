"""Signing in with Apple, Google and Facebook."""

from django.urls import URLPattern, URLResolver, path

from accounts.types import Provider
from accounts.views.social import IdentityViewSet, NonceView, SocialSignInView
from core.http.routers import Router

router = Router()
router.register("identities", IdentityViewSet, basename="identity")

urlpatterns: list[URLPattern | URLResolver] = [
    path("nonce", NonceView.as_view()),
    *(path(provider.value, SocialSignInView.as_view(provider=provider)) for provider in Provider),
    *router.urls,
]
