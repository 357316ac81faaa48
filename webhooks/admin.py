"""Webhooks in the staff site: to be looked at, disabled, enabled and replayed; and endpoints of the platform."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path

from access.selectors import staff_may
from core.errors import AppError
from core.screens import ReadOnly, refusals_as_messages, said_by, staff_id
from webhooks import services
from webhooks.models import Attempt, Delivery, Endpoint
from webhooks.publicity import public_events
from webhooks.scopes import STAFF


class WebhookScreen(ReadOnly):
    """Rows to read, for whoever looks after webhooks; what changes them is an action, and goes through a service."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_may(request.user, STAFF)

    def has_act_permission(self, request: HttpRequest) -> bool:
        return staff_may(request.user, STAFF)


class EndpointForm(forms.Form):
    """An endpoint of the platform. The service checks the address, and says what is wrong with it."""

    url = forms.CharField(max_length=2048, label="Address", help_text="https alone.")
    events = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    description = forms.CharField(max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.MultipleChoiceField", self.fields["events"]).choices = [(name, name) for name in public_events()]


@admin.register(Endpoint)
class EndpointAdmin(WebhookScreen, admin.ModelAdmin):  # type: ignore[type-arg]
    change_list_template = "webhooks/endpoints.html"
    list_display = ("url", "owner", "status", "disabled_reason", "failing_since", "paused_until", "created_at")
    list_filter = ("status", "disabled_reason", ("workspace", admin.EmptyFieldListFilter))
    list_select_related = ("workspace",)
    search_fields = ("=id", "=workspace__id", "url", "description")
    search_help_text = "An id of an endpoint or a workspace, or part of an address or a description."
    ordering = ("-id",)
    exclude = ("sealed_secret", "sealed_former_secret")
    actions = ("disable", "enable", "rotate", "remove")

    def get_urls(self) -> list[URLPattern]:
        register = self.admin_site.admin_view(self.register)
        return [path("register/", register, name="webhooks_endpoint_register"), *super().get_urls()]

    @admin.display(description="workspace", ordering="workspace")
    def owner(self, endpoint: Endpoint) -> str:
        return str(endpoint.workspace or "the platform")

    @admin.action(description="Disable these endpoints", permissions=["act"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        self._each(request, queryset, services.disable_by_staff)

    @admin.action(description="Enable these endpoints", permissions=["act"])
    def enable(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        self._each(request, queryset, services.enable_by_staff)

    @admin.action(description="Give this endpoint of the platform a new secret", permissions=["act"])
    def rotate(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> HttpResponse | None:
        if len(chosen := queryset[:2]) != 1:
            self.message_user(request, "Choose one endpoint: its secret is shown once.", messages.WARNING)
            return None
        endpoint = None
        with refusals_as_messages(request, chosen[0]):
            endpoint = services.rotate_platform_secret(actor_id=staff_id(request), endpoint_id=chosen[0].id)
        return self._secret_page(request, title="A new secret", endpoint=endpoint, is_new=False) if endpoint else None

    @admin.action(description="Delete these disabled endpoints of the platform", permissions=["act"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        self._each(request, queryset, services.delete_platform_endpoint)

    def _each(self, request: HttpRequest, endpoints: QuerySet[Endpoint], do: Callable[..., object]) -> None:
        for endpoint in endpoints.order_by("id"):
            with refusals_as_messages(request, endpoint):
                do(actor_id=staff_id(request), endpoint_id=endpoint.id)

    def register(self, request: HttpRequest) -> HttpResponse:
        """Register an endpoint of the platform."""
        if not self.has_act_permission(request):
            raise PermissionDenied
        form = EndpointForm(request.POST or None)
        endpoint = _registered(request, form) if form.is_valid() else None
        title = "Register an endpoint of the platform"
        return self._secret_page(request, title=title, form=form, endpoint=endpoint, is_new=True)

    def _secret_page(self, request: HttpRequest, **values: Any) -> HttpResponse:
        """The answer to a POST that shows a secret.

        It is no message and no redirect, either of which would keep the secret in a cookie or the session, and no
        browser stores the page: nothing of the staff site may be stored.
        """
        return render(request, "webhooks/secret.html", {**self.admin_site.each_context(request), **values})


class AttemptInline(WebhookScreen, admin.TabularInline):  # type: ignore[type-arg]
    model = Attempt
    extra = 0
    ordering = ("number",)


@admin.register(Delivery)
class DeliveryAdmin(WebhookScreen, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("event_name", "endpoint", "status", "attempts", "status_code", "error", "due_at", "created_at")
    list_filter = ("status", "event_name", "channel")
    list_select_related = ("endpoint",)
    search_fields = ("=id", "=endpoint__id", "=endpoint__workspace__id", "=event_id", "=subject_id", "=trace_id")
    search_help_text = "An id of a delivery, endpoint, workspace, event, person or trace."
    ordering = ("-id",)
    inlines = (AttemptInline,)
    actions = ("replay",)

    @admin.action(description="Send once more", permissions=["act"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        count = 0
        for endpoint in Endpoint.objects.filter(id__in=queryset.order_by().values("endpoint")).order_by("id"):
            with refusals_as_messages(request, endpoint):
                count += services.replay_by_staff(
                    actor_id=staff_id(request),
                    endpoint_id=endpoint.id,
                    deliveries=queryset,  # type: ignore[arg-type]
                )
        self.message_user(request, f"{count} deliveries will be sent once more.", messages.SUCCESS)


def _registered(request: HttpRequest, form: EndpointForm) -> Endpoint | None:
    """The endpoint with its secret; where the service refuses, the form says why."""
    given: Mapping[str, Any] = form.cleaned_data
    try:
        return services.register_platform_endpoint(actor_id=staff_id(request), **given)
    except AppError as error:
        form.add_error(None, said_by(error))
    return None
