"""App linking: which apps belong to this host, what they may pin, whom to tell of a vulnerability."""

from config.settings.base import ENV

APP_URL_SCHEME = "gigvora"
APPLE_APP_STORE_ID = "6450000000"
APPLE_TEAM_ID = ENV.linking.apple_team_id
APPLE_BUNDLE_IDS = list(ENV.linking.apple_bundle_ids)
APPLE_APP_CLIP_IDS = list(ENV.linking.apple_app_clip_ids)
ANDROID_PACKAGES = list(ENV.linking.android_packages)
ANDROID_CERTIFICATE_FINGERPRINTS = list(ENV.linking.android_certificate_fingerprints)

CERTIFICATE_PINS = list(ENV.linking.certificate_pins)
PIN_SIGNING_KEY = ENV.linking.pin_signing_key

SECURITY_CONTACTS = list(ENV.linking.security_contacts)
SECURITY_POLICY_URL = ENV.linking.security_policy_url
SECURITY_TXT_FILE = ENV.linking.security_txt_file
