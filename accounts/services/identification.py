"""Who sends a request: from an access token to a principal, on every transport alike.

Warm, this costs one look into the cache and no query. A refused token is refused in the same words, whatever the
reason; only a device that does not fit is told so, because its app can do something about it.
"""

from functools import lru_cache
from typing import Any
from uuid import UUID

from rest_framework_simplejwt.exceptions import TokenError

from access.selectors import grants_of
from access.services import narrow, record
from access.types import Principal, version_of
from accounts import liveness
from accounts.digests import same_fingerprint
from accounts.errors import DeviceMismatch, InvalidToken
from accounts.selectors import find_live_session
from accounts.services import rotation
from accounts.tokens import AccessToken
from core import context
from core.http.limits import Bill


def open_token(encoded: str | bytes) -> AccessToken:
    """A token that we signed, for its time and purpose.

    Raises:
        InvalidToken: anything else.
    """
    try:
        return AccessToken(encoded)  # type: ignore[arg-type]  # the library's own annotation is wrong
    except TokenError as error:
        raise InvalidToken from error


def identify(
    token: AccessToken,
    *,
    fingerprint: str = "",
    roles: str | None = None,
    proof_key: str = "",
    bill: Bill | None = None,
) -> Principal:
    """The caller behind a token, with their rights at this moment, bound to the context of the request.

    `fingerprint` and `roles` are what the client says of its device and of the roles it wants to act with;
    `proof_key` is the thumbprint of a key that it has proved to hold. A `bill` is charged if the session is alive.

    Raises:
        InvalidToken: the session has ended, or the token does not belong to it.
        DeviceMismatch: the session belongs to another device, or to another key.
        RoleNotHeld: `roles` asks for more than the caller holds.
    """
    live = _live(token, bill)
    principal = _principal(live, token["sid"], token["scope"])
    context.bind(
        channel=principal.channel,
        user_id=token["sub"],
        session_id=token["sid"],
        device_id=token["did"],
    )
    if not same_fingerprint(live.session.fingerprint, fingerprint):
        record(action="fingerprint.mismatch", outcome="denied", principal=principal)
        raise DeviceMismatch
    if live.session.proof_key != proof_key:
        record(action="pop.mismatch", outcome="denied", principal=principal)
        raise DeviceMismatch
    return principal if roles is None else narrow(principal, roles, live.grants)


def _live(token: AccessToken, bill: Bill | None) -> liveness.Live:
    """The session of a token, alive and in agreement with it."""
    session_id, user_id = UUID(token["sid"]), UUID(token["sub"])
    marks = liveness.read_marks(session_id, user_id, bill)
    if marks.ended:
        raise InvalidToken
    live = marks.live or _read(session_id, user_id, marks.stamps)
    session = live.session
    if (session.user_id, session.audience, session.security_version) != (user_id, token["aud"], token["sv"]):
        raise InvalidToken
    if liveness.is_news(live, token["rc"]):
        rotation.confirm(session_id=session_id, counter=token["rc"])
        liveness.remember(session_id, liveness.confirmed(live, token["rc"]))
    return live


def _read(session_id: UUID, user_id: UUID, stamps: tuple[Any, Any]) -> liveness.Live:
    session = find_live_session(session_id)
    if session is None:
        raise InvalidToken
    live = liveness.Live(session, grants_of(user_id), stamps)
    liveness.remember(session_id, live)
    return live


@lru_cache(maxsize=4096)
def _principal(live: liveness.Live, session_id: str, ceiling: str) -> Principal:
    session, grants = live.session, live.grants
    scopes = grants.scopes & frozenset(ceiling.split())
    return Principal(
        user_id=session.user_id,
        session_id=UUID(session_id),
        device_id=session.device_id,
        audience=session.audience,
        roles=grants.roles,
        scopes=scopes,
        access_version=version_of(grants.roles, scopes, grants.is_superuser),
        workspace_id=session.workspace_id,
        locale=session.locale,
        timezone=session.timezone,
        is_superuser=grants.is_superuser,
        assurance=session.assurance,
        proved_at=session.proved_at,
    )
