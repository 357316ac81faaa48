"""SafetyNet, which Google has ended and old apps still carry: a JWS whose certificate chain leads to Google.

Nothing above the legacy level comes of it.
"""

import base64
from collections.abc import Sequence
from datetime import datetime
from hmac import compare_digest
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import ExtensionOID

from accounts.attestation.evidence import EvidenceInvalid, decoded, leaf_of_chain
from accounts.attestation.play_integrity import SKEW, Expected, Verdict, moment_of
from core.http.access import Assurance

SIGNER = "attest.android.com"
MAX_CHAIN = 4  # certificates


def judge(
    token: str,
    *,
    expected: Expected,
    roots: Sequence[x509.Certificate],
    at: datetime,
) -> Verdict:
    """What a SafetyNet answer says of the device.

    Raises:
        EvidenceInvalid: it is not Google's, or answers another request.
    """
    claims = _opened(token, roots, at)
    if not compare_digest(decoded(claims.get("nonce")), expected.request_hash):
        raise EvidenceInvalid("wrong_challenge")
    if claims.get("apkPackageName") not in expected.packages:
        raise EvidenceInvalid("wrong_app")
    if not -SKEW <= at - moment_of(claims.get("timestampMs")) <= expected.max_age + SKEW:
        raise EvidenceInvalid("expired")
    digests = claims.get("apkCertificateDigestSha256")
    shown = {decoded(digest) for digest in digests} if isinstance(digests, list) else set()
    if not shown.intersection(expected.certificates):
        return Verdict(Assurance.NONE, "wrong_app")
    if claims.get("basicIntegrity") is not True:
        return Verdict(Assurance.NONE, "untrusted_device")
    return Verdict(Assurance.BASIC, "legacy", is_legacy=True)


def _opened(token: str, roots: Sequence[x509.Certificate], at: datetime) -> dict[str, Any]:
    try:
        chain: list[str] = jwt.get_unverified_header(token).get("x5c", [])
        leaf = leaf_of_chain([base64.b64decode(each, validate=True) for each in chain[:MAX_CHAIN]], roots, at)
        key = leaf.public_key()
        if not isinstance(key, RSAPublicKey) or SIGNER not in _names(leaf):
            raise EvidenceInvalid("untrusted_chain")
        claims: dict[str, Any] = jwt.decode(token, key, algorithms=["RS256"])
    except (jwt.InvalidTokenError, TypeError, ValueError, RecursionError) as error:
        raise EvidenceInvalid("malformed") from error
    return claims


def _names(leaf: x509.Certificate) -> list[str]:
    try:
        extension = leaf.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
    except x509.ExtensionNotFound:
        return []
    assert isinstance(extension, x509.SubjectAlternativeName)
    return extension.get_values_for_type(x509.DNSName)
