"""App Attest objects: Apple's own sample passes, and nothing passes of which a single bit is another."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.attestation.app_attest import AttestedKey, verify_assertion, verify_attestation
from accounts.attestation.evidence import EvidenceInvalid, shipped_roots
from tests.accounts.attestation import apple_sample
from tests.accounts.attestation.forge import DEVELOPMENT, RECEIPT, Authority, Phone, cbor, hashed

APP_ID = "A1B2C3D4E5.com.gigvora.app"
CLIENT_DATA = "what the server asked"

AUTHORITY = Authority()
PHONE = Phone(AUTHORITY, APP_ID)
ATTESTATION = PHONE.attest(CLIENT_DATA)
ASSERTION = PHONE.sign(CLIENT_DATA, counter=7)


def attested(attestation: bytes = ATTESTATION, **given: Any) -> AttestedKey:
    usual: dict[str, Any] = {
        "key_id": PHONE.key_id,
        "client_data_hash": hashed(CLIENT_DATA),
        "app_ids": ["A1B2C3D4E5.com.gigvora.other", APP_ID],
        "roots": [AUTHORITY.root],
        "at": datetime.now(UTC),
    }
    return verify_attestation(attestation, **(usual | given))


def asserted(assertion: bytes = ASSERTION, **given: Any) -> int:
    usual: dict[str, Any] = {
        "public_key": PHONE.point,
        "client_data_hash": hashed(CLIENT_DATA),
        "app_ids": [APP_ID],
    }
    return verify_assertion(assertion, **(usual | given))


def apples_sample(**given: Any) -> AttestedKey:
    statement = {"x5c": [apple_sample.LEAF, apple_sample.INTERMEDIATE], "receipt": b""}
    sample = {"fmt": "apple-appattest", "attStmt": statement, "authData": apple_sample.AUTHENTICATOR_DATA}
    usual: dict[str, Any] = {
        "key_id": apple_sample.KEY_ID,
        "client_data_hash": apple_sample.CLIENT_DATA_HASH,
        "app_ids": [apple_sample.APP_ID],
        "roots": shipped_roots("apple_app_attestation"),
        "at": apple_sample.VALID_AT,
    }
    return verify_attestation(cbor(sample), **(usual | given))


def refusal(verify: Any, *arguments: Any, **given: Any) -> str:
    with pytest.raises(EvidenceInvalid) as refused:
        verify(*arguments, **given)
    return refused.value.reason


def test_attestation__apples_own_sample__passes_under_the_shipped_root() -> None:
    key = apples_sample()

    assert (key.key_id, key.is_development) == (apple_sample.KEY_ID, False)
    assert refusal(apples_sample, at=apple_sample.VALID_AT + timedelta(days=3)) == "untrusted_chain"
    assert refusal(apples_sample, app_ids=[APP_ID]) == "wrong_app"
    assert refusal(apples_sample, client_data_hash=b"another challenge") == "wrong_challenge"
    assert refusal(apples_sample, roots=[AUTHORITY.root]) == "untrusted_chain"


def test_attestation__of_a_genuine_app__tells_the_key() -> None:
    assert attested() == AttestedKey(PHONE.key_id, PHONE.point, is_development=False, receipt=RECEIPT)


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ({"app_id": "A1B2C3D4E5.com.evil.app"}, "wrong_app"),
        ({"app_id": "ZZZZZZZZZZ.com.gigvora.app"}, "wrong_app"),
        ({"counter": 1}, "wrong_counter"),
        ({"aaguid": DEVELOPMENT}, "wrong_environment"),
        ({"aaguid": bytes(16)}, "wrong_environment"),
        ({"credential_id": bytes(32)}, "wrong_key"),
        ({"credential_id": b""}, "wrong_key"),
        ({"key": ec.generate_private_key(ec.SECP256R1())}, "wrong_key"),
        ({"key": ec.generate_private_key(ec.SECP384R1())}, "wrong_key"),
        ({"days": (-5, -1)}, "untrusted_chain"),
        ({"days": (1, 3)}, "untrusted_chain"),
        ({"chain": [b"no certificate"]}, "malformed_chain"),
        ({"chain": [AUTHORITY.root.public_bytes(Encoding.DER)] * 2}, "malformed_chain"),
        ({"chain": [apple_sample.LEAF, apple_sample.INTERMEDIATE]}, "untrusted_chain"),
        ({"fmt": "packed"}, "malformed"),
    ],
)
def test_attestation__odd_in_one_part__is_refused_for_it(odd: dict[str, Any], reason: str) -> None:
    assert refusal(attested, PHONE.attest(CLIENT_DATA, **odd)) == reason


def test_attestation__for_development__passes_only_where_it_may() -> None:
    attestation = PHONE.attest(CLIENT_DATA, aaguid=DEVELOPMENT)

    assert attested(attestation, allow_development=True).is_development
    assert refusal(attested, attestation) == "wrong_environment"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"key_id": bytes(32)}, "wrong_key"),
        ({"client_data_hash": hashed("another challenge")}, "wrong_challenge"),
        ({"app_ids": []}, "wrong_app"),
        ({"roots": [Authority().root]}, "untrusted_chain"),
        ({"at": datetime.now(UTC) + timedelta(days=30)}, "untrusted_chain"),
    ],
)
def test_attestation__for_somebody_else__is_refused(given: dict[str, Any], reason: str) -> None:
    assert refusal(attested, **given) == reason


def test_assertion__of_the_key__tells_its_counter() -> None:
    assert asserted() == 7


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ({"app_id": "A1B2C3D4E5.com.evil.app"}, "wrong_app"),
        ({"key": ec.generate_private_key(ec.SECP256R1())}, "wrong_signature"),
    ],
)
def test_assertion__odd_in_one_part__is_refused_for_it(odd: dict[str, Any], reason: str) -> None:
    assert refusal(asserted, PHONE.sign(CLIENT_DATA, counter=1, **odd)) == reason


def test_assertion__of_other_client_data__is_refused() -> None:
    assert refusal(asserted, client_data_hash=hashed("another request")) == "wrong_signature"


def test_attestation__any_one_bit_turned__is_refused() -> None:
    start = ATTESTATION.index(RECEIPT)  # what only Apple reads, Apple alone can check
    receipt = range(start * 8, (start + len(RECEIPT)) * 8)

    reasons = {refusal(attested, turned(ATTESTATION, bit)) for bit in range(len(ATTESTATION) * 8) if bit not in receipt}

    assert reasons == {"malformed", "malformed_chain", "untrusted_chain", "wrong_challenge"}


def test_assertion__any_one_bit_turned__is_refused() -> None:
    reasons = {refusal(asserted, turned(ASSERTION, bit)) for bit in range(len(ASSERTION) * 8)}

    assert reasons == {"malformed", "wrong_signature"}


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_bytes__presented__are_refused_in_our_own_words(noise: bytes) -> None:
    assert refusal(attested, noise)
    assert refusal(asserted, noise)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_attestation__cut_or_patched__is_refused_in_our_own_words(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(ATTESTATION)))
    patch = data.draw(st.binary(min_size=1, max_size=8))
    changed = ATTESTATION[:start] + patch + ATTESTATION[start + len(patch) :]

    assert refusal(attested, ATTESTATION[:start]) if start < len(ATTESTATION) else True
    try:
        attested(changed)
    except EvidenceInvalid:
        return
    assert start > ATTESTATION.index(b"receipt") or changed[: len(ATTESTATION)] == ATTESTATION


@pytest.mark.parametrize(
    "hostile",
    [
        b"\x81" * 100_000 + b"\x00",
        b"\xbb" + b"\xff" * 8,
        b"\x5b\x7f" + b"\xff" * 7,
        bytes.fromhex("c4821b7fffffffffffffff01"),
        bytes.fromhex("a1a000"),
        bytes.fromhex("d81c81d81d00"),
        bytes.fromhex("a2616101616102"),
        cbor({"fmt": "apple-appattest", "attStmt": {"x5c": [], "receipt": b""}, "authData": b""}),
        cbor({"fmt": "apple-appattest", "attStmt": {"x5c": ["text"], "receipt": b""}, "authData": b""}),
        cbor({"fmt": "apple-appattest", "attStmt": [], "authData": b""}),
        cbor({"signature": b"", "authenticatorData": b""}),
    ],
)
def test_any_bytes__hostile_to_parsers__are_refused_in_our_own_words(hostile: bytes) -> None:
    assert refusal(attested, hostile)
    assert refusal(asserted, hostile)


def turned(raw: bytes, bit: int) -> bytes:
    return raw[: bit // 8] + bytes([raw[bit // 8] ^ 1 << bit % 8]) + raw[bit // 8 + 1 :]
