"""Putting tokens into a client's hands."""

from access.selectors import grants_of
from accounts.models import DeviceSession
from accounts.selectors import account_of
from accounts.tokens import AccessToken, RefreshToken
from accounts.types import TokenAnswer
from core.http.access import Audience

_STAFF_SCOPES = "admin:"


def tokens_for(session: DeviceSession) -> TokenAnswer:
    """A fresh access token and the session's current refresh token, with whom and what they are for."""
    grants = grants_of(session.user_id)
    scopes = ceiling(grants.scopes, Audience(session.audience))
    access, refresh = AccessToken.of(session, scopes), RefreshToken(session)
    return TokenAnswer(
        access_token=str(access),
        refresh_token=str(refresh),
        expires_in=access["exp"] - access["iat"],
        refresh_expires_in=refresh["exp"] - access["iat"],
        scope=access["scope"],
        user=account_of(session.user, roles=grants.roles, scopes=scopes),
        device=session.device,
        token_type="DPoP" if session.proof_key else "bearer",
    )


def access_for(session: DeviceSession) -> AccessToken:
    """A fresh access token alone, for a session that goes on."""
    return AccessToken.of(session, ceiling(grants_of(session.user_id).scopes, Audience(session.audience)))


def ceiling(scopes: frozenset[str], audience: Audience) -> frozenset[str]:
    """What a token of this audience may carry at most: staff scopes stay with staff clients."""
    if audience is Audience.ADMIN:
        return scopes
    return frozenset(scope for scope in scopes if not scope.startswith(_STAFF_SCOPES))
