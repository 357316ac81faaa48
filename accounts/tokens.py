"""The two tokens of a session: SimpleJWT's classes over backends of our own.

Access tokens are ES256 and stand alone for ten minutes (RFC 9068). Refresh tokens are signed with a key derived
from their session's row, so that the same row always yields the same token, and nothing usable is stored.
Header types keep the two apart, and apart from any other JWT (RFC 8725, section 3.11).
"""

import hashlib
from datetime import datetime
from typing import Any, Self
from uuid import UUID, uuid4

import jwt
from django.utils import timezone
from rest_framework_simplejwt import tokens as simplejwt
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken
from rest_framework_simplejwt.settings import api_settings

from accounts.digests import peppered
from accounts.errors import InvalidToken
from accounts.keyring import ALGORITHM, key_ring, signing_key
from accounts.lifetimes import lifetimes_of
from accounts.models import DeviceSession
from core.http.access import Audience

MAX_TOKEN_LENGTH = 4096
ACCESS_TYPE, REFRESH_TYPE = "at+jwt", "rt+jwt"
TOKEN_VERSION = 1

_TIMES = ("exp", "iat", "nbf", "auth_time")
_REQUIRED = ["iss", "aud", "sub", "sid", "did", "jti", "sv", "rc", *_TIMES]
_NOT_A_TOKEN = (jwt.InvalidTokenError, ValueError, OverflowError, RecursionError)
_REMEMBERED_TOKENS = 10_000


class AccessTokenBackend(TokenBackend):
    """ES256 over the key ring. Verified claims are remembered by digest, as a signature takes 100 µs to check."""

    def __init__(self) -> None:
        super().__init__(ALGORITHM, issuer=api_settings.ISSUER, leeway=api_settings.LEEWAY)
        self._verified: dict[bytes, dict[str, Any]] = {}

    def encode(self, payload: dict[str, Any]) -> str:
        key = signing_key()
        claims = {**payload, "iss": self.issuer}
        return jwt.encode(claims, key.private, ALGORITHM, headers={"typ": ACCESS_TYPE, "kid": key.kid})

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        encoded = bytes(token) if isinstance(token, bytes) else str(token).encode()
        digest = hashlib.sha256(encoded).digest()
        claims = self._verified.get(digest)
        if claims is None:
            claims = self._verify(encoded)
            if len(self._verified) >= _REMEMBERED_TOKENS:
                self._verified.clear()
            self._verified[digest] = claims
        return dict(claims)

    def _verify(self, encoded: bytes) -> dict[str, Any]:
        try:
            key = key_ring()[str(_header(encoded, ACCESS_TYPE).get("kid"))]
            claims: dict[str, Any] = jwt.decode(
                encoded,
                key.public,
                algorithms=[ALGORITHM],
                issuer=self.issuer,
                leeway=self.get_leeway(),
                options={"require": _REQUIRED, "verify_aud": False},
            )
            _check_shape(claims)
        except jwt.ExpiredSignatureError as error:
            raise TokenBackendExpiredToken("Token is expired") from error
        except (KeyError, *_NOT_A_TOKEN) as error:
            raise TokenBackendError("Token is invalid") from error
        return claims


class RefreshTokenBackend(TokenBackend):
    """HS256 with a key that only this session's row and the pepper together yield."""

    def __init__(self, session: DeviceSession) -> None:
        super().__init__("HS256", issuer=api_settings.ISSUER)
        self.key = peppered("refresh", bytes(session.key))

    def encode(self, payload: dict[str, Any]) -> str:
        claims = {**payload, "iss": self.issuer}
        return jwt.encode(claims, self.key, self.algorithm, headers={"typ": REFRESH_TYPE})

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        try:
            _header(token.encode(), REFRESH_TYPE)
            claims: dict[str, Any] = jwt.decode(
                token,
                self.key,
                algorithms=[self.algorithm],
                issuer=self.issuer,
                options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except _NOT_A_TOKEN as error:
            raise TokenBackendError("Token is invalid") from error
        return claims


_access_backend = AccessTokenBackend()


class AccessToken(simplejwt.AccessToken):
    """What every request carries. No roles and nothing personal: rights are read at the time of the request."""

    def get_token_backend(self) -> TokenBackend:
        return _access_backend

    @classmethod
    def of(cls, session: DeviceSession, scopes: frozenset[str]) -> Self:
        """A new access token of `session`; `scopes` is its ceiling, never a grant."""
        now = timezone.now()
        audience = Audience(session.audience)
        expires_at = min(now + lifetimes_of(audience).access, session.expires_at)
        token = cls()
        token.payload |= {
            "aud": audience.value,
            "sub": str(session.user_id),
            "sid": str(session.id),
            "did": str(session.device_id),
            "jti": uuid4().hex,
            "iat": _seconds(now),
            "nbf": _seconds(now),
            "exp": _seconds(expires_at),
            "auth_time": _seconds(session.auth_time),
            "amr": session.amr.split(),
            "scope": " ".join(sorted(scopes)),
            "sv": session.security_version,
            "rc": session.counter,
            "ver": TOKEN_VERSION,
        }
        if session.proof_key:
            token.payload["cnf"] = {"jkt": session.proof_key}
        return token


class RefreshToken(simplejwt.RefreshToken):
    """The current refresh token of a session, or one that a client presents, checked against it."""

    def __init__(self, session: DeviceSession, presented: str | None = None) -> None:
        self._token_backend = RefreshTokenBackend(session)
        super().__init__(presented)  # type: ignore[arg-type]
        if presented is None:
            self.payload = self._claims(session)

    def check_exp(self, claim: str = "exp", current_time: datetime | None = None) -> None:
        """The session's row decides about time, so that an old token counts as reuse however late it comes."""

    @property
    def counter(self) -> int:
        return int(self["rc"])

    def _claims(self, session: DeviceSession) -> dict[str, Any]:
        return {
            api_settings.TOKEN_TYPE_CLAIM: self.token_type,
            "sid": str(session.id),
            "rc": session.counter,
            "jti": f"{session.id.hex}.{session.counter}",
            "iat": _seconds(session.rotated_at),
            "exp": _seconds(min(session.idle_expires_at, session.expires_at)),
        }


def presented_session_id(encoded: str) -> UUID:
    """The session a refresh token names. Nothing is verified yet: the key to do so is in that session's row.

    Raises:
        InvalidToken: not a refresh token at all.
    """
    try:
        _header(encoded.encode(), REFRESH_TYPE)
        return UUID(jwt.decode(encoded, options={"verify_signature": False})["sid"])
    except (KeyError, TypeError, AttributeError, *_NOT_A_TOKEN) as error:
        raise InvalidToken from error


def _header(encoded: bytes, expected_type: str) -> dict[str, Any]:
    """The header of a token of the expected type. Keys and addresses that a header offers are never used."""
    if len(encoded) > MAX_TOKEN_LENGTH:
        raise jwt.DecodeError("Token is too long")
    header = jwt.get_unverified_header(encoded)
    if header.get("typ") != expected_type or "crit" in header:
        raise jwt.DecodeError("Token has the wrong type")
    return header


def _check_shape(claims: dict[str, Any]) -> None:
    """Ids, whole seconds, and one audience: a list would let a token pass for several kinds of client."""
    for name in ("sub", "sid", "did"):
        UUID(str(claims[name]))
    for name in _TIMES:
        if type(claims[name]) is not int:
            raise ValueError(name)
    Audience(str(claims["aud"]))


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
