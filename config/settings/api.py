"""The API: DRF, its OpenAPI document, CORS and the limits of what a request may carry."""

from typing import Any

from config.settings.base import ENV
from core.http.openapi_components import COMPONENTS

JSON_BODY_LIMIT = 1_000_000  # bytes, after decompression
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
RATE_LIMIT_SCALE = ENV.rate_limit_scale  # multiplies every rate limit; 0 turns them off

# Where a release train that is no longer served is sent.
APP_STORE_LINKS = {
    "android": "https://play.google.com/store/apps/details?id=com.gigvora.app",
    "ios": "https://apps.apple.com/app/gigvora/id6450000000",
}

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [
        "access.permissions.DeclaredAccess",
        "experiments.permissions.DeclaredFeature",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["core.http.limits.RateLimitThrottle"],
    "DEFAULT_PARSER_CLASSES": ["core.http.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["core.http.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "core.http.negotiation.Negotiation",
    "DEFAULT_FILTER_BACKENDS": [],
    "DEFAULT_SCHEMA_CLASS": "core.http.openapi.Schema",
    "EXCEPTION_HANDLER": "core.http.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "COERCE_DECIMAL_TO_STRING": True,
    "URL_FORMAT_OVERRIDE": None,
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Gigvora mobile API",
    "DESCRIPTION": "Everything under `/v1` in snake_case; what web and mobile share under `/api`, in camelCase.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": r"/(?:v1|api|mobile/v2)",
    "COMPONENT_SPLIT_REQUEST": True,
    "GET_MOCK_REQUEST": "core.http.openapi.mock_request",
    "APPEND_COMPONENTS": COMPONENTS,
    "POSTPROCESSING_HOOKS": ["core.http.openapi.finish"],
}

CORS_ALLOWED_ORIGINS = [
    "https://app.gigvora.com",
    "https://beta.gigvora.com",
    "capacitor://localhost",
    *ENV.cors_extra_origins,
]
CORS_CREDENTIAL_ROOTS = ["/mobile/v2/wallet", "/v1/finance/payouts", "/v1/finance/transfers"]
CORS_PREFLIGHT_MAX_AGE = 600
CORS_ALLOW_HEADERS = [
    "accept",
    "authorization",
    "content-encoding",
    "content-type",
    "dpop",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "prefer",
    "save-data",
    "traceparent",
    "tracestate",
    "x-app-version",
    "x-device-fingerprint",
    "x-gigvora-roles",
    "x-network-type",
]
CORS_EXPOSE_HEADERS = [
    "Deprecation",
    "DPoP-Nonce",
    "ETag",
    "Idempotent-Replayed",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Sunset",
    "WWW-Authenticate",
    "X-Adapted",
    "X-Cache",
    "X-Gigvora-Decision-Id",
    "X-Trace-Id",
]
