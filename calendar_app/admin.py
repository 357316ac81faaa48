"""The calendar in the staff site: to be looked at. Changes go through services, nearly all by the owner."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from access.selectors import staff_may
from calendar_app.models import CalendarShare, Event, Reminder, Subscription
from calendar_app.services import sharing, subscribing
from core.screens import ReadOnly, staff_id


@admin.register(Event)
class EventAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("title", "owner", "starts_at", "ends_at", "timezone", "event_type", "status", "is_series", "source")
    list_filter = ("status", "event_type", "source", "visibility", "is_series", "is_all_day")
    search_fields = ("title", "owner__email", "uid", "related_entity_id")
    list_select_related = ("owner",)
    date_hierarchy = "starts_at"


@admin.register(Reminder)
class ReminderAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("event", "occurrence_start", "due_at")
    list_select_related = ("event",)
    date_hierarchy = "due_at"


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Who has an address, which nobody can see; staff who may end sessions may revoke it, too."""

    list_display = ("owner", "created_at")
    exclude = ("token_digest",)
    search_fields = ("owner__email",)
    list_select_related = ("owner",)
    actions = ("revoke",)

    def has_act_permission(self, request: HttpRequest) -> bool:
        return staff_may(request.user, "admin:sessions.end")

    @admin.action(description="Revoke these addresses", permissions=["act"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        ids = list(queryset.values_list("id", flat=True))
        subscribing.revoke_subscriptions(actor=staff_id(request), ids=ids)


@admin.register(CalendarShare)
class CalendarShareAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Who lets whom into a calendar; what is in it stays between them."""

    list_display = ("owner", "email", "member", "level", "expires_at", "accepted_at", "created_at")
    list_filter = ("level",)
    list_select_related = ("owner", "member")
    search_fields = ("=id", "owner__email", "email", "member__email")
    ordering = ("-id",)
    actions = ("end",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_may(request.user, "admin:people.read")

    def has_act_permission(self, request: HttpRequest) -> bool:
        return staff_may(request.user, "admin:sessions.end")

    @admin.action(description="End these shares", permissions=["act"])
    def end(self, request: HttpRequest, queryset: QuerySet[CalendarShare]) -> None:
        for share_id in queryset.values_list("id", flat=True):
            sharing.revoke_share(actor=staff_id(request), share_id=share_id)
