"""Believable apps and pins, whatever the environment of the tests says."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from pytest_django import Settings

CURRENT, BACKUP = "sha256/" + "A" * 43 + "=", "sha256/" + "B" * 42 + "E="
FINGERPRINT = ":".join(["0A"] * 32)


@pytest.fixture(autouse=True)
def _apps(settings: Settings) -> None:
    settings.PUBLIC_BASE_URL = "https://api.gigvora.test"
    settings.APPLE_TEAM_ID = "A1B2C3D4E5"
    settings.APPLE_BUNDLE_IDS = ["com.gigvora.app"]
    settings.APPLE_APP_CLIP_IDS = ["com.gigvora.app.Clip"]
    settings.ANDROID_PACKAGES = ["com.gigvora.app"]
    settings.ANDROID_CERTIFICATE_FINGERPRINTS = [FINGERPRINT]
    settings.CERTIFICATE_PINS = [CURRENT, BACKUP]


@pytest.fixture
def certificate() -> x509.Certificate:
    """A certificate that signs itself, of a host in between."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "api.gigvora.test")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )


@pytest.fixture
def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()
