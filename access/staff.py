"""The staff site: Django's admin with a guarded, audited sign-in and sessions that end."""

import time
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django_ratelimit.core import is_ratelimited

from access.services import record
from access.trail import network_of
from core import context
from core.errors import AppError, RateLimited
from core.http.problems import problem_response

SIGN_IN_RATE = "10/m"  # attempts per network; a coarse edge limit, before any password is hashed
_SINCE = "staff_since"


class StaffSignInForm(AdminAuthenticationForm):
    """Address, password, and the second factor of whoever has one; wrong passwords never come as far as that."""

    code = forms.CharField(
        required=False,
        max_length=40,
        label="Code",
        help_text="Of your authenticator app, or a recovery code.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )

    def clean(self) -> Any:
        attempt = import_string(settings.STAFF_ATTEMPT)
        try:
            with attempt(self.cleaned_data.get("username", "")):
                return super().clean()
        except AppError as error:
            raise forms.ValidationError(error.message) from error

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        check = import_string(settings.STAFF_SECOND_FACTOR)
        try:
            check(user_id=user.pk, code=self.data.get("code", "").strip())
        except AppError as error:
            raise forms.ValidationError(error.message) from error


class StaffSite(AdminSite):
    login_form = StaffSignInForm
    login_template = "access/login.html"
    site_header = "Gigvora staff"
    site_title = "Gigvora staff"
    index_title = "Staff"

    def get_urls(self) -> list[Any]:
        """Django's screens but for changing the password, which would leave other sessions alive; a reset ends them."""
        return [url for url in super().get_urls() if not str(getattr(url, "name", "")).startswith("password_change")]

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and _is_recent(request)

    @method_decorator([never_cache, login_not_required])
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method != "POST":
            return super().login(request, extra_context)
        if is_ratelimited(request, group="staff.login", key=_network, rate=SIGN_IN_RATE, increment=True):
            return problem_response(RateLimited(retry_after=60), request)
        response = super().login(request, extra_context)
        _record_attempt(request, succeeded=response.status_code == 302)
        return response


def _is_recent(request: HttpRequest) -> bool:
    """However busy, a staff session ends; being idle ends it sooner (`SESSION_COOKIE_AGE`)."""
    longest = settings.SESSION_LIFETIMES["admin"]["absolute"].total_seconds()
    return bool(time.time() - request.session.setdefault(_SINCE, time.time()) < longest)


def _record_attempt(request: HttpRequest, *, succeeded: bool) -> None:
    if succeeded:
        request.session[_SINCE] = time.time()
        record(action="login.success", outcome="success", user_id=request.user.pk, site="staff")
        return
    tried = request.POST.get("username", "").strip().casefold()
    known = get_user_model().objects.filter(email=tried).values_list("pk", flat=True).first()
    record(
        action="login.failure",
        outcome="failure",
        target_type="user" if known else "",
        target_id=known or "",
        reason="invalid_credentials",
        site="staff",
    )


def _network(group: str, request: HttpRequest) -> str:
    return network_of(context.current().client_ip)
