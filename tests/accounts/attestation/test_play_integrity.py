"""Tokens of Google: opened with the console's keys, compared with the request, and only then read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.attestation import play_integrity, safetynet
from accounts.attestation.evidence import EvidenceInvalid
from accounts.attestation.play_integrity import Expected, Verdict
from core.http.access import Assurance
from tests.accounts.attestation.forge import Authority, Play, SafetyNet, b64, hashed

PACKAGE, CERTIFICATE = "com.gigvora.app", hashed("the certificate that signs our app")
CLIENT_DATA = "what the server asked"
PLAY = Play(PACKAGE, CERTIFICATE)
GOOGLE = Authority("GTS")
OLD = SafetyNet(GOOGLE, PACKAGE, CERTIFICATE)
TOKEN = PLAY.token(PLAY.payload(CLIENT_DATA))

EXPECTED = Expected(request_hash=hashed(CLIENT_DATA), packages=[PACKAGE], certificates=[CERTIFICATE])
BASIC, DEVICE, STRONG = "MEETS_BASIC_INTEGRITY", "MEETS_DEVICE_INTEGRITY", "MEETS_STRONG_INTEGRITY"


def opened(token: str = TOKEN, **given: Any) -> dict[str, Any]:
    usual = {"decryption_key": PLAY.decryption_key, "verification_key": PLAY.verification_key}
    return play_integrity.open_token(token, **(usual | given))


def judged(*labels: str, **odd: Any) -> Verdict:
    return play_integrity.judge(PLAY.payload(CLIENT_DATA, labels, **odd), EXPECTED, at=datetime.now(UTC))


def judged_safetynet(**odd: Any) -> Verdict:
    token = OLD.token(odd.pop("client_data", CLIENT_DATA), **odd)
    return safetynet.judge(token, expected=EXPECTED, roots=[GOOGLE.root], at=datetime.now(UTC))


def test_token__made_for_us__is_opened() -> None:
    assert opened()["requestDetails"]["requestPackageName"] == PACKAGE


@pytest.mark.parametrize(
    "token",
    [
        PLAY.token(PLAY.payload(CLIENT_DATA), key=ec.generate_private_key(ec.SECP256R1())),
        PLAY.token(PLAY.payload(CLIENT_DATA), secret=AESGCM.generate_key(256)),
        PLAY.token({}).rpartition(".")[0],
        "",
        "a.b.c.d.e",
        "e30.e30.e30.e30.e30",
        "é" * 40,
        "." * 10_000,
        "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA",
    ],
)
def test_token__not_googles_for_us__is_refused(token: str) -> None:
    with pytest.raises(EvidenceInvalid):
        opened(token)


@given(st.integers(0, len(TOKEN) - 1), st.characters(codec="ascii"))
@settings(max_examples=300, deadline=None)
def test_token__one_character_changed__is_refused(place: int, letter: str) -> None:
    changed = TOKEN[:place] + letter + TOKEN[place + 1 :]
    try:
        payload = opened(changed)
    except EvidenceInvalid:
        return
    assert payload == opened()  # the last character of a part may hold bits that mean nothing


@pytest.mark.parametrize(
    ("labels", "level"),
    [
        ([BASIC, DEVICE, STRONG], Assurance.STRONG),
        ([BASIC, DEVICE], Assurance.DEVICE),
        ([BASIC], Assurance.BASIC),
        (["MEETS_VIRTUAL_INTEGRITY"], Assurance.NONE),
        ([], Assurance.NONE),
        (["MEETS_INTEGRITY_OF_2030", ""], Assurance.NONE),
    ],
)
def test_verdict__by_its_labels__is_a_level(labels: list[str], level: Assurance) -> None:
    assert judged(*labels).assurance is level


@pytest.mark.parametrize(
    ("odd", "verdict"),
    [
        ({"recognised": "UNRECOGNIZED_VERSION"}, Verdict(Assurance.NONE, "unrecognised_app")),
        ({"recognised": "UNEVALUATED"}, Verdict(Assurance.BASIC, "unevaluated_app")),
        ({"recognised": None}, Verdict(Assurance.BASIC, "unevaluated_app")),
        ({"found_package": "com.evil.app"}, Verdict(Assurance.NONE, "wrong_app")),
        ({"certificate": hashed("another")}, Verdict(Assurance.NONE, "wrong_app")),
        ({"licence": "UNLICENSED"}, Verdict(Assurance.NONE, "unlicensed")),
        ({"licence": "UNEVALUATED"}, Verdict(Assurance.STRONG)),
        ({"bound_by": "requestHash"}, Verdict(Assurance.STRONG)),
    ],
)
def test_verdict__of_app_and_licence__bounds_the_level(odd: dict[str, Any], verdict: Verdict) -> None:
    assert judged(BASIC, DEVICE, STRONG, **odd) == verdict


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ({"package": "com.evil.app"}, "wrong_app"),
        ({"hash": b64(hashed("another request"))}, "wrong_challenge"),
        ({"hash": ""}, "wrong_challenge"),
        ({"hash": 7}, "wrong_challenge"),
        ({"bound_by": "neither"}, "wrong_challenge"),
        ({"ahead": -7 * 60_000}, "expired"),
        ({"ahead": 2 * 60_000}, "expired"),
        ({"milliseconds": "soon"}, "malformed"),
        ({"milliseconds": 10**30}, "malformed"),
        ({"more": {"testingDetails": {"isTestingResponse": True}}}, "wrong_environment"),
        ({"more": {"requestDetails": None}}, "wrong_app"),
    ],
)
def test_request__not_the_one_that_was_asked_for__is_refused_before_any_verdict(
    odd: dict[str, Any], reason: str
) -> None:
    with pytest.raises(EvidenceInvalid) as refused:
        judged(STRONG, **odd)
    assert refused.value.reason == reason


@given(st.recursive(st.none() | st.booleans() | st.text(max_size=9) | st.integers(), st.lists))
def test_verdict__of_any_shape__is_refused_in_our_own_words_or_worth_nothing(strange: Any) -> None:
    payload = PLAY.payload(CLIENT_DATA)
    for part in ("appIntegrity", "deviceIntegrity", "accountDetails"):
        assert play_integrity.judge({**payload, part: strange}, EXPECTED, at=datetime.now(UTC))
    labels = {**payload, "deviceIntegrity": {"deviceRecognitionVerdict": strange}}
    assert play_integrity.judge(labels, EXPECTED, at=datetime.now(UTC)).assurance is Assurance.NONE


def test_safetynet__genuine__is_the_legacy_level() -> None:
    assert judged_safetynet() == Verdict(Assurance.BASIC, "legacy", is_legacy=True)


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"basicIntegrity": False}, "untrusted_device"),
        ({"basicIntegrity": "true"}, "untrusted_device"),
        ({"apkCertificateDigestSha256": [b64(hashed("another"))]}, "wrong_app"),
        ({"apkCertificateDigestSha256": None}, "wrong_app"),
    ],
)
def test_safetynet__of_a_bad_device_or_app__is_worth_nothing(claims: dict[str, Any], reason: str) -> None:
    assert judged_safetynet(claims=claims) == Verdict(Assurance.NONE, reason)


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ({"client_data": "another request"}, "wrong_challenge"),
        ({"claims": {"nonce": None}}, "wrong_challenge"),
        ({"claims": {"apkPackageName": "com.evil.app"}}, "wrong_app"),
        ({"ahead": -7 * 60_000}, "expired"),
        ({"host": "evil.android.com.example"}, "untrusted_chain"),
        ({"key": rsa.generate_private_key(65537, 2048)}, "malformed"),
        ({"chain": ["AAAA"]}, "malformed_chain"),
        ({"chain": []}, "malformed_chain"),
        ({"chain": "AAAA"}, "malformed"),
        ({"chain": [None]}, "malformed"),
        ({"chain": [7]}, "malformed"),
    ],
)
def test_safetynet__not_googles_for_this_request__is_refused(odd: dict[str, Any], reason: str) -> None:
    with pytest.raises(EvidenceInvalid) as refused:
        judged_safetynet(**odd)
    assert refused.value.reason == reason


@pytest.mark.parametrize("token", ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "é", "." * 9999])
def test_safetynet__no_token_at_all__is_refused(token: str) -> None:
    with pytest.raises(EvidenceInvalid):
        safetynet.judge(token, expected=EXPECTED, roots=[GOOGLE.root], at=datetime.now(UTC))


def test_safetynet__of_an_unknown_authority__is_refused() -> None:
    with pytest.raises(EvidenceInvalid, match="untrusted_chain"):
        safetynet.judge(
            OLD.token(CLIENT_DATA),
            expected=EXPECTED,
            roots=[Authority("GTS").root],
            at=datetime.now(UTC) + timedelta(seconds=1),
        )
