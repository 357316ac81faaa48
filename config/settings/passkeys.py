"""Passkeys: the domain they belong to, and the pages and apps on which they may be used (WebAuthn, section 13.4.9)."""

import base64
from urllib.parse import urlsplit

from config.settings.api import CORS_ALLOWED_ORIGINS
from config.settings.base import ENV

PASSKEY_RP_NAME = "Gigvora"
PASSKEY_RP_ID = ENV.passkey_rp_id or urlsplit(ENV.public_base_url).hostname or "localhost"


def _is_ours(origin: str) -> bool:
    host = urlsplit(origin).hostname or ""
    return origin.startswith("https://") and (host == PASSKEY_RP_ID or host.endswith(f".{PASSKEY_RP_ID}"))


def _of_android_app(fingerprint: str) -> str:
    """How Android's credential manager names an app: by the digest of the certificate that signs it."""
    digest = bytes.fromhex(fingerprint.replace(":", ""))
    return "android:apk-key-hash:" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


PASSKEY_ORIGINS = [
    f"https://{PASSKEY_RP_ID}",  # iOS apps use this one, through their associated domain
    ENV.public_base_url,
    *ENV.passkey_origins,
    *filter(_is_ours, CORS_ALLOWED_ORIGINS),
    *map(_of_android_app, ENV.linking.android_certificate_fingerprints),
]
