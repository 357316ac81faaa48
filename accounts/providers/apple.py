"""Apple: ID tokens, authorization codes exchanged for refresh tokens, their revocation, and notices about accounts.

https://developer.apple.com/documentation/signinwithapplerestapi
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import jwt
import orjson

from accounts.errors import ProofRefused
from accounts.providers.configuration import client_ids_of, configuration_of
from accounts.providers.id_tokens import claims_of, is_true, issued_at, subject_of, text_of
from accounts.providers.types import Notice, Proof, Proven
from accounts.types import Platform, Provider
from core.outbound import Unreachable, call_provider

APPLE = Provider.APPLE
SECRET_LIFETIME = 300  # seconds
_SECONDS_AT_MOST = 100_000_000_000  # the year 5138; as milliseconds, 1973


def verify(proof: Proof, platform: Platform) -> Proven:
    claims = _claims_of(proof.id_token, client_ids_of(APPLE, platform))
    subject, client_id = subject_of(claims), claims["aud"]
    is_verified = is_true(claims.get("email_verified"))
    return Proven(
        provider=APPLE,
        subject=subject,
        vouched_at=issued_at(claims),
        email=text_of(claims, "email"),
        is_email_verified=is_verified,
        is_email_owned=is_verified,
        nonce=text_of(claims, "nonce"),
        client_id=client_id,
        refresh_token=_exchange(proof.authorization_code, subject, client_id) if proof.authorization_code else "",
    )


def revoke(refresh_token: str, client_id: str) -> None:
    """Take back the permission that a person gave us. Apple says yes to whatever it is shown.

    Raises:
        Unreachable: Apple has not taken note of it; try again.
    """
    form = {"token": refresh_token, "token_type_hint": "refresh_token", **_credentials(client_id)}
    answer = call_provider("POST", configuration_of(APPLE)["revoke_url"], peer=APPLE, form=form)
    if answer.status >= 500 or answer.status == 429:
        raise Unreachable


def notice_of(payload: str) -> Notice:
    """What a server-to-server notification says.

    Raises:
        ProofRefused: not Apple's, or not about an app of ours.
    """
    claims = _claims_of(payload, client_ids_of(APPLE))
    try:
        event = orjson.loads(claims["events"]) if isinstance(claims["events"], str) else claims["events"]
    except (KeyError, orjson.JSONDecodeError) as error:
        raise ProofRefused(reason="events") from error
    if not isinstance(event, dict) or not text_of(claims, "jti"):
        raise ProofRefused(reason="events")
    return Notice(
        subject=text_of(event, "sub"),
        occurred_at=_time_of(event) or issued_at(claims),
        kind=text_of(event, "type"),
        id=claims["jti"],
    )


def _time_of(event: Mapping[str, Any]) -> datetime | None:
    """When an event happened, if it says so: in milliseconds, though Apple's own examples have had seconds."""
    try:
        told = float(event["event_time"])
        return datetime.fromtimestamp(told / 1000 if told > _SECONDS_AT_MOST else told, UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


def _claims_of(token: str, client_ids: frozenset[str]) -> dict[str, Any]:
    return claims_of(token, issuers=configuration_of(APPLE)["issuers"], client_ids=client_ids, peer=APPLE)


def _exchange(code: str, subject: str, client_id: str) -> str:
    """The refresh token behind an authorization code, which Apple gives out once."""
    configuration = configuration_of(APPLE)
    form = {"grant_type": "authorization_code", "code": code, **_credentials(client_id)}
    if client_id in configuration["client_ids"].get(Platform.WEB, ()) and configuration["redirect_uri"]:
        form["redirect_uri"] = configuration["redirect_uri"]
    answer = call_provider("POST", configuration["token_url"], peer=APPLE, form=form)
    if answer.status >= 500 or answer.status == 429:
        raise Unreachable
    granted = answer.json()
    if not answer.is_success or _claims_of(text_of(granted, "id_token"), frozenset({client_id}))["sub"] != subject:
        raise ProofRefused(reason="authorization_code")
    return text_of(granted, "refresh_token")


def _credentials(client_id: str) -> dict[str, str]:
    """Our client id with a secret of the moment: a token signed by the key that Apple knows us by."""
    configuration = configuration_of(APPLE)
    now = int(time.time())
    claims = {
        "iss": configuration["team_id"],
        "iat": now,
        "exp": now + SECRET_LIFETIME,
        "aud": next(iter(configuration["issuers"])),
        "sub": client_id,
    }
    secret = jwt.encode(claims, configuration["private_key"], "ES256", headers={"kid": configuration["key_id"]})
    return {"client_id": client_id, "client_secret": secret}
