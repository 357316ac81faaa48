"""Where a link for the app leads whoever has no app: a page that offers it.

Nothing of a request but its path reaches the page, and the page leads to no address but ours and the stores'.
"""

import re
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_response_headers
from django.views.decorators.http import require_safe

from core.contributions.links import UniversalLink, find_link
from core.http.access import Public
from linking.association import LINK_ROOT, STAY_IN_BROWSER

MAX_AGE = 300  # seconds
MAX_PATH = 512  # characters
HOME = UniversalLink("", "Gigvora", "Open Gigvora on your phone, or get the app.", is_personal=False)
NOWHERE = UniversalLink("", "This link leads nowhere", "It may be incomplete. Ask whoever sent it for another.")
_SEGMENTS = re.compile(r"[\w~:-][\w.~:-]*(/[\w~:-][\w.~:-]*)*", re.ASCII)
_HEADERS = {
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",  # a personal link is nobody else's business
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


@require_safe
def landing(request: HttpRequest, path: str = "") -> HttpResponse:
    link = _find(path)
    status = 200 if link else 404
    response = render(request, "linking/landing.html", _page(link or NOWHERE, path if link else ""), status=status)
    for name, value in _HEADERS.items():
        response[name] = value
    if link is None or link.is_personal:
        response["X-Robots-Tag"] = "noindex"
    patch_response_headers(response, MAX_AGE)
    return response


landing.access = Public("It is shown to people who have no app yet, and tells nothing of what is behind the link.")  # type: ignore[attr-defined]


def _find(path: str) -> UniversalLink | None:
    if not path:
        return HOME
    return find_link(path) if len(path) <= MAX_PATH and _SEGMENTS.fullmatch(path) else None


def _page(link: UniversalLink, path: str) -> dict[str, Any]:
    base = urlsplit(settings.PUBLIC_BASE_URL)
    canonical = f"{settings.PUBLIC_BASE_URL}/{LINK_ROOT}{path}"
    package = settings.ANDROID_PACKAGES[0] if settings.ANDROID_PACKAGES else ""
    return {
        "link": link,
        "canonical": canonical,
        "browser_url": f"{canonical}?{STAY_IN_BROWSER}=1",
        "app_url": f"{settings.APP_URL_SCHEME}://{path}",
        "app_store_id": settings.APPLE_APP_STORE_ID,
        "app_clip": settings.APPLE_APP_CLIP_IDS[0] if settings.APPLE_APP_CLIP_IDS else "",
        "package": package,
        "android_app_url": f"android-app://{package}/{base.scheme}/{base.netloc}/{LINK_ROOT}{path}",
        "stores": settings.APP_STORE_LINKS,
        # Google Play hands the referrer to the app at its first start, which then opens the link.
        "play_url": f"{settings.APP_STORE_LINKS['android']}&referrer={quote(f'link={path}', safe='')}",
    }
