"""Keys in the hardware of phones, and what an app does with them."""

import base64
import hashlib
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.utils import base64url_encode
from rest_framework.test import APIClient

ROOT = "/v1/auth/biometric"


class DeviceKey:
    """A key in a phone's hardware. It signs as the phone's own libraries do, from nothing but what it received."""

    def __init__(self, device_id: object) -> None:
        self.device_id = str(device_id)
        self.private = ec.generate_private_key(ec.SECP256R1())

    @property
    def spki(self) -> str:
        public = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(public).decode()

    def sign(self, asked: dict[str, str], purpose: str, signed: dict[str, Any] | None = None) -> str:
        canonical = b"" if signed is None else rfc8785.dumps(signed)
        text = f"gigvora-dk-v1{asked['id']}{asked['nonce']}{self.device_id}{purpose}".encode()
        return base64url_encode(
            self.private.sign(text + hashlib.sha256(canonical).digest(), ec.ECDSA(SHA256())),
        ).decode()


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json().get("code", "")


def ask(device_id: object, purpose: str = "sign_in", **body: Any) -> dict[str, str]:
    answer = APIClient().post(
        f"{ROOT}/challenge", {"device_id": str(device_id), "purpose": purpose, **body}, format="json"
    )
    assert answer.status_code == 201, answer.content
    asked: dict[str, str] = answer.json()
    return asked


def verify(
    asked: dict[str, str], signature: str, client: APIClient | None = None, headers: dict[str, str] | None = None
) -> Any:
    body = {"id": asked["id"], "signature": signature}
    return (client or APIClient()).post(f"{ROOT}/verify", body, format="json", headers=headers or {})
