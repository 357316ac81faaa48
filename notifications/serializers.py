"""The inbox as clients see it, and what they may say of it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from rest_framework import serializers

from core.contributions.notices import Category, Channel
from core.http.access import Caller
from core.http.links import Link, Links
from core.http.serializers import Computed, ModelSerializer, Serializer
from notifications.models import Notification, PushRegistration
from notifications.types import Platform, QuietHours, Wishes

MAX_TOKEN = 1000


def _is_unread(caller: Caller, read_at: datetime | None) -> bool:
    return read_at is None


def _has_happened(moment: datetime | None) -> bool:
    return moment is not None


def _address(path: str) -> str:
    return f"{settings.PUBLIC_BASE_URL}/l/{path}" if path else ""


class NotificationSerializer(ModelSerializer):
    """`deep_link` opens the app where what happened can be seen. `delivered`: it reached somebody by some channel."""

    links = Links("notifications", (Link("read", "PUT", "/read", when=_is_unread, of=("read_at",)),))

    deep_link = Computed(_address, "deep_link", output=serializers.CharField())
    read = Computed(_has_happened, "read_at", output=serializers.BooleanField())
    delivered = Computed(_has_happened, "delivered_at", output=serializers.BooleanField())

    class Meta:
        model = Notification
        fields = read_only_fields = (
            "id", "type", "category", "title", "message", "metadata", "deep_link", "read", "delivered", "created_at",
            "read_at",
        )  # fmt: skip


class UnreadCountSerializer(Serializer):
    unread_count = serializers.IntegerField()


class AllReadSerializer(Serializer):
    message = serializers.CharField()


class ChannelsSerializer(Serializer):
    email = serializers.BooleanField(required=False)
    push = serializers.BooleanField(required=False)


class CategoriesSerializer(Serializer):
    """What is told by which channel. The inbox itself holds everything; security cannot be turned off."""

    calendar = ChannelsSerializer(required=False)
    mentorship = ChannelsSerializer(required=False)
    finance = ChannelsSerializer(required=False)
    security = ChannelsSerializer(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[Category, dict[Channel, bool]]:
        return {Category(name): {Channel(way): on for way, on in ways.items()} for name, ways in attrs.items()}


class QuietHoursSerializer(Serializer):
    """Every day between two times, past midnight where the end is the earlier one. What comes then is sent after."""

    starts_at = serializers.TimeField(format="%H:%M", input_formats=["%H:%M"])
    ends_at = serializers.TimeField(format="%H:%M", input_formats=["%H:%M"])
    timezone = serializers.CharField(max_length=64, source="zone")

    def validate_timezone(self, name: str) -> ZoneInfo:
        if name not in available_timezones():
            raise serializers.ValidationError("Name a time zone, such as Europe/Berlin.", code="unknown_timezone")
        return ZoneInfo(name)

    def validate(self, attrs: dict[str, Any]) -> QuietHours:
        if attrs["starts_at"] == attrs["ends_at"]:
            raise serializers.ValidationError("Begin and end at different times.", code="no_span")
        return QuietHours(**attrs)


class PreferencesSerializer(Serializer):
    """What is left out of a change stays as it is. `max_per_day` limits messages by each channel in 24 hours."""

    categories = CategoriesSerializer(required=False)
    quiet_hours = QuietHoursSerializer(required=False, allow_null=True)
    max_per_day = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=1000)

    def to_representation(self, instance: Wishes) -> dict[str, Any]:
        quiet = instance.quiet and {
            "starts_at": f"{instance.quiet.starts_at:%H:%M}",
            "ends_at": f"{instance.quiet.ends_at:%H:%M}",
            "timezone": instance.quiet.zone.key,
        }
        return {"categories": instance.all_choices(), "quiet_hours": quiet, "max_per_day": instance.max_per_day}


class DeviceTokenSerializer(Serializer):
    platform = serializers.ChoiceField([*Platform])
    token = serializers.RegexField(r"^[\x21-\x7e]+$", min_length=8, max_length=MAX_TOKEN)


class PushRegistrationSerializer(ModelSerializer):
    device_id = serializers.UUIDField()

    class Meta:
        model = PushRegistration
        fields = read_only_fields = ("device_id", "platform", "created_at")
