"""Keys, cookies, transport, trusted proxies."""

from datetime import timedelta
from typing import Any

from config.env import CORES, Process
from config.settings.base import ENV

TRUSTED_PROXIES = list(ENV.trusted_proxies)
# From anybody but a trusted proxy this header is removed before Django looks at it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_FAILURE_VIEW = "core.http.error_pages.csrf_failure"
JWT_SIGNING_KEYS = list(ENV.signing_keys)
# Whoever signs for requests in gateway mode; without keys the mode is off.
GATEWAY_PUBLIC_KEYS = list(ENV.gateway_public_keys)

# Mixed into what the database holds of refresh tokens, fingerprints and addresses in caches.
TOKEN_PEPPER = ENV.token_pepper

SIMPLE_JWT: dict[str, Any] = {
    "ALGORITHM": "ES256",
    "SIGNING_KEY": "",  # the key ring is JWT_SIGNING_KEYS, see accounts/keyring.py
    "ISSUER": ENV.public_base_url,
    "LEEWAY": 5,  # seconds by which the clocks of our own servers may differ
    "USER_ID_CLAIM": "sub",
    "AUTH_TOKEN_CLASSES": ("accounts.tokens.AccessToken",),
}

# Per surface: how long a session may rest, how long it may last, and how long one access token is good for.
# `proof_idle`: how long it may rest where a key of the client's own has to sign each refresh.
SESSION_LIFETIMES = {
    "mobile": {
        "idle": timedelta(days=7),
        "proof_idle": timedelta(days=14),
        "absolute": timedelta(days=90),
        "access": timedelta(minutes=10),
    },
    "web": {"idle": timedelta(hours=24), "absolute": timedelta(days=14), "access": timedelta(minutes=10)},
    "admin": {"idle": timedelta(minutes=30), "absolute": timedelta(hours=12), "access": timedelta(minutes=5)},
}
MAX_SESSIONS_PER_USER = 10
STEP_UP_FRESHNESS = timedelta(minutes=5)  # how long a proof of identity counts for what asks for one

# Argon2id as OWASP recommends it for small machines: 13 ms a hash, 19 MiB, instead of Django's 152 ms and 100 MiB.
ARGON2_TIME_COST = 2
ARGON2_MEMORY_COST = 19 * 1024  # KiB
ARGON2_PARALLELISM = 1
PASSWORD_HASHERS = ["accounts.hashers.Argon2idHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
PASSWORD_HASHING_THREADS = max(1, CORES // (ENV.workers if ENV.process in {Process.WEB, Process.ADMIN} else 1))
PASSWORD_HASHING_QUEUE = 16  # of a process; fewer than it has threads, so that requests without a hash find one
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.ContextValidator"},
]

# A lost cache must not lock the staff out when they are needed most; hashing slots still bound the guesses.
RATELIMIT_FAIL_OPEN = True

# Who counts attempts at the door of the staff site, who asks for the second factor, and whether staff must have one.
STAFF_ATTEMPT = "accounts.services.staff_door.attempt"
STAFF_SECOND_FACTOR = "accounts.services.staff_door.check_second_factor"
STAFF_NEEDS_SECOND_FACTOR = ENV.staff_needs_second_factor

# Sessions with a cookie are the staff's alone; the API knows none.
SESSION_COOKIE_AGE = int(SESSION_LIFETIMES["admin"]["idle"].total_seconds())
SESSION_SAVE_EVERY_REQUEST = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV.is_production
SECURE_HSTS_SECONDS = 31_536_000 if ENV.is_production else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = ENV.is_production
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Shares between people are rows of their own with plain foreign keys; nobody asks Django's backends for them.
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = GUARDIAN_MONKEY_PATCH_GROUP = False
SILENCED_SYSTEM_CHECKS = [
    "guardian.W001",  # see above
    "models.W047",  # SQLite cannot have nulls alike in a unique index, and needs not: it has one writer at a time
    "security.W008",  # no redirect to https: by then a client has shown its token; the proxy that ends TLS refuses
    "security.W021",  # preloading is for registrable domains, and ours is a host below one
]
if not ENV.serves_staff:
    # Nothing of the admin site is served here; its checks must not stop commands run beside the API.
    SILENCED_SYSTEM_CHECKS += ["admin.E408", "admin.E409", "admin.E410"]
    SILENCED_SYSTEM_CHECKS += [
        "security.W002",  # JSON is not framed; the few pages refuse frames themselves
        "security.W003",  # no cookie authenticates here, so no other site can send a request in somebody's name
    ]
