"""Attestation of devices: by whose word they are trusted, and for how long."""

from datetime import timedelta
from typing import Any

from config.settings.base import ENV

ASSURANCE_LIFETIME = timedelta(days=7)  # how long evidence is good for; apps present new one before
ATTESTATION_ALLOWS_DEVELOPMENT = ENV.device_trust.allows_development
ATTESTATION_ROOTS: dict[str, Any] = {}  # in place of those that are shipped, for tests alone

DEVICECHECK_URL = "https://api.devicecheck.apple.com"
DEVICECHECK_KEY = ENV.device_trust.devicecheck_key
DEVICECHECK_KEY_ID = ENV.device_trust.devicecheck_key_id

PLAY_INTEGRITY_URL = "https://playintegrity.googleapis.com"
PLAY_DECRYPTION_KEY = ENV.device_trust.play_decryption_key
PLAY_VERIFICATION_KEY = ENV.device_trust.play_verification_key
PLAY_SERVICE_ACCOUNT = ENV.device_trust.play_service_account

REVIEW_ACCOUNTS = list(ENV.device_trust.review_accounts)
REVIEW_BUILDS = list(ENV.device_trust.review_builds)
