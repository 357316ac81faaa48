"""The inbox in the staff site: to be looked at, without what it says."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from push_notifications.models import APNSDevice, GCMDevice, WebPushDevice, WNSDevice

from access.selectors import staff_may
from core.screens import ReadOnly
from notifications.models import Delivery, Notification, Preferences, PushRegistration


class InboxScreen(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    ordering = ("-id",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_may(request.user, "admin:people.read")


@admin.register(Notification)
class NotificationAdmin(InboxScreen):
    list_display = ("type", "user", "category", "created_at", "delivered_at", "read_at")
    list_filter = ("category",)
    list_select_related = ("user",)
    search_fields = ("=id", "=event_id", "user__email")
    exclude = ("title", "message", "metadata")


@admin.register(Delivery)
class DeliveryAdmin(InboxScreen):
    list_display = ("notification_id", "channel", "status", "due_at", "attempts", "error")
    list_filter = ("status", "channel")
    search_fields = ("=id", "=notification__id")
    exclude = ("notification",)


@admin.register(Preferences)
class PreferencesAdmin(InboxScreen):
    list_display = ("user", "quiet_from", "quiet_until", "quiet_zone", "max_per_day")
    list_select_related = ("user",)
    search_fields = ("user__email",)


@admin.register(PushRegistration)
class PushRegistrationAdmin(InboxScreen):
    list_display = ("user", "platform", "device_id", "created_at")
    list_filter = ("platform",)
    list_select_related = ("user",)
    search_fields = ("=device__id", "user__email")
    exclude = ("fcm", "apns")


# Their screens show tokens, and send by ways that we do not use.
admin.site.unregister([APNSDevice, GCMDevice, WebPushDevice, WNSDevice])
