"""Events as clients see and write them."""

from datetime import datetime
from typing import Any

import orjson
from django.utils import timezone
from rest_framework import serializers

from calendar_app.models import MAX_DESCRIPTION, MAX_METADATA, MAX_REMINDER_MINUTES, CalendarShare, Event
from calendar_app.occurrences import day_key
from calendar_app.recurrence import MAX_LENGTH as MAX_RECURRENCE_LENGTH
from calendar_app.scopes import EDIT
from calendar_app.types import (
    MANAGED_SOURCES,
    OPEN_STATUSES,
    EditScope,
    EventStatus,
    EventType,
    ImportOutcome,
    ShareLevel,
    Visibility,
)
from core.http.access import Caller
from core.http.fields import MomentField, TextField
from core.http.links import Link, Links
from core.http.serializers import Computed, ModelSerializer, Serializer
from core.http.versions import OldField, VersionChange


def _newest_status(sent: dict[str, Any]) -> dict[str, Any]:
    """`is_completed` as older trains write it; a status that is sent beside it says more."""
    if "status" in sent:
        return {"status": sent["status"]}
    return {"status": EventStatus.COMPLETED.value} if sent.get("is_completed") is True else sent


STATUS_REPLACED_IS_COMPLETED = VersionChange(
    "2024.09",
    "An event's `status` replaced `is_completed`; older trains get both.",
    fields={"is_completed": OldField(("status",), lambda status: status == EventStatus.COMPLETED)},
    write=_newest_status,
)


def _is_own(caller: Caller, owner_id: Any) -> bool:
    return bool(owner_id == caller.user_id)


def _may_close(caller: Caller, owner_id: Any, status: str, source: str) -> bool:
    return _is_own(caller, owner_id) and status in OPEN_STATUSES and source not in MANAGED_SOURCES


def _may_reopen(caller: Caller, owner_id: Any, status: str, source: str) -> bool:
    return _is_own(caller, owner_id) and status not in OPEN_STATUSES and source not in MANAGED_SOURCES


def _may_delete(caller: Caller, owner_id: Any, status: str, source: str) -> bool:
    """What stands for a meeting stays until the meeting is called off."""
    return _is_own(caller, owner_id) and (source not in MANAGED_SOURCES or status == EventStatus.CANCELLED)


def _may_accept(caller: Caller, owner_id: Any, member_id: Any) -> bool:
    return member_id is None and not _is_own(caller, owner_id)


_OF = ("owner_id", "status", "source")
EVENT_LINKS = Links(
    "calendar/events",
    (
        Link("update", "PATCH", scope=EDIT, when=_is_own, of=("owner_id",)),
        Link("complete", "POST", "/complete", scope=EDIT, when=_may_close, of=_OF),
        Link("cancel", "POST", "/cancel", scope=EDIT, when=_may_close, of=_OF),
        Link("reopen", "POST", "/reopen", scope=EDIT, when=_may_reopen, of=_OF),
        Link("delete", "DELETE", scope=EDIT, when=_may_delete, of=_OF),
    ),
    id="public_id",
)


class EventOwnerSerializer(Serializer):
    """Whose an event is, as far as whoever may read it may know."""

    id = serializers.UUIDField()
    full_name = serializers.CharField()


class EventSerializer(ModelSerializer):
    """An event, or one occurrence of a series: then `series_id` and `original_start` say of which."""

    links = EVENT_LINKS
    expandable = {"owner": EventOwnerSerializer}
    version_changes = (STATUS_REPLACED_IS_COMPLETED,)

    id = serializers.CharField(source="public_id")
    day_key = Computed(
        day_key, "starts_at", "is_all_day", "timezone", output=serializers.DateField(), context=("zone",)
    )
    video_conference_link = serializers.CharField()  # may be empty, which no URI is
    owner_id = serializers.UUIDField()
    series_id = serializers.UUIDField(allow_null=True)
    version = serializers.IntegerField(source="rev")

    class Meta:
        model = Event
        fields = read_only_fields = (
            "id", "title", "description", "starts_at", "ends_at", "is_all_day", "timezone", "day_key",
            "event_type", "status", "source", "location", "video_conference_link", "reminder_minutes", "visibility",
            "related_entity_type", "related_entity_id", "color_hex", "focus_mode", "recurrence", "metadata",
            "completed_at", "cancelled_at", "cancellation_reason", "owner_id", "series_id", "original_start",
            "version", "created_at", "updated_at",
        )  # fmt: skip


class MetadataField(serializers.JSONField):
    """An object of the client's own."""

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        if not isinstance(value, dict):
            raise serializers.ValidationError("Must be an object.", code="not_an_object")
        if len(orjson.dumps(value)) > MAX_METADATA:
            raise serializers.ValidationError(f"At most {MAX_METADATA:,} bytes.", code="max_length")
        return value


class ColorField(serializers.RegexField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"^#[0-9A-Fa-f]{6}$", **kwargs)

    def to_internal_value(self, data: Any) -> str:
        return str(super().to_internal_value(data)).upper()


class EventWriteSerializer(Serializer):
    """What a client may say of an event."""

    version_changes = (STATUS_REPLACED_IS_COMPLETED,)

    title = TextField(max_length=255)
    description = TextField(max_length=MAX_DESCRIPTION, required=False, allow_blank=True)
    starts_at = MomentField()
    ends_at = MomentField()
    is_all_day = serializers.BooleanField(required=False)
    timezone = serializers.CharField(max_length=64, required=False)
    event_type = serializers.ChoiceField([*EventType], required=False)
    status = serializers.ChoiceField([*EventStatus], required=False)
    is_completed = serializers.BooleanField(required=False, help_text="Until 2024.08; `status` replaced it.")
    location = TextField(max_length=500, required=False, allow_blank=True)
    video_conference_link = serializers.URLField(max_length=2000, required=False, allow_blank=True)
    reminder_minutes = serializers.IntegerField(
        min_value=0, max_value=MAX_REMINDER_MINUTES, required=False, allow_null=True
    )
    visibility = serializers.ChoiceField([*Visibility], required=False)
    related_entity_type = TextField(max_length=50, required=False, allow_blank=True)
    related_entity_id = TextField(max_length=64, required=False, allow_blank=True)
    color_hex = ColorField(required=False, allow_blank=True)
    focus_mode = serializers.BooleanField(required=False)
    recurrence = serializers.CharField(max_length=MAX_RECURRENCE_LENGTH, required=False, allow_blank=True)
    metadata = MetadataField(required=False)


class ScopeSerializer(Serializer):
    """How far a change to an occurrence reaches; it may stand in the body or in the address."""

    scope = serializers.ChoiceField([*EditScope], required=False)


class EventUpdateSerializer(EventWriteSerializer, ScopeSerializer):
    """Any of an event's fields; those left out stay as they are."""


class CancelSerializer(ScopeSerializer):
    reason = TextField(max_length=500, required=False, allow_blank=True)


class MetricsSerializer(Serializer):
    """Counts are keyed by type and status; words that do not occur are left out."""

    total = serializers.IntegerField()
    upcoming_count = serializers.IntegerField()
    overdue_count = serializers.IntegerField()
    type_counts = serializers.DictField(child=serializers.IntegerField())
    status_counts = serializers.DictField(child=serializers.IntegerField())
    next_event = EventSerializer(allow_null=True)


class AgendaSerializer(Serializer):
    """Events under every day on which they stand, keyed by date in the caller's time zone."""

    days = serializers.DictField(child=EventSerializer(many=True))
    metrics = MetricsSerializer()


class ImportedEventSerializer(Serializer):
    index = serializers.IntegerField()
    uid = serializers.CharField()
    summary = serializers.CharField()
    outcome = serializers.ChoiceField([*ImportOutcome])
    changes = serializers.ListField(child=serializers.CharField())
    reason = serializers.CharField()
    event_id = serializers.CharField(allow_null=True)


class ImportReportSerializer(Serializer):
    """What became of every event of a file. `counts` is keyed by outcome."""

    counts = serializers.DictField(child=serializers.IntegerField())
    events = ImportedEventSerializer(many=True)


class SubscriptionSerializer(Serializer):
    """`url` is shown once, when the address is made."""

    url = serializers.URLField(required=False)
    created_at = serializers.DateTimeField()


def _share_status(member_id: Any, expires_at: datetime | None) -> str:
    if expires_at is not None and expires_at <= timezone.now():
        return "expired"
    return "offered" if member_id is None else "accepted"


class ShareSerializer(ModelSerializer):
    """A calendar shared with somebody; `email` is whom it was offered to."""

    owner_id = serializers.UUIDField(read_only=True)
    owner_name = serializers.CharField(source="owner.full_name", read_only=True)
    status = Computed(
        _share_status, "member_id", "expires_at", output=serializers.ChoiceField(["offered", "accepted", "expired"])
    )
    links = Links(
        "calendar/shares",
        (
            Link("accept", "POST", "/accept", scope=EDIT, when=_may_accept, of=("owner_id", "member_id")),
            Link("end", "DELETE", scope=EDIT),
        ),
    )

    class Meta:
        model = CalendarShare
        fields = ("id", "owner_id", "owner_name", "email", "level", "status", "expires_at", "accepted_at", "created_at")


class ShareWriteSerializer(Serializer):
    email = serializers.EmailField(max_length=254)
    level = serializers.ChoiceField([*ShareLevel])
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
