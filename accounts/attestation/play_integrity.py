"""Google's Play Integrity: tokens in which Google tells what it thinks of the app and the device that asked.

First the request is compared with the one we know of, and only then are verdicts read, as Google demands. Tokens
are opened here, where the keys of the Play Console are at hand, or by Google (`google.py`).
"""

import base64
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hmac import compare_digest
from typing import Any

from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey

from accounts.attestation.evidence import EvidenceInvalid, decoded
from core.http.access import Assurance

LABELS = {
    "MEETS_BASIC_INTEGRITY": Assurance.BASIC,
    "MEETS_DEVICE_INTEGRITY": Assurance.DEVICE,
    "MEETS_STRONG_INTEGRITY": Assurance.STRONG,
}
SKEW = timedelta(seconds=60)  # between Google's clock and ours

_OPENED_BY = ["A256KW", "A256GCM"]
_SIGNED_BY = ["ES256"]


@dataclass(frozen=True, slots=True)
class Expected:
    """The request that a token must have been made for, and the app that must have made it."""

    request_hash: bytes
    packages: Collection[str]
    certificates: Collection[bytes]  # SHA-256 of those that sign our apps
    allow_testing: bool = False
    max_age: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What evidence is worth. `reason` says why it is not more; a legacy one takes nothing away from better ones."""

    assurance: Assurance
    reason: str = ""
    is_legacy: bool = False


def open_token(token: str, *, decryption_key: str, verification_key: str) -> dict[str, Any]:
    """The payload of a token, opened with the keys (base64) that the Play Console gives out.

    Raises:
        EvidenceInvalid: it was not made by Google for us.
    """
    secret, public = _keys(decryption_key, verification_key)
    try:
        sealed = jwe.decrypt_compact(token, secret, algorithms=_OPENED_BY)
        signed = jws.deserialize_compact(sealed.plaintext or b"", public, algorithms=_SIGNED_BY)
        payload = json.loads(signed.payload)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise EvidenceInvalid("malformed") from error
    if not isinstance(payload, dict):
        raise EvidenceInvalid("malformed")
    return payload


def judge(payload: dict[str, Any], expected: Expected, *, at: datetime) -> Verdict:
    """What the payload of a token says of the device.

    Raises:
        EvidenceInvalid: it answers another request.
    """
    _check_request(_part(payload, "requestDetails"), expected, at)
    if _part(payload, "testingDetails").get("isTestingResponse") and not expected.allow_testing:
        raise EvidenceInvalid("wrong_environment")
    app, device = _part(payload, "appIntegrity"), _part(payload, "deviceIntegrity")
    recognised = app.get("appRecognitionVerdict")
    if recognised == "UNRECOGNIZED_VERSION":
        return Verdict(Assurance.NONE, "unrecognised_app")
    if recognised == "PLAY_RECOGNIZED" and not _is_ours(app, expected):
        return Verdict(Assurance.NONE, "wrong_app")
    if _part(payload, "accountDetails").get("appLicensingVerdict") == "UNLICENSED":
        return Verdict(Assurance.NONE, "unlicensed")
    level = _level(device.get("deviceRecognitionVerdict"))
    if recognised != "PLAY_RECOGNIZED":  # not evaluated: nothing above what the device alone is good for
        return Verdict(min(level, Assurance.BASIC), "unevaluated_app")
    return Verdict(level, "" if level else "untrusted_device")


def _check_request(request: dict[str, Any], expected: Expected, at: datetime) -> None:
    if request.get("requestPackageName") not in expected.packages:
        raise EvidenceInvalid("wrong_app")
    told = request.get("requestHash") or request.get("nonce")  # of a standard request; of a classic one
    if not compare_digest(decoded(told), expected.request_hash):
        raise EvidenceInvalid("wrong_challenge")
    age = at - moment_of(request.get("timestampMillis"))
    if not -SKEW <= age <= expected.max_age + SKEW:
        raise EvidenceInvalid("expired")


def _is_ours(app: dict[str, Any], expected: Expected) -> bool:
    """Google's own finding of package and certificate; what the request says of itself can be made up."""
    digests = app.get("certificateSha256Digest")
    shown = {decoded(digest) for digest in digests} if isinstance(digests, list) else set()
    return app.get("packageName") in expected.packages and bool(shown.intersection(expected.certificates))


def _level(labels: Any) -> Assurance:
    if not isinstance(labels, list):
        return Assurance.NONE
    return max((level for label, level in LABELS.items() if label in labels), default=Assurance.NONE)


def _part(payload: dict[str, Any], name: str) -> dict[str, Any]:
    found = payload.get(name)
    return found if isinstance(found, dict) else {}


def moment_of(milliseconds: Any) -> datetime:
    """A time as Google writes it: milliseconds, as a number or in a string.

    Raises:
        EvidenceInvalid: it is none.
    """
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, tz=UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise EvidenceInvalid("malformed") from error


@lru_cache(maxsize=2)
def _keys(decryption_key: str, verification_key: str) -> tuple[OctKey, ECKey]:
    return (
        OctKey.import_key(base64.b64decode(decryption_key)),
        ECKey.import_key(base64.b64decode(verification_key)),
    )
