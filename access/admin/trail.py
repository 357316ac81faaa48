"""The audit trail to read."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from access.admin import decisions
from access.models import AuditEntry
from access.selectors import staff_may
from core.screens import ReadOnly


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Read-only; the database refuses changes as well."""

    list_display = (
        "recorded_at",
        "action",
        "outcome",
        "user_id",
        "target_type",
        "target_id",
        "channel",
        "ip",
        "reason",
    )
    list_filter = ("outcome", "category", "channel", "recorded_at")
    search_fields = ("=user_id", "=target_id", "=session_id", "=trace_id", "=decision_id", "action", "=ip")
    search_help_text = "An id of a user, target, session, trace or decision, an address, or part of an action."
    ordering = ("-id",)
    change_list_template = "access/trail.html"
    readonly_fields = ("explained",)

    def get_urls(self) -> list[URLPattern]:
        explain = self.admin_site.admin_view(decisions.explain)
        return [path("decision/", explain, name="access_decision"), *super().get_urls()]

    @admin.display(description="decision explained")
    def explained(self, entry: AuditEntry) -> str:
        if not entry.decision_id:
            return "-"
        return format_html(
            '<a href="{}?id={}">How it came about</a>', reverse("admin:access_decision"), entry.decision_id
        )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_may(request.user, "admin:people.read")
