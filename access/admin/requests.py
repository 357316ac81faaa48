"""Requests for staff powers, and deciding them."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from access import services
from access.admin.people import email_of, members
from access.models import AccessRequest
from access.selectors import scopes_of_role, staff_may
from access.types import EVERY_STAFF_SCOPE
from core.screens import ReadOnly, refusals_as_messages, staff_id


class NoteForm(forms.Form):
    note = forms.CharField(max_length=200, required=False)


@admin.register(AccessRequest)
class AccessRequestAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Whoever holds every staff scope sees all; whoever asked sees their own."""

    change_form_template = "access/request.html"
    list_display = ("kind", "role", "beneficiary", "asked_by", "reason", "status", "expires_at", "decider")
    list_display_links = ("kind", "role")
    list_filter = ("status", "kind")
    ordering = ("-id",)
    fields = (
        "kind", "role", "gainers", "gives", "reason", "asked_by", "created_at", "expires_at", "status", "decider",
        "decided_at", "note",
    )  # fmt: skip
    readonly_fields = ("gainers", "gives", "asked_by", "decider")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        named: QuerySet[Any] = AccessRequest.objects.annotate(
            for_whom=email_of("user_id"), asked=email_of("requested_by"), decided=email_of("decided_by")
        )
        everything = staff_may(request.user, EVERY_STAFF_SCOPE)
        return named if everything else named.filter(requested_by=staff_id(request))

    def get_urls(self) -> list[URLPattern]:
        decide = self.admin_site.admin_view(require_POST(self.decide))
        return [path("<uuid:request_id>/decide/", decide, name="access_decide"), *super().get_urls()]

    @admin.display(description="for", ordering="for_whom")
    def beneficiary(self, asked: Any) -> str:
        return asked.for_whom or (f"all who hold {asked.role}" if asked.user_id is None else str(asked.user_id))

    @admin.display(description="asked by", ordering="asked")
    def asked_by(self, asked: Any) -> str:
        return asked.asked or str(asked.requested_by)

    @admin.display(description="decided by", ordering="decided")
    def decider(self, asked: Any) -> str:
        return asked.decided or str(asked.decided_by or "-")

    @admin.display(description="gives these scopes")
    def gives(self, asked: Any) -> SafeString:
        scopes = asked.scopes or sorted(scopes_of_role(asked.role))
        return format_html_join(" ", "<code>{}</code>", ((scope,) for scope in scopes))

    @admin.display(description="for")
    def gainers(self, asked: Any) -> str:
        """Everybody who would get it, so that whoever approves knows of each."""
        return members(asked.role) if asked.user_id is None else self.beneficiary(asked)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_may(request.user, "admin:roles.give")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        asked = self.get_object(request, object_id)
        return super().change_view(request, object_id, form_url, self._decidable(request, asked) if asked else None)

    def _decidable(self, request: HttpRequest, asked: AccessRequest) -> dict[str, Any]:
        actor = staff_id(request)
        may_decide = staff_may(request.user, EVERY_STAFF_SCOPE) and actor not in {asked.requested_by, asked.user_id}
        return {
            "title": str(asked).capitalize(),
            "note_form": NoteForm(),
            "is_open": asked.status == AccessRequest.Status.WAITING,
            "is_own": asked.requested_by == actor,
            "may_decide": may_decide,
        }

    def decide(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        """Approve, reject or withdraw."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = NoteForm(request.POST)
        note = form.cleaned_data["note"] if form.is_valid() else ""
        with refusals_as_messages(request):
            if "approve" in request.POST:
                services.approve(actor=staff_id(request), request_id=request_id, note=note)
                messages.success(request, "Approved; it has taken effect.")
            else:
                closed = services.reject(actor=staff_id(request), request_id=request_id, note=note)
                messages.success(request, f"The request is {closed.status}.")
        return redirect("admin:access_accessrequest_change", request_id)
