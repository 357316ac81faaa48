"""A gateway as the backend expects one: it signs for each request that it lets through."""

import base64
import hashlib
import time
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from rest_framework.test import APIClient

HEADER = "HTTP_X_GIGVORA_GATEWAY_ASSERTION"


class Gateway:
    """Claims and header of an assertion can be changed or, with None, left out."""

    def __init__(self) -> None:
        self.private = Ed25519PrivateKey.generate()

    @property
    def public_pem(self) -> str:
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def assertion(
        self, access_token: str, method: str, path: str, roles: str = "", /, *, typ: str = "gw+jwt", **changed: Any
    ) -> str:
        bearer = jwt.decode(access_token, options={"verify_signature": False})
        now = int(time.time())
        claims = {
            "iss": "gigvora-gateway",
            "aud": "gigvora-backend",
            "iat": now,
            "exp": now + 30,
            "jti": uuid4().hex,
            "sub": bearer["sub"],
            "sid": bearer["sid"],
            "ath": base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()).rstrip(b"=").decode(),
            "htm": method,
            "path": path,
            "roles": roles.split(",") if roles else [],
            "client_ip": "203.0.113.5",
            "dfp_ok": True,
        }
        given = {name: value for name, value in (claims | changed).items() if value is not None}
        return jwt.encode(given, self.private, "EdDSA", headers={"typ": typ})


class ThroughGateway(APIClient):
    """DRF's test client behind a gateway: what it sends is signed for on the way."""

    def __init__(self, gateway: Gateway, access_token: str, roles: str = "") -> None:
        super().__init__()
        self.gateway, self.access_token, self.roles = gateway, access_token, roles
        self.changed: dict[str, Any] = {}

    def request(self, **environ: Any) -> Any:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        own = {
            "HTTP_AUTHORIZATION": f"Bearer {self.access_token}",
            HEADER: self.gateway.assertion(self.access_token, method, path, self.roles, **self.changed),
        }
        if self.roles:
            own["HTTP_X_GIGVORA_ROLES"] = self.roles
        return super().request(**{**own, **environ})
