"""An authenticator in software: answers WebAuthn options as a phone does, and lies where a test asks it to."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from jwt.utils import base64url_decode, base64url_encode
from rest_framework.test import APIClient

Json = dict[str, Any]
ROOT = "/v1/auth/passkeys"
AAGUID = UUID("ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4")  # Google Password Manager
_PRESENT, _VERIFIED, _MAY_BACK_UP, _BACKED_UP, _ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


def b64(raw: bytes) -> str:
    return base64url_encode(raw).decode()


@dataclass
class Authenticator:
    """One credential at most. `is_verifying`: somebody has shown a finger, a face or a PIN."""

    origin: str = "http://localhost:8000"
    is_verifying: bool = True
    is_backed_up: bool = True
    sign_count: int = 0
    rp_id: str = ""  # instead of the one it is asked for
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(20))
    user_handle: str = ""

    def register(self, options: Json) -> Json:
        """`RegistrationResponseJSON` for the options of a registration."""
        self.user_handle = options["user"]["id"]
        attested = AAGUID.bytes + len(self.credential_id).to_bytes(2, "big") + self.credential_id + self._cose()
        data = self._data(options["rp"]["id"], _ATTESTED) + attested
        statement = {"fmt": "none", "attStmt": {}, "authData": data}
        response = {
            "clientDataJSON": b64(self._client_data("webauthn.create", options["challenge"])),
            "attestationObject": b64(cbor2.dumps(statement)),
            "transports": ["hybrid", "internal"],
        }
        return self._credential(response)

    def sign_in(self, options: Json) -> Json:
        """`AuthenticationResponseJSON` for the options of a sign-in."""
        client_data = self._client_data("webauthn.get", options["challenge"])
        data = self._data(options["rpId"], 0)
        signature = self.private.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": b64(client_data),
            "authenticatorData": b64(data),
            "signature": b64(signature),
            "userHandle": self.user_handle,
        }
        return self._credential(response)

    def _credential(self, response: Json) -> Json:
        return {
            "id": b64(self.credential_id),
            "rawId": b64(self.credential_id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }

    def _client_data(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _data(self, rp_id: str, flags: int) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.is_verifying else 0)
        flags |= _MAY_BACK_UP | _BACKED_UP if self.is_backed_up else 0
        digest = hashlib.sha256((self.rp_id or rp_id).encode()).digest()
        return digest + bytes([flags]) + self.sign_count.to_bytes(4, "big")

    def _cose(self) -> bytes:
        numbers = self.private.public_key().public_numbers()
        x, y = (coordinate.to_bytes(32, "big") for coordinate in (numbers.x, numbers.y))
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})


def replaced(credential: Json, name: str, value: Any) -> Json:
    """The credential with one part of its response replaced; None leaves it out."""
    response = {**credential["response"], name: value}
    return {**credential, "response": {key: part for key, part in response.items() if part is not None}}


def client_data(credential: Json) -> Json:
    said: Json = json.loads(base64url_decode(credential["response"]["clientDataJSON"]))
    return said


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json().get("code", "")


def begin_registration(client: APIClient) -> Json:
    response = client.post(f"{ROOT}/registration/options", format="json")
    assert response.status_code == 201, response.content
    options: Json = response.json()["public_key"]
    return options


def register(client: APIClient, authenticator: Authenticator, **body: Any) -> Any:
    credential = authenticator.register(begin_registration(client))
    return client.post(f"{ROOT}/registration/verify", {"credential": credential, **body}, format="json")


def begin_sign_in(**body: str) -> Json:
    response = APIClient().post(f"{ROOT}/sign-in/options", body, format="json")
    assert response.status_code == 201, response.content
    options: Json = response.json()["public_key"]
    return options


def sign_in_with(credential: Json, **body: Any) -> Any:
    return APIClient().post(f"{ROOT}/sign-in/verify", {"credential": credential, **body}, format="json")
