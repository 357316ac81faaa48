"""Google as Play Integrity asks it: service accounts get a bearer token, and with it have integrity tokens opened."""

import json
import secrets
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.fakes.https import HttpsServer, Reply, Request

SCOPE = "https://www.googleapis.com/auth/playintegrity"
ACCOUNT = "backend@gigvora.iam.gserviceaccount.com"


class GooglePlayServer(HttpsServer):
    """Opens the tokens of one package. `payloads` holds what stands in each token that it knows."""

    def __init__(self, package: str) -> None:
        super().__init__(
            {
                ("POST", "/token"): self.grant,
                ("POST", f"/v1/{package}:decodeIntegrityToken"): self.decode,
            }
        )
        self.key = rsa.generate_private_key(65537, 2048)
        self.payloads: dict[str, dict[str, Any]] = {}
        self.granted: set[str] = set()

    @property
    def service_account(self) -> str:
        pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        return json.dumps(
            {
                "type": "service_account",
                "client_email": ACCOUNT,
                "private_key_id": "key-1",
                "private_key": pem,
                "token_uri": f"{self.url}/token",
            }
        )

    def seal(self, payload: dict[str, Any]) -> str:
        """An integrity token, opaque to everybody else."""
        token = secrets.token_urlsafe(300)
        self.payloads[token] = payload
        return token

    def grant(self, request: Request) -> Reply:
        try:
            claims = jwt.decode(
                request.form.get("assertion", ""), self.key.public_key(), ["RS256"], audience=f"{self.url}/token"
            )
        except jwt.InvalidTokenError:
            return Reply.json({"error": "invalid_grant"}, 400)
        if (claims["iss"], claims["scope"]) != (ACCOUNT, SCOPE) or claims["exp"] - claims["iat"] > 3600:
            return Reply.json({"error": "invalid_scope"}, 400)
        token = secrets.token_urlsafe(24)
        self.granted.add(token)
        return Reply.json({"access_token": token, "expires_in": 3599, "token_type": "Bearer"})

    def decode(self, request: Request) -> Reply:
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.granted:
            return Reply.json({"error": {"code": 401, "status": "UNAUTHENTICATED"}}, 401)
        payload = self.payloads.get(json.loads(request.body).get("integrity_token", ""))
        if payload is None:
            return Reply.json({"error": {"code": 400, "status": "INVALID_ARGUMENT"}}, 400)
        return Reply.json({"tokenPayloadExternal": payload})
