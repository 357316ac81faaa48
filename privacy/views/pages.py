"""Deleting an account in a browser, without the app. No cookie authenticates here, so no other site can do it.

The form only has a mail sent. The secret in the mailed address is the permission for everything else, and opening that
page changes nothing, so mail scanners delete no account.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django_ratelimit.core import is_ratelimited

from core import context
from core.errors import AppError, RateLimited
from core.http.access import Public
from privacy.selectors import deletion_behind
from privacy.services import deletion
from privacy.views.public import SENT

RATE = "20/m"  # by network
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address of a page may be a secret
    "X-Robots-Tag": "noindex",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
    ),
}


@method_decorator(csrf_exempt, name="dispatch")
class DeleteAccountPage(View):
    access = Public("an account can be deleted without the app; its address proves the wish")
    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return page(request, "privacy/delete_account.html", {"form": True})

    def post(self, request: HttpRequest) -> HttpResponse:
        email = request.POST.get("email", "")
        if is_limited(request, "privacy.form", _network, RATE):
            return page(request, "privacy/delete_account.html", {"error": RateLimited.detail}, status=429)
        if email and len(email) <= 320:
            deletion.ask(email=email)
        return page(request, "privacy/delete_account.html", {"done": SENT})


@method_decorator(csrf_exempt, name="dispatch")
class DeletionPage(View):
    """The deletion behind a mailed link: to confirm, to call off, and in the end its receipt."""

    access = Public("the secret in the address is the permission")
    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self._shown(request, token)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        if is_limited(request, "privacy.links", _network, RATE):
            return page(request, "privacy/deletion.html", {"error": RateLimited.detail}, status=429)
        act = deletion.cancel_by_link if request.POST.get("action") == "keep" else deletion.confirm
        try:
            act(token=token)
        except AppError as error:
            return page(request, "privacy/deletion.html", {"error": error.message}, status=error.status)
        return self._shown(request, token)

    def _shown(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            found = deletion_behind(token)
        except AppError as error:
            return page(request, "privacy/deletion.html", {"error": error.message}, status=error.status)
        return page(request, "privacy/deletion.html", {"deletion": found})


def page(request: HttpRequest, template: str, values: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, template, values, status=status)
    for name, value in _HEADERS.items():
        response[name] = value
    return response


def is_limited(request: HttpRequest, group: str, key: Any, rate: str) -> bool:
    return bool(is_ratelimited(request, group=group, key=key, rate=rate, increment=True))


def _network(group: str, request: HttpRequest) -> str:
    return context.current().client_ip
