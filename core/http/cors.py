"""Cross-origin requests: django-cors-headers, with exact origins, and credentials under wallet routes alone.

Settings are in `config/settings/api.py`. Every answer varies by origin, whoever asked: `RequestMiddleware` says so.
"""

from typing import Any
from urllib.parse import SplitResult

from corsheaders.middleware import ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, CorsMiddleware
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers


class ExactCorsMiddleware(CorsMiddleware):
    def add_response_headers(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if "HTTP_ORIGIN" not in request.META:
            return response  # an app, not a page
        patch_vary_headers(response, ("Origin",))  # the library would write it in lower case
        super().add_response_headers(request, response)
        if ACCESS_CONTROL_ALLOW_ORIGIN in response.headers and _takes_credentials(request.path):
            response.headers[ACCESS_CONTROL_ALLOW_CREDENTIALS] = "true"
        return response

    def origin_found_in_white_lists(self, origin: str, url: SplitResult) -> bool:
        # Compared as it stands: the library would also take an origin with a path or a query behind it.
        return origin in settings.CORS_ALLOWED_ORIGINS

    def check_signal(self, request: HttpRequest) -> bool:
        return False  # the list above is all there is

    def is_enabled(self, request: Any) -> bool:
        return True


def _takes_credentials(path: str) -> bool:
    return any(path == root or path.startswith(root.rstrip("/") + "/") for root in settings.CORS_CREDENTIAL_ROOTS)
