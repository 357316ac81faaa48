"""Keys that clients hold: what signs DPoP proofs (RFC 9449) as a client does."""

import hashlib
import json
import time
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from jwt.utils import base64url_encode
from rest_framework.test import APIClient

from accounts.p256 import jwk_of, thumbprint
from tests.accounts.actors import PASSWORD


class ProofKey:
    """A P-256 key in a client's hands. Claims and header of a proof can be changed or, with None, left out."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())

    @property
    def thumbprint(self) -> str:
        return thumbprint(self.private.public_key())

    @property
    def jwk(self) -> dict[str, str]:
        return jwk_of(self.private.public_key())

    def proof(
        self, method: str, path: str, access_token: str = "", *, header: dict[str, Any] | None = None, **claims: Any
    ) -> str:
        own: dict[str, Any] = {
            "jti": uuid4().hex,
            "htm": method,
            "htu": settings.PUBLIC_BASE_URL + path,
            "iat": int(time.time()),
            "ath": _digest(access_token) if access_token else None,
        }
        given = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk, **(header or {})}
        return sign(_kept(own | claims), _kept(given), self.private)


class ProvingClient(APIClient):
    """DRF's test client, which signs for what it sends once it has a key, and for its tokens once it has any."""

    def __init__(self, key: ProofKey) -> None:
        super().__init__()
        self.key = key
        self.access_token = ""

    def request(self, **environ: Any) -> Any:
        proof = self.key.proof(environ["REQUEST_METHOD"], environ["PATH_INFO"], self.access_token)
        own = {"HTTP_DPOP": proof}
        if self.access_token:
            own["HTTP_AUTHORIZATION"] = f"DPoP {self.access_token}"
        return super().request(**{**own, **environ})

    def sign_in(self, email: str, platform: str = "ios") -> Any:
        """Sign in with the password of all test people; the token answer."""
        body = {"email": email, "password": PASSWORD, "device": {"platform": platform}}
        answer = self.post("/v1/auth/login", body, format="json")
        assert answer.status_code == 200, answer.content
        self.access_token = answer.json()["access_token"]
        return answer.json()


def sign(claims: dict[str, Any], header: dict[str, Any], key: Any) -> str:
    """A compact JWS over exactly this header; `none` and HS256 as an attacker would make them."""
    algorithm = header.get("alg", "ES256")
    head, body = (base64url_encode(json.dumps(part).encode()) for part in (header, claims))
    message = head + b"." + body
    if algorithm == "ES256":
        signature = jwt.get_algorithm_by_name("ES256").sign(message, key)
    elif algorithm == "HS256":
        signature = jwt.get_algorithm_by_name("HS256").sign(message, b"x" * 32)
    else:
        signature = b""
    return (message + b"." + base64url_encode(signature)).decode()


def _kept(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _digest(access_token: str) -> str:
    return base64url_encode(hashlib.sha256(access_token.encode()).digest()).decode()
