"""Secrets that a development machine makes for itself, kept under `GIGVORA_HOME`.

Production never comes here: there the environment must name every secret.
"""

import base64
import hashlib
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


def development_secret(home: Path) -> str:
    return _read_or_create(home / "keys" / "secret.key", lambda: secrets.token_urlsafe(48))


def development_signing_key(home: Path, name: str = "signing") -> str:
    return _read_or_create(home / "keys" / f"{name}.pem", _new_p256_pem)


def development_pins(home: Path) -> list[str]:
    """Pins of two keys made here, for whoever ends TLS on this machine: `keys/tls.pem`, and its backup."""
    return [_pin(development_signing_key(home, name)) for name in ("tls", "tls-backup")]


def _pin(pem: str) -> str:
    public = serialization.load_pem_private_key(pem.encode(), password=None).public_key()
    spki = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return "sha256/" + base64.b64encode(hashlib.sha256(spki).digest()).decode()


def _new_p256_pem() -> str:
    return (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


def _read_or_create(path: Path, create: Callable[[], str]) -> str:
    """Read the file, or write it first; of several processes starting at once one wins."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_suffix(f".{os.getpid()}.{time.monotonic_ns()}")
        draft.touch(mode=0o600)
        draft.write_text(create())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()
