"""Documents at addresses that others know: Apple's and Google's services, and security researchers."""

import orjson
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core.http.access import Public
from core.http.public_documents import public_document
from linking.association import apple_app_site_association, asset_links
from linking.security_txt import security_txt

MAX_AGE = 3600  # seconds
_JSON = "application/json"


@require_safe
def apple(request: HttpRequest) -> HttpResponse:
    return public_document(request, orjson.dumps(apple_app_site_association()), _JSON, max_age=MAX_AGE)


@require_safe
def android(request: HttpRequest) -> HttpResponse:
    return public_document(request, orjson.dumps(asset_links()), _JSON, max_age=MAX_AGE)


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    return public_document(request, security_txt().encode(), "text/plain; charset=utf-8", max_age=MAX_AGE)


apple.access = android.access = Public("Apple and Google fetch it without an account.")  # type: ignore[attr-defined]
security.access = Public("Whoever finds a hole must learn whom to tell.")  # type: ignore[attr-defined]
