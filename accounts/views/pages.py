"""Where links in mails lead in a browser. Opening a page changes nothing, so mail scanners use up no link."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django_ratelimit.core import is_ratelimited

from accounts.errors import LinkInvalid
from accounts.services import links
from accounts.views.links import CONFIRMED, PASSWORD_SET, ConfirmEmailView
from core import context
from core.errors import Conflict, Invalid, RateLimited
from core.http.access import Public

RATE = "20/m"
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address of the page is the secret
    "X-Robots-Tag": "noindex",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
    ),
}


def private_page(request: HttpRequest, template: str, values: dict[str, Any], status: int) -> HttpResponse:
    """A page whose address is a secret: kept by nobody, told to nobody, framed by nobody."""
    response = render(request, template, values, status=status)
    for name, value in _HEADERS.items():
        response[name] = value
    return response


@method_decorator(csrf_exempt, name="dispatch")  # no cookie authenticates here; the secret in the address does
class LinkPage(View):
    """A page with one form, whose sending has the effect that the link was mailed for."""

    access = Public("the secret in the address is the permission")
    http_method_names = ["get", "head", "post"]
    template = ""
    done = ""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self._page(request, {"form": True})

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        if is_ratelimited(request, group="accounts.links", key=_network, rate=RATE, increment=True):
            return self._page(request, {"error": RateLimited.detail}, status=429)
        try:
            done = self.take_effect(request, token)
        except (LinkInvalid, Conflict) as error:
            return self._page(request, {"error": error.message}, status=error.status)
        except Invalid as error:
            return self._page(request, {"form": True, "refused": error.errors}, status=422)
        return self._page(request, {"done": done or self.done})

    def take_effect(self, request: HttpRequest, token: str) -> str | None:
        """Do what the link is for; what to say, where it is not `done`."""
        raise NotImplementedError

    def _page(self, request: HttpRequest, values: dict[str, Any], status: int = 200) -> HttpResponse:
        return private_page(request, self.template, values, status)


class VerifyEmailPage(LinkPage):
    template = "accounts/verify_email.html"
    done = CONFIRMED

    def take_effect(self, request: HttpRequest, token: str) -> None:
        links.confirm_email(token=token)


class ResetPasswordPage(LinkPage):
    template = "accounts/reset_password.html"
    done = PASSWORD_SET

    def take_effect(self, request: HttpRequest, token: str) -> None:
        links.reset_password(token=token, new_password=request.POST.get("new_password", ""))


def confirm_email(request: HttpRequest, token: str) -> HttpResponseBase:
    """Apps confirm at once, by asking for JSON by name; whoever takes anything gets the page."""
    prefers_json = request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    view: Callable[..., HttpResponseBase] = (ConfirmEmailView if prefers_json else VerifyEmailPage).as_view()
    return view(request, token=token)


confirm_email.access = LinkPage.access  # type: ignore[attr-defined]
confirm_email.csrf_exempt = True  # type: ignore[attr-defined]
# What the OpenAPI document tells of the route: the answer that apps get.
confirm_email.cls, confirm_email.initkwargs = ConfirmEmailView, {}  # type: ignore[attr-defined]


def _network(group: str, request: HttpRequest) -> str:
    return context.current().client_ip
