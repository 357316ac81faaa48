"""Evidence made here, byte by byte as the documents of Apple and Google say, by authorities of our own.

Nothing of the code under test is used. CBOR is written as RFC 8949 says, DER as X.690 does.
"""

import base64
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

NONCE_EXTENSION = x509.ObjectIdentifier("1.2.840.113635.100.8.2")
PRODUCTION, DEVELOPMENT = b"appattest" + bytes(7), b"appattestdevelop"
RECEIPT = b"a receipt"

AnyKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def b64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def cbor(value: Any) -> bytes:
    """Text, bytes, lists and maps, all of definite length, in the order given."""
    if isinstance(value, str):
        return _cbor_head(3, len(value.encode())) + value.encode()
    if isinstance(value, bytes):
        return _cbor_head(2, len(value)) + value
    if isinstance(value, list):
        return _cbor_head(4, len(value)) + b"".join(map(cbor, value))
    return _cbor_head(5, len(value)) + b"".join(cbor(part) for pair in value.items() for part in pair)


def _cbor_head(major: int, length: int) -> bytes:
    if length < 24:
        return bytes([major << 5 | length])
    return bytes([major << 5 | 24, length]) if length < 256 else bytes([major << 5 | 25]) + struct.pack(">H", length)


@dataclass
class Authority:
    """A root and an intermediate, and the leaves that it issues."""

    name: str = "Apple App Attestation"
    root_key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP384R1()))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP384R1()))

    def __post_init__(self) -> None:
        root, between = f"{self.name} Root CA", f"{self.name} CA 1"
        self.root = _certificate(root, root, self.root_key.public_key(), self.root_key, is_ca=True)
        self.intermediate = _certificate(between, root, self.key.public_key(), self.root_key, is_ca=True)

    def leaf(self, key: AnyKey, *extensions: x509.ExtensionType, **given: Any) -> x509.Certificate:
        return _certificate("leaf", f"{self.name} CA 1", key.public_key(), self.key, *extensions, **given)

    def chain(self, leaf: x509.Certificate) -> list[bytes]:
        return [each.public_bytes(Encoding.DER) for each in (leaf, self.intermediate)]


def _certificate(
    subject: str,
    issuer: str,
    public_key: Any,
    signer: ec.EllipticCurvePrivateKey,
    *extensions: x509.ExtensionType,
    is_ca: bool = False,
    days: tuple[int, int] = (-1, 3),
) -> x509.Certificate:
    now = datetime.now(UTC)
    named = {text: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in (subject, issuer)}
    builder = (
        x509.CertificateBuilder()
        .subject_name(named[subject])
        .issuer_name(named[issuer])
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=-400 if is_ca else days[0]))
        .not_valid_after(now + timedelta(days=4000 if is_ca else days[1]))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if is_ca:
        usage = dict.fromkeys(_USAGES, False) | {"key_cert_sign": True, "crl_sign": True}
        builder = builder.add_extension(x509.KeyUsage(**usage), critical=True)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(signer, SHA384() if is_ca else SHA256())


_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass
class Phone:
    """An iPhone with one App Attest key in its Secure Enclave."""

    authority: Authority
    app_id: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    counter: int = 0

    @property
    def point(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def key_id(self) -> bytes:
        return sha256(self.point).digest()

    def attest(self, client_data: str | bytes, **odd: Any) -> bytes:
        """An attestation object. `odd` replaces single parts of it by something else."""
        authenticator = self.authenticator_data(**odd)
        nonce = sha256(authenticator + hashed(client_data)).digest()
        extension = x509.UnrecognizedExtension(NONCE_EXTENSION, b"\x30\x24\xa1\x22\x04\x20" + nonce)
        leaf = self.authority.leaf(odd.get("key", self.key), extension, days=odd.get("days", (-1, 3)))
        chain = odd.get("chain") or self.authority.chain(leaf)
        statement = {"x5c": chain, "receipt": RECEIPT}
        return cbor({"fmt": odd.get("fmt", "apple-appattest"), "attStmt": statement, "authData": authenticator})

    def authenticator_data(self, **odd: Any) -> bytes:
        credential_id: bytes = odd.get("credential_id", self.key_id)
        return (
            sha256(odd.get("app_id", self.app_id).encode()).digest()
            + b"\x40"
            + struct.pack(">I", odd.get("counter", 0))
            + bytes(odd.get("aaguid", PRODUCTION))
            + struct.pack(">H", len(credential_id))
            + credential_id
            + b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"
            + self.point[1:33]
            + b"\x22\x58\x20"
            + self.point[33:]
        )

    def sign(self, client_data: str | bytes, counter: int | None = None, **odd: Any) -> bytes:
        """An assertion object; the counter counts by itself."""
        self.counter = counter if counter is not None else self.counter + 1
        authenticator = sha256(odd.get("app_id", self.app_id).encode()).digest() + struct.pack(
            ">BI", 0x40, self.counter
        )
        digest = sha256(authenticator + hashed(client_data)).digest()
        signature = odd.get("key", self.key).sign(digest, ec.ECDSA(SHA256()))
        return cbor({"signature": signature, "authenticatorData": authenticator})


def hashed(client_data: str | bytes) -> bytes:
    return sha256(client_data.encode() if isinstance(client_data, str) else client_data).digest()


@dataclass
class Play:
    """Google, with the keys that its console gives out for local verification."""

    package: str
    certificate: bytes  # its SHA-256
    secret: bytes = field(default_factory=lambda: AESGCM.generate_key(256))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def decryption_key(self) -> str:
        return b64(self.secret)

    @property
    def verification_key(self) -> str:
        return b64(self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))

    def payload(self, client_data: str, labels: Sequence[str] = ("MEETS_DEVICE_INTEGRITY",), **odd: Any) -> Any:
        now = int(datetime.now(UTC).timestamp() * 1000)  # `ahead` and `milliseconds` are of Google's clock
        return {
            "requestDetails": {
                "requestPackageName": odd.get("package", self.package),
                odd.get("bound_by", "nonce"): odd.get("hash", b64url(hashed(client_data))),
                "timestampMillis": str(odd.get("milliseconds", now + odd.get("ahead", 0))),
            },
            "appIntegrity": {
                "appRecognitionVerdict": odd.get("recognised", "PLAY_RECOGNIZED"),
                "packageName": odd.get("found_package", self.package),
                "certificateSha256Digest": [b64url(odd.get("certificate", self.certificate))],
                "versionCode": "42",
            },
            "deviceIntegrity": {"deviceRecognitionVerdict": list(labels)} if labels else {},
            "accountDetails": {"appLicensingVerdict": odd.get("licence", "LICENSED")},
            **odd.get("more", {}),
        }

    def token(self, payload: Any, **odd: Any) -> str:
        """Signed with ES256, then encrypted with A256GCM under a key wrapped with A256KW (RFC 7515, RFC 7516)."""
        signed = jwt.encode(payload, odd.get("key", self.key), "ES256")
        content_key, iv = AESGCM.generate_key(256), b"\x07" * 12
        header = b64url(json.dumps({"alg": "A256KW", "enc": "A256GCM"}).encode())
        sealed = AESGCM(content_key).encrypt(iv, signed.encode(), header.encode())
        wrapped = aes_key_wrap(odd.get("secret", self.secret), content_key)
        return ".".join([header, *map(b64url, (wrapped, iv, sealed[:-16], sealed[-16:]))])


@dataclass
class SafetyNet:
    """Google as it used to be."""

    authority: Authority
    package: str
    certificate: bytes
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def token(self, client_data: str, **odd: Any) -> str:
        names = x509.SubjectAlternativeName([x509.DNSName(odd.get("host", "attest.android.com"))])
        leaf = self.authority.leaf(self.key, names)
        claims = {
            "nonce": b64(hashed(client_data)),
            "timestampMs": int(datetime.now(UTC).timestamp() * 1000) + odd.get("ahead", 0),
            "apkPackageName": self.package,
            "apkCertificateDigestSha256": [b64(self.certificate)],
            "ctsProfileMatch": True,
            "basicIntegrity": True,
            **odd.get("claims", {}),
        }
        chain = [b64(each) for each in self.authority.chain(leaf)]
        return jwt.encode(claims, odd.get("key", self.key), "RS256", headers={"x5c": odd.get("chain", chain)})
