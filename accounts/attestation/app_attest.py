"""Apple's App Attest: a key in the Secure Enclave, which Apple vouches for once, and which then signs.

The steps of "Validating apps that connect to your server" (Apple's DeviceCheck documentation). Not here: Apple's
receipts, which are kept for its fraud metric, and the counters of keys, which are kept in rows.
"""

import struct
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any

import cbor2
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from accounts.attestation.evidence import EvidenceInvalid, leaf_of_chain, sha256

NONCE_EXTENSION = x509.ObjectIdentifier("1.2.840.113635.100.8.2")
PRODUCTION, DEVELOPMENT = b"appattest" + bytes(7), b"appattestdevelop"  # what `aaguid` may be
MAX_CHAIN = 4  # certificates; Apple sends two

_NONCE_HEADER = bytes.fromhex("3024a1220420")  # SEQUENCE { [1] { OCTET STRING of 32 bytes } }
_HEAD = struct.Struct(">32sBI")  # of authenticator data: the hash of the app's id, flags, counter
_CREDENTIAL = struct.Struct(">16sH")  # what follows in an attestation: aaguid, length of the credential's id


@dataclass(frozen=True, slots=True)
class AttestedKey:
    """A key that Apple says lives in the Secure Enclave of a device that runs our app, unaltered."""

    key_id: bytes
    public_key: bytes  # a point of P-256, uncompressed (X9.62)
    is_development: bool
    receipt: bytes


def verify_attestation(
    attestation: bytes,
    *,
    key_id: bytes,
    client_data_hash: bytes,
    app_ids: Collection[str],
    roots: Sequence[x509.Certificate],
    at: datetime,
    allow_development: bool = False,
) -> AttestedKey:
    """The key that an attestation object (CBOR) vouches for. `app_ids` are ours: team id, dot, bundle id.

    Raises:
        EvidenceInvalid: any step fails.
    """
    statement, authenticator = _opened_attestation(attestation)
    leaf = leaf_of_chain(statement["x5c"][:MAX_CHAIN], roots, at)
    _check_nonce(leaf, sha256(authenticator, client_data_hash))
    public_key = _point(leaf)
    if not compare_digest(sha256(public_key), key_id):
        raise EvidenceInvalid("wrong_key")
    counter = _check_app(authenticator, app_ids)
    aaguid, credential_id = _credential(authenticator)
    if counter != 0:
        raise EvidenceInvalid("wrong_counter")
    if aaguid != PRODUCTION and not (allow_development and aaguid == DEVELOPMENT):
        raise EvidenceInvalid("wrong_environment")
    if credential_id != key_id:
        raise EvidenceInvalid("wrong_key")
    return AttestedKey(key_id, public_key, aaguid == DEVELOPMENT, statement["receipt"])


def verify_assertion(assertion: bytes, *, public_key: bytes, client_data_hash: bytes, app_ids: Collection[str]) -> int:
    """The counter of an assertion object (CBOR) that the key has signed. It must be greater than any before.

    Raises:
        EvidenceInvalid: any step fails.
    """
    found = _decoded(assertion)
    signature, authenticator = found.get("signature"), found.get("authenticatorData")
    if not isinstance(signature, bytes) or not isinstance(authenticator, bytes):
        raise EvidenceInvalid("malformed")
    key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), public_key)
    try:
        key.verify(signature, sha256(authenticator, client_data_hash), ECDSA(SHA256()))
    except InvalidSignature as error:
        raise EvidenceInvalid("wrong_signature") from error
    return _check_app(authenticator, app_ids)


def _opened_attestation(attestation: bytes) -> tuple[dict[str, Any], bytes]:
    found = _decoded(attestation)
    statement, authenticator = found.get("attStmt"), found.get("authData")
    if found.get("fmt") != "apple-appattest" or not isinstance(statement, dict):
        raise EvidenceInvalid("malformed")
    if not isinstance(authenticator, bytes) or not isinstance(statement.get("receipt"), bytes):
        raise EvidenceInvalid("malformed")
    if not isinstance(statement.get("x5c"), list) or not statement["x5c"]:
        raise EvidenceInvalid("malformed")
    return statement, authenticator


def _decoded(encoded: bytes) -> dict[str, Any]:
    try:
        found = cbor2.loads(
            encoded,
            max_depth=4,
            allow_indefinite=False,
            allow_duplicate_keys=False,
            strict_hashable_types=True,
        )
    except cbor2.CBORDecodeError as error:
        raise EvidenceInvalid("malformed") from error
    if not isinstance(found, dict):
        raise EvidenceInvalid("malformed")
    return found


def _check_nonce(leaf: x509.Certificate, nonce: bytes) -> None:
    """Apple has signed what we asked for: the nonce stands in an extension of the certificate."""
    try:
        extension = leaf.extensions.get_extension_for_oid(NONCE_EXTENSION).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError) as error:
        raise EvidenceInvalid("malformed_chain") from error
    if not isinstance(extension, x509.UnrecognizedExtension):
        raise EvidenceInvalid("malformed_chain")
    if not compare_digest(extension.value, _NONCE_HEADER + nonce):
        raise EvidenceInvalid("wrong_challenge")


def _point(leaf: x509.Certificate) -> bytes:
    key = leaf.public_key()
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise EvidenceInvalid("wrong_key")
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _check_app(authenticator: bytes, app_ids: Collection[str]) -> int:
    """The counter in authenticator data of one of our apps."""
    if len(authenticator) < _HEAD.size:
        raise EvidenceInvalid("malformed")
    app_id_hash, _, counter = _HEAD.unpack_from(authenticator)
    if app_id_hash not in {sha256(app_id.encode()) for app_id in app_ids}:
        raise EvidenceInvalid("wrong_app")
    return int(counter)


def _credential(authenticator: bytes) -> tuple[bytes, bytes]:
    if len(authenticator) < _HEAD.size + _CREDENTIAL.size:
        raise EvidenceInvalid("malformed")
    aaguid, length = _CREDENTIAL.unpack_from(authenticator, _HEAD.size)
    start = _HEAD.size + _CREDENTIAL.size
    return aaguid, authenticator[start : start + length]
