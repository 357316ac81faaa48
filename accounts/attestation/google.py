"""Asking Google to open a Play Integrity token: `decodeIntegrityToken`, as a service account (RFC 7523).

Tokens of standard requests can be opened in no other way.
"""

import json
import time
from threading import Lock
from typing import Any

import jwt
from django.conf import settings

from accounts.attestation.evidence import EvidenceInvalid, ProviderUnavailable
from core.outbound import Answer, Unreachable, call_provider

SCOPE = "https://www.googleapis.com/auth/playintegrity"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_EARLY = 60  # seconds before its end at which a credential is renewed


class _Credential:
    """The bearer token of a service account, fetched when it is needed and kept in memory until it ends."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._token, self._account, self._ends = "", "", 0.0

    def token(self) -> str:
        with self._lock:
            account = settings.PLAY_SERVICE_ACCOUNT
            if account != self._account or time.time() > self._ends - _EARLY:
                self._token, self._ends = _fetch(json.loads(account))
                self._account = account
            return self._token

    def forget(self) -> None:
        with self._lock:
            self._ends = 0.0


credential = _Credential()


def decode(token: str) -> dict[str, Any]:
    """The payload of a token, as Google reads it.

    Raises:
        EvidenceInvalid: Google did not make it for our app.
        ProviderUnavailable: Google did not answer, or not to us.
    """
    if not settings.PLAY_SERVICE_ACCOUNT or not settings.ANDROID_PACKAGES:
        raise ProviderUnavailable("not_configured")
    answer = _call(
        f"{settings.PLAY_INTEGRITY_URL}/v1/{settings.ANDROID_PACKAGES[0]}:decodeIntegrityToken",
        json={"integrity_token": token},
        headers={"Authorization": f"Bearer {credential.token()}"},
    )
    if answer.status == 400:
        raise EvidenceInvalid("malformed")
    if answer.status == 401:
        credential.forget()
    payload = answer.json().get("tokenPayloadExternal")
    if not answer.is_success or not isinstance(payload, dict):
        raise ProviderUnavailable(f"answered_{answer.status}")
    return payload


def _fetch(account: dict[str, str]) -> tuple[str, float]:
    now = int(time.time())
    claims = {"iss": account["client_email"], "scope": SCOPE, "aud": account["token_uri"], "iat": now}
    claims["exp"] = now + 3600
    grant = jwt.encode(claims, account["private_key"], "RS256", headers={"kid": account.get("private_key_id", "")})
    answer = _call(account["token_uri"], form={"grant_type": GRANT, "assertion": grant})
    found = answer.json()
    token, seconds = found.get("access_token"), found.get("expires_in")
    if not answer.is_success or not isinstance(token, str) or not isinstance(seconds, int):
        raise ProviderUnavailable(f"answered_{answer.status}")
    return token, now + float(seconds)


def _call(url: str, **content: Any) -> Answer:
    try:
        return call_provider("POST", url, peer="play_integrity", **content)
    except Unreachable as error:
        raise ProviderUnavailable("no_answer") from error
