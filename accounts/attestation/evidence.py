"""What all kinds of evidence share: how they are refused, what they are bound to, and how chains are checked."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography import x509
from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError

from accounts.types import Platform

_ROOTS = Path(__file__).with_name("roots")


class EvidenceKind(StrEnum):
    """What a device may bring; a challenge is set for one of them."""

    ATTESTATION = "attestation"
    ASSERTION = "assertion"
    DEVICECHECK = "devicecheck"
    STANDARD = "standard"
    CLASSIC = "classic"
    SAFETYNET = "safetynet"


KINDS = {
    Platform.IOS: frozenset({EvidenceKind.ATTESTATION, EvidenceKind.ASSERTION, EvidenceKind.DEVICECHECK}),
    Platform.ANDROID: frozenset({EvidenceKind.STANDARD, EvidenceKind.CLASSIC, EvidenceKind.SAFETYNET}),
    Platform.WEB: frozenset[EvidenceKind](),
}


class EvidenceInvalid(Exception):
    """The evidence is malformed, forged, or meant for another request, app or time; `reason` says which."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class ProviderUnavailable(Exception):
    """Apple or Google could not be asked, or did not answer in time; `reason` says which. Nothing is known."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def client_data_of(kind: EvidenceKind, device_id: UUID, challenge: str) -> str:
    """The text whose SHA-256 a device signs or has signed. It can mean one thing only."""
    return f"gigvora-attestation-v1\n{kind}\n{device_id}\n{challenge}"


def decoded(text: Any) -> bytes:
    """Base64 in either alphabet, padded or not. What is none of it equals nothing that anybody looks for."""
    try:
        return base64.b64decode(str(text).rstrip("=").replace("-", "+").replace("_", "/") + "==")
    except ValueError:
        return b""


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


@lru_cache(maxsize=8)
def shipped_roots(name: str) -> tuple[x509.Certificate, ...]:
    """The root certificates that come with the code, see `roots/README.md`."""
    return tuple(x509.load_pem_x509_certificates((_ROOTS / f"{name}.pem").read_bytes()))


def leaf_of_chain(chain: Sequence[bytes], roots: Sequence[x509.Certificate], at: datetime) -> x509.Certificate:
    """The first certificate (DER) of a chain that leads to one of the roots, all of them valid at that time.

    Raises:
        EvidenceInvalid: it does not.
    """
    leaf, intermediates = _parsed(chain)
    anything = ExtensionPolicy.permit_all()  # what a leaf must say differs, and each kind of evidence checks it
    verifier = (
        PolicyBuilder()
        .store(Store(list(roots)))
        .time(at)
        .max_chain_depth(2)
        .extension_policies(ee_policy=anything, ca_policy=ExtensionPolicy.webpki_defaults_ca())
        .build_client_verifier()
    )
    try:
        verifier.verify(leaf, intermediates)
    except VerificationError as error:
        raise EvidenceInvalid("untrusted_chain") from error
    return leaf


def _parsed(chain: Sequence[bytes]) -> tuple[x509.Certificate, list[x509.Certificate]]:
    if not chain:
        raise EvidenceInvalid("malformed_chain")
    try:
        parsed = [x509.load_der_x509_certificate(encoded) for encoded in chain]
    except (TypeError, ValueError, x509.InvalidVersion) as error:
        raise EvidenceInvalid("malformed_chain") from error
    # The parser overlooks how many bits of a signature are said to be unused, and DER knows one way to say it.
    if not all(encoded.endswith(b"\0" + known.signature) for encoded, known in zip(chain, parsed, strict=True)):
        raise EvidenceInvalid("malformed_chain")
    return parsed[0], parsed[1:]
