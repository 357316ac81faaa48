"""The calendar in the staff site: to be looked at. Changes go through services, by the owner."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from calendar_app.models import Event, Reminder, Subscription


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("title", "owner", "starts_at", "ends_at", "timezone", "event_type", "status", "is_series", "source")
    list_filter = ("status", "event_type", "source", "visibility", "is_series", "is_all_day")
    search_fields = ("title", "owner__email", "uid", "related_entity_id")
    list_select_related = ("owner",)
    date_hierarchy = "starts_at"
    show_full_result_count = False


@admin.register(Reminder)
class ReminderAdmin(ReadOnlyAdmin):
    list_display = ("event", "occurrence_start", "due_at")
    list_select_related = ("event",)
    date_hierarchy = "due_at"


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    """Who has an address; nobody can see it, and only its owner revokes it."""

    list_display = ("owner", "created_at")
    exclude = ("token_digest",)
    search_fields = ("owner__email",)
    list_select_related = ("owner",)
