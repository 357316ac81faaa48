"""Mentors in the staff site: support leads decide about applications. Sessions are to be looked at."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.http import HttpRequest

from access.selectors import staff_may
from mentors import services
from mentors.errors import InvalidState
from mentors.models import AvailabilityException, AvailabilityRule, Mentor, MentorSession
from mentors.scopes import STAFF


class ReadOnly:
    """Rows to read, for whoever decides about mentors."""

    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_may(request.user, STAFF)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RuleInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = AvailabilityRule
    extra = 0
    fields = readonly_fields = ("weekday", "start_minute", "end_minute", "first_day", "last_day")


class ExceptionInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = AvailabilityException
    extra = 0
    fields = readonly_fields = ("kind", "first_day", "last_day", "start_minute", "end_minute")


@admin.register(Mentor)
class MentorAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
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
            try:
                decide(actor_id=cast("AbstractBaseUser", request.user).pk, mentor_id=mentor.id)
            except InvalidState as error:
                self.message_user(request, f"{mentor}: {error.message}", "warning")


@admin.register(MentorSession)
class MentorSessionAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("mentor", "mentee", "starts_at", "ends_at", "status", "closed_by", "reason")
    list_filter = ("status", "closed_by")
    list_select_related = ("mentor", "mentee")
    search_fields = ("=id", "=mentor__id", "=mentee__id")
    date_hierarchy = "starts_at"
    ordering = ("-starts_at",)
