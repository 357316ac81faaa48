"""Mentors, their hours and sessions, as clients see and write them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers
from rest_framework.fields import empty

from core.http.access import Caller
from core.http.fields import MomentField, TextField
from core.http.links import Link, Links
from core.http.money import MoneyField, amount_field
from core.http.serializers import Computed, ModelSerializer, Serializer
from core.money import Money
from mentors.models import AvailabilityException, AvailabilityRule, Mentor, MentorSession
from mentors.scopes import MANAGE
from mentors.types import CANCELLATION_WINDOW, DAY_MINUTES, MAX_MINUTES, OVERRIDE, STEPS, Action, ExceptionKind, Party

MAX_TAGS = 20
_CLOCK = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"


def _others(caller: Caller, mentor_id: UUID, is_accepting: bool) -> bool:
    return is_accepting and caller.user_id != mentor_id


def _may(action: Action) -> Link:
    """The link of a step: for whom `STEPS` lets take it, while it does."""
    step = STEPS[action]

    def when(caller: Caller, mentor_id: UUID, mentee_id: UUID, status: str, starts_at: datetime) -> bool:
        sides = {mentor_id: Party.MENTOR, mentee_id: Party.MENTEE}
        party = sides.get(caller.user_id, Party.SUPPORT if OVERRIDE in caller.scopes else None)
        in_time = party is Party.SUPPORT or timezone.now() <= starts_at - CANCELLATION_WINDOW
        has_begun = starts_at <= timezone.now()
        fits = {Action.COMPLETE: has_begun, Action.APPROVE: not has_begun}.get(action, True)
        return party in step.by and status in step.before and fits and (in_time or not step.in_time)

    of = ("mentor_id", "mentee_id", "status", "starts_at")
    scope = MANAGE if step.by == {Party.MENTOR} else ""
    return Link(action.value, "POST", f"/{action}", scope=scope, when=when, of=of)


class TagSerializer(Serializer):
    """What a mentor knows about; `weight`, from 0 to 1, says how well."""

    slug = serializers.RegexField(r"^[a-z0-9][a-z0-9+#.-]{0,39}$", max_length=40)
    label = TextField(max_length=60)  # type: ignore[assignment]  # a name of the base class
    weight = serializers.FloatField(min_value=0, max_value=1, default=1.0)


def _tags(tags: Sequence[Any]) -> Sequence[Any]:
    return tags


class MentorSerializer(ModelSerializer):
    """A mentor as everybody sees them. `price` is that of an hour."""

    links = Links(
        "mentors",
        (
            Link("availability", "GET", "/availability"),
            Link("book", "POST", "/sessions", when=_others, of=("id", "is_accepting")),
        ),
    )

    name = serializers.CharField(source="user.full_name")
    expertise_tags = Computed(_tags, "expertise", output=TagSerializer(many=True))
    price = amount_field("price_minor")
    durations = serializers.ListField(child=serializers.IntegerField())
    version = serializers.IntegerField(source="rev")

    class Meta:
        model = Mentor
        fields: tuple[str, ...] = (
            "id", "name", "headline", "bio", "expertise_tags", "price", "timezone", "durations", "notice_minutes",
            "horizon_days", "is_accepting", "version", "updated_at",
        )  # fmt: skip
        read_only_fields = fields


class OwnMentorSerializer(MentorSerializer):
    """A mentor as they see themselves: with how they are booked, and where their application stands."""

    links = Links("mentors")

    class Meta(MentorSerializer.Meta):
        fields = read_only_fields = (
            *MentorSerializer.Meta.fields, "status", "motivation", "slot_minutes", "buffer_before_minutes",
            "buffer_after_minutes", "max_per_day", "decided_at", "decision_note", "created_at",
        )  # fmt: skip


class MentorUpdateSerializer(Serializer):
    """Any of what mentors say of themselves; what is left out stays as it is."""

    headline = TextField(max_length=120)
    bio = TextField(max_length=5_000, required=False, allow_blank=True)
    timezone = serializers.CharField(max_length=64, required=False)
    expertise_tags = serializers.ListField(
        child=TagSerializer(), max_length=MAX_TAGS, required=False, source="expertise"
    )
    price = MoneyField(required=False)
    durations = serializers.ListField(
        child=serializers.IntegerField(min_value=15, max_value=MAX_MINUTES), min_length=1, max_length=8, required=False
    )
    slot_minutes = serializers.ChoiceField([5, 10, 15, 20, 30, 60], required=False)
    buffer_before_minutes = serializers.IntegerField(min_value=0, max_value=120, required=False)
    buffer_after_minutes = serializers.IntegerField(min_value=0, max_value=120, required=False)
    notice_minutes = serializers.IntegerField(min_value=0, max_value=30 * DAY_MINUTES, required=False)
    horizon_days = serializers.IntegerField(min_value=1, max_value=365, required=False)
    max_per_day = serializers.IntegerField(min_value=0, max_value=50, required=False)
    is_accepting = serializers.BooleanField(required=False)

    def validate_price(self, price: Money) -> Money:
        if price.minor < 0:
            raise serializers.ValidationError("A price cannot be negative.", code="negative")
        return price

    def validate_expertise_tags(self, tags: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({tag["slug"] for tag in tags}) < len(tags):
            raise serializers.ValidationError("Each slug once.", code="not_unique")
        return [dict(tag) for tag in tags]


class MentorApplicationSerializer(MentorUpdateSerializer):
    """`motivation` is for the staff who decide."""

    motivation = TextField(max_length=5_000, required=False, allow_blank=True)


class ClockField(serializers.RegexField):
    """A time on the clock on the wall, `09:00` to `24:00`, as minutes after midnight."""

    def __init__(self, **options: Any) -> None:
        super().__init__(_CLOCK, max_length=5, **options)

    def run_validation(self, data: Any = empty) -> Any:
        hours, minutes = str(super().run_validation(data)).split(":")
        return int(hours) * 60 + int(minutes)


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


class RuleSerializer(ModelSerializer):
    """Open hours on a weekday (1 is Monday), by the mentor's clock."""

    links = Links("mentors/me/rules", (Link("update", "PATCH", scope=MANAGE), Link("delete", "DELETE", scope=MANAGE)))

    starts = Computed(clock, "start_minute", output=serializers.CharField())
    ends = Computed(clock, "end_minute", output=serializers.CharField())
    version = serializers.IntegerField(source="rev")

    class Meta:
        model = AvailabilityRule
        fields = read_only_fields = (
            "id",
            "weekday",
            "starts",
            "ends",
            "first_day",
            "last_day",
            "version",
            "updated_at",
        )


class RuleWriteSerializer(Serializer):
    weekday = serializers.IntegerField(min_value=1, max_value=7)
    starts = ClockField(source="start_minute")
    ends = ClockField(source="end_minute")
    first_day = serializers.DateField(required=False, allow_null=True)
    last_day = serializers.DateField(required=False, allow_null=True)


class ExceptionSerializer(ModelSerializer):
    """Hours that are closed on certain days, or open beside the weekly ones; closed wins."""

    links = Links(
        "mentors/me/exceptions", (Link("update", "PATCH", scope=MANAGE), Link("delete", "DELETE", scope=MANAGE))
    )

    starts = Computed(clock, "start_minute", output=serializers.CharField())
    ends = Computed(clock, "end_minute", output=serializers.CharField())
    version = serializers.IntegerField(source="rev")

    class Meta:
        model = AvailabilityException
        fields = read_only_fields = (
            "id", "kind", "first_day", "last_day", "starts", "ends", "note", "version", "updated_at",
        )  # fmt: skip


class ExceptionWriteSerializer(Serializer):
    """Without hours, whole days; without `last_day`, one."""

    kind = serializers.ChoiceField([*ExceptionKind])
    first_day = serializers.DateField()
    last_day = serializers.DateField(required=False)
    starts = ClockField(source="start_minute", required=False)
    ends = ClockField(source="end_minute", required=False)
    note = TextField(max_length=200, required=False, allow_blank=True)


class SlotSerializer(Serializer):
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    day_key = serializers.DateField()


class AvailabilitySerializer(Serializer):
    """The slots that can be booked, in order; `day_key` is the day in `timezone`."""

    mentor_id = serializers.UUIDField()
    timezone = serializers.CharField()
    duration_minutes = serializers.IntegerField()
    slots = SlotSerializer(many=True)


def _minutes(starts_at: datetime, ends_at: datetime) -> int:
    return int((ends_at - starts_at).total_seconds()) // 60


def _cancellable_until(starts_at: datetime) -> datetime:
    return starts_at - CANCELLATION_WINDOW


class MentorSessionSerializer(ModelSerializer):
    """A session, as both sides see it. `timezone` is the mentee's."""

    links = Links("mentors/{parent}/sessions", tuple(_may(action) for action in Action), parent="mentor_id")

    mentor_id = serializers.UUIDField()
    mentor_name = serializers.CharField(source="mentor.user.full_name")
    mentee_id = serializers.UUIDField()
    mentee_name = serializers.CharField(source="mentee.full_name")
    duration_minutes = Computed(_minutes, "starts_at", "ends_at", output=serializers.IntegerField())
    price = amount_field("price_minor")
    cancellable_until = Computed(_cancellable_until, "starts_at", output=serializers.DateTimeField())
    version = serializers.IntegerField(source="rev")

    class Meta:
        model = MentorSession
        fields = read_only_fields = (
            "id", "mentor_id", "mentor_name", "mentee_id", "mentee_name", "starts_at", "ends_at", "duration_minutes",
            "timezone", "topic", "status", "reason", "price", "cancellable_until", "decided_at", "closed_at",
            "closed_by", "version", "created_at", "updated_at",
        )  # fmt: skip


class BookingSerializer(Serializer):
    """`timezone` is where the mentee will be; without it, their own."""

    starts_at = MomentField()
    duration_minutes = serializers.IntegerField(min_value=1, max_value=MAX_MINUTES)
    topic = TextField(max_length=200)
    timezone = serializers.CharField(max_length=64, required=False)


class ReasonSerializer(Serializer):
    """A support lead has to give a reason."""

    reason = TextField(max_length=200, required=False, allow_blank=True)


class RescheduleSerializer(ReasonSerializer):
    starts_at = MomentField()
