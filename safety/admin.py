"""The queue of reports: the oldest first, each with its age against the promise of 24 hours."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from access.selectors import staff_may
from core.screens import ReadOnly, refusals_as_messages, staff_id
from safety import services
from safety.models import Report
from safety.scopes import STAFF
from safety.types import PROMISE, WAITING

HOUR = 3600  # seconds


class ReasonForm(ActionForm):
    """Beside the choice of an action: why. It is recorded, and people are told."""

    reason = forms.CharField(max_length=200, required=False, label="Reason, as people are told it:")


class QueueFilter(admin.SimpleListFilter):
    """What waits, unless something else is asked for."""

    title = "queue"
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("overdue", "Overdue"), ("decided", "Decided"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        everything, *others = super().choices(changelist)
        return [{**everything, "display": "Waiting"}, *others]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Report]:
        asked: dict[str | None, Callable[[], Any]] = {
            "overdue": lambda: queryset.overdue(timezone.now()),
            "decided": lambda: queryset.exclude(status__in=WAITING),
            "all": lambda: queryset,
        }
        found: QuerySet[Report] = asked.get(self.value(), queryset.waiting)()
        return found


@admin.register(Report)
class ReportAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows to read for whoever handles reports; what changes them is an action, and goes through a service."""

    list_display = ("age", "reason", "subject_type", "subject_title", "subject_owner", "says", "reporter", "status")
    list_display_links = ("reason",)
    list_filter = (QueueFilter, "status", "reason", "subject_type")
    list_select_related = ("subject_owner", "reporter")
    search_fields = ("=id", "=subject_id", "reporter__email__startswith", "subject_owner__email__startswith")
    ordering = ("created_at", "id")
    list_per_page = 50
    action_form = ReasonForm
    actions = ("take", "dismiss", "act")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_may(request.user, STAFF)

    def has_act_permission(self, request: HttpRequest) -> bool:
        return staff_may(request.user, STAFF)

    @admin.display(description="age", ordering="created_at")
    def age(self, report: Report) -> str | SafeString:
        """How long a report has waited, or waited until it was decided; red where that is longer than promised."""
        waited = (report.decided_at or timezone.now()) - report.created_at
        text = f"{waited.total_seconds() / HOUR:.1f} h"
        return format_html('<strong style="color: #ba2121">{}</strong>', text) if waited >= PROMISE else text

    @admin.display(description="message")
    def says(self, report: Report) -> str:
        return report.message if len(report.message) <= 80 else report.message[:79] + "…"

    @admin.action(description="Take into review", permissions=["act"])
    def take(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        self._each(request, queryset, services.take_report)

    @admin.action(description="Dismiss, with a reason", permissions=["act"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        self._each(request, queryset, services.dismiss_report, reason=request.POST.get("reason", ""))

    @admin.action(description="Remove or suspend what was reported, with a reason", permissions=["act"])
    def act(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        done: set[Any] = set()
        for report in queryset.order_by("created_at", "id"):
            if report.id not in done:  # decided together with another report of the same subject
                with refusals_as_messages(request, report):
                    decided = services.act_on_report(
                        actor_id=staff_id(request), report_id=report.id, reason=request.POST.get("reason", "")
                    )
                    done |= {each.id for each in decided}

    def _each(self, request: HttpRequest, reports: QuerySet[Report], do: Callable[..., Any], **given: str) -> None:
        for report in reports.order_by("created_at", "id"):
            with refusals_as_messages(request, report):
                do(actor_id=staff_id(request), report_id=report.id, **given)
