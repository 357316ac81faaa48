"""People for tests, and clients signed in as them with tokens that the services issued."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.contrib.auth.hashers import make_password
from rest_framework.test import APIClient

from access.types import Principal
from accounts.models import DeviceSession, User
from accounts.services import sessions
from accounts.services.identification import identify, open_token
from accounts.services.issuing import tokens_for
from accounts.services.registration import add_account
from accounts.types import AUDIENCES, DeviceClaim, Method, Platform, TokenAnswer
from core import context
from core.contributions.scopes import Persona
from core.db.ids import uuid7
from core.http.access import Audience

PASSWORD = "correct-Horse-7-staple"
SignIn = Callable[..., "SignedInClient"]
PrincipalOf = Callable[..., Principal]
MakeUser = Callable[..., User]

_PLATFORMS = {audience: platform for platform, audience in AUDIENCES.items()}


@dataclass(frozen=True)
class SignedIn:
    """A session with the tokens that its client holds."""

    session: DeviceSession
    tokens: TokenAnswer
    fingerprint: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The request headers of this client, as Django's test clients take them."""
        own = {"HTTP_AUTHORIZATION": f"Bearer {self.tokens.access_token}"}
        return {**own, "HTTP_X_DEVICE_FINGERPRINT": self.fingerprint} if self.fingerprint else own


class SignedInClient(APIClient):
    """DRF's test client, sending the bearer token of a real session."""

    def __init__(self, signed_in: SignedIn) -> None:
        super().__init__()
        self.credentials(**signed_in.headers)
        self.signed_in = signed_in

    @property
    def principal(self) -> Principal:
        return principal_behind(self.signed_in)


@lru_cache(maxsize=1)
def _password_hash() -> str:
    return make_password(PASSWORD)


def make_user(*, persona: Persona = Persona.FREELANCER, email: str = "", **given: Any) -> User:
    """A stored person with a first role, a workspace of their own and the password `PASSWORD`."""
    user = User(email=email or f"{uuid7().hex}@example.com", **{"full_name": persona.value.title(), **given})
    user.password = _password_hash()
    add_account(user, persona=persona)
    return user


def sign_in(user: User, audience: Audience = Audience.WEB, *, fingerprint: str = "", **device: Any) -> SignedIn:
    """A session begun by the service, outside of any request, for somebody who has just proved who they are."""
    user.refresh_from_db(fields=["security_version"])
    claim = DeviceClaim(platform=_PLATFORMS.get(audience, Platform.WEB), fingerprint=fingerprint)
    with context.scope(context.Context()):
        session = sessions.start(
            user=user, claim=replace(claim, **device), methods=(Method.PASSWORD,), audience=audience
        )
        return SignedIn(session, tokens_for(session), fingerprint)


def principal_behind(signed_in: SignedIn) -> Principal:
    with context.scope(context.Context()):
        return identify(open_token(signed_in.tokens.access_token), fingerprint=signed_in.fingerprint)
