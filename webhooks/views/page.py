"""A page on which integrators check a request they got. Everything is reckoned in the browser: no secret is sent."""

import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from core.http.access import Public
from webhooks.publicity import public_events

_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}


class TestPage(View):
    access = Public("how requests are signed is no secret, and the page learns none")
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        nonce = secrets.token_urlsafe(16)
        policy = (
            f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}';"
            " form-action 'none'; frame-ancestors 'none'"
        )
        answer = render(request, "webhooks/test.html", {"events": public_events().values(), "nonce": nonce})
        for name, value in {**_HEADERS, "Content-Security-Policy": policy}.items():
            answer.headers[name] = value
        return answer
