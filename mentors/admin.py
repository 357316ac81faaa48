"""Mentors in the staff site: support leads decide about applications. Sessions are to be looked at."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from access.selectors import staff_may
from core.screens import ReadOnly, refusals_as_messages, staff_id
from mentors import services
from mentors.models import AvailabilityException, AvailabilityRule, Mentor, MentorSession
from mentors.scopes import STAFF


class MentorScreen(ReadOnly):
    """Rows to read, for whoever decides about mentors."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_may(request.user, STAFF)


class RuleInline(MentorScreen, admin.TabularInline):  # type: ignore[type-arg]
    model = AvailabilityRule
    extra = 0
    fields = readonly_fields = ("weekday", "start_minute", "end_minute", "first_day", "last_day")


class ExceptionInline(MentorScreen, admin.TabularInline):  # type: ignore[type-arg]
    model = AvailabilityException
    extra = 0
    fields = readonly_fields = ("kind", "first_day", "last_day", "start_minute", "end_minute")


@admin.register(Mentor)
class MentorAdmin(MentorScreen, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("user", "headline", "status", "is_accepting", "created_at", "decided_at")
    list_filter = ("status", "is_accepting")
    list_select_related = ("user",)
    search_fields = ("=id", "user__email__startswith", "headline")
    ordering = ("-created_at",)
    inlines = (RuleInline, ExceptionInline)
    actions = ("approve", "reject", "suspend")

    def has_act_permission(self, request: HttpRequest) -> bool:
        return staff_may(request.user, STAFF)

    @admin.action(description="Approve these mentors", permissions=["act"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Mentor]) -> None:
        self._decide(request, queryset, services.approve_mentor)

    @admin.action(description="Turn these applications down", permissions=["act"])
    def reject(self, request: HttpRequest, queryset: QuerySet[Mentor]) -> None:
        self._decide(request, queryset, partial(services.reject_mentor, note="Turned down by staff"))

    @admin.action(description="Suspend these mentors", permissions=["act"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[Mentor]) -> None:
        self._decide(request, queryset, partial(services.suspend_mentor, note="Suspended by staff"))

    def _decide(self, request: HttpRequest, mentors: QuerySet[Mentor], decide: Callable[..., Mentor]) -> None:
        for mentor in mentors:
            with refusals_as_messages(request, mentor):
                decide(actor_id=staff_id(request), mentor_id=mentor.id)


@admin.register(MentorSession)
class MentorSessionAdmin(MentorScreen, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("mentor", "mentee", "starts_at", "ends_at", "status", "closed_by", "reason")
    list_filter = ("status", "closed_by")
    list_select_related = ("mentor", "mentee")
    search_fields = ("=id", "=mentor__id", "=mentee__id")
    date_hierarchy = "starts_at"
    ordering = ("-starts_at",)
