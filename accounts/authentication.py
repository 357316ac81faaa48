"""SimpleJWT's authenticator for DRF, over our own tokens and sessions, and what requests say of their device."""

from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication

from access.services import require_assertion
from access.types import Principal
from accounts import dpop
from accounts.errors import InvalidToken
from accounts.services.identification import identify, open_token
from accounts.tokens import AccessToken
from core.http.limits import open_bill

FINGERPRINT_HEADER = "HTTP_X_DEVICE_FINGERPRINT"
ROLES_HEADER = "HTTP_X_GIGVORA_ROLES"
PROOF_HEADER = "HTTP_DPOP"
_BEARER, _PROVED = b"bearer", b"dpop"


class SessionAuthentication(JWTAuthentication):
    """Tokens of living sessions, sent from the devices they were given to, or signed for by their keys (RFC 9449)."""

    www_authenticate_realm = "gigvora"

    def authenticate(self, request: Request) -> tuple[Principal, AccessToken] | None:  # type: ignore[override]
        header = self.get_header(request)
        if not header:
            return None
        raw_token = self.get_raw_token(header)
        token = self.get_validated_token(raw_token)
        if settings.GATEWAY_PUBLIC_KEYS:
            require_assertion(request.META, request.path, access_token=raw_token, claims=token.payload)
        proof_key = proved_key(request, raw_token) if header[:4].lower() == _PROVED else ""
        return self.get_user(token, request, proof_key), token

    def get_raw_token(self, header: bytes) -> bytes:
        """The token of the one credential; anything else in the header is a mistake, not an anonym."""
        parts = header.split()
        if len(parts) != 2 or parts[0].lower() not in {_BEARER, _PROVED}:
            raise InvalidToken
        return parts[1]

    def get_validated_token(self, raw_token: bytes) -> AccessToken:
        return open_token(raw_token)

    def get_user(  # type: ignore[override]
        self, validated_token: Any, request: Request | None = None, proof_key: str = ""
    ) -> Principal:
        headers = request.META if request is not None else {}
        return identify(
            validated_token,
            bill=open_bill(request, validated_token["sub"], validated_token["did"]) if request is not None else None,
            fingerprint=headers.get(FINGERPRINT_HEADER, ""),
            roles=headers.get(ROLES_HEADER),
            proof_key=proof_key,
        )


def proved_key(request: Request, access_token: bytes = b"") -> str:
    """The thumbprint of the key that signed for this request; empty without a proof where no token asks for one.

    Raises:
        InvalidProof, ProofNonceRequired: as `dpop.verify` says.
    """
    encoded = request.META.get(PROOF_HEADER, "")
    if not encoded and not access_token:
        return ""
    proof = dpop.verify(encoded, method=str(request.method), path=request.path, access_token=access_token)
    view = (request.parser_context or {}).get("view")
    if proof.has_nonce and view is not None:
        view.headers["DPoP-Nonce"] = dpop.current_nonce()  # so that the next proof need not be refused first
    return proof.key
