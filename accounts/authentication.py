"""SimpleJWT's authenticator for DRF, over our own tokens and sessions."""

from typing import Any

from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication

from access.types import Principal
from accounts.errors import InvalidToken
from accounts.services.identification import identify, open_token
from accounts.tokens import AccessToken

FINGERPRINT_HEADER = "HTTP_X_DEVICE_FINGERPRINT"
ROLES_HEADER = "HTTP_X_GIGVORA_ROLES"


class SessionAuthentication(JWTAuthentication):
    """Bearer tokens of living sessions, sent from the devices they were given to."""

    www_authenticate_realm = "gigvora"

    def authenticate(self, request: Request) -> tuple[Principal, AccessToken] | None:  # type: ignore[override]
        header = self.get_header(request)
        if not header:
            return None
        token = self.get_validated_token(self.get_raw_token(header))
        return self.get_user(token, request), token

    def get_raw_token(self, header: bytes) -> bytes:
        """The token of the one `Bearer` credential; anything else in the header is a mistake, not an anonym."""
        parts = header.split()
        if len(parts) != 2 or parts[0].lower() != b"bearer":
            raise InvalidToken
        return parts[1]

    def get_validated_token(self, raw_token: bytes) -> AccessToken:
        return open_token(raw_token)

    def get_user(self, validated_token: Any, request: Request | None = None) -> Principal:  # type: ignore[override]
        headers = request.META if request is not None else {}
        return identify(
            validated_token,
            fingerprint=headers.get(FINGERPRINT_HEADER, ""),
            roles=headers.get(ROLES_HEADER),
        )
