"""Codes of authenticator apps (RFC 6238): six digits, a new one every 30 seconds, SHA-1 as all apps know it."""

import hmac
import time

import pyotp

STEP = 30  # seconds
DRIFT = 1  # steps by which the clock of a phone may be off
ISSUER = "Gigvora"


def new_seed() -> str:
    """160 random bits in base32, as section 4 of RFC 4226 recommends."""
    return pyotp.random_base32()


def address_of(seed: str, *, account: str) -> str:
    """The `otpauth:` URI that apps read from a QR code."""
    return pyotp.TOTP(seed, interval=STEP).provisioning_uri(name=account, issuer_name=ISSUER)


def find_step(seed: str, code: str) -> int | None:
    """The time step around now that `code` belongs to; the latest, if two had the same."""
    app, given, now = pyotp.TOTP(seed, interval=STEP), code.encode(), int(time.time()) // STEP
    steps = range(now + DRIFT, now - DRIFT - 1, -1)
    return next((step for step in steps if hmac.compare_digest(app.generate_otp(step).encode(), given)), None)
