"""Apple's DeviceCheck: a token of a real device passes, and callers show a JWT of the developer's key."""

import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.fakes.https import HttpsServer, Reply, Request

REAL_TOKEN = "AgAAADxE..."  # what `DCDevice` gives an app


class DeviceCheckServer(HttpsServer):
    def __init__(self, team: str, key_id: str) -> None:
        super().__init__({("POST", "/v1/validate_device_token"): self.validate})
        self.team, self.key_id = team, key_id
        self.key = ec.generate_private_key(ec.SECP256R1())

    @property
    def private_key(self) -> str:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def validate(self, request: Request) -> Reply:
        if not self._knows(request.headers.get("authorization", "")):
            return Reply(401, b"Unable to verify authorization token")
        document: dict[str, Any] = json.loads(request.body)
        if set(document) != {"device_token", "transaction_id", "timestamp"}:
            return Reply(400, b"Missing or incorrectly formatted device token payload")
        if abs(time.time() * 1000 - document["timestamp"]) > 60_000:
            return Reply(400, b"Missing or incorrectly formatted time stamp")
        if document["device_token"] != REAL_TOKEN:
            return Reply(400, b"Missing or badly formatted authorization token")
        return Reply(200)

    def _knows(self, authorization: str) -> bool:
        token = authorization.removeprefix("Bearer ")
        try:
            claims = jwt.decode(token, self.key.public_key(), ["ES256"], options={"require": ["iss", "iat"]})
        except jwt.InvalidTokenError:
            return False
        return bool(claims["iss"] == self.team and jwt.get_unverified_header(token)["kid"] == self.key_id)
