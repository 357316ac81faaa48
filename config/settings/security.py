"""Keys, cookies, transport, trusted proxies."""

from config.settings.base import ENV

TRUSTED_PROXIES = list(ENV.trusted_proxies)
JWT_SIGNING_KEYS = list(ENV.signing_keys)

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV.is_production
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
