"""Listings as clients see and write them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from rest_framework import serializers

from core.http.access import Caller
from core.http.fields import TextField
from core.http.links import Link, Links
from core.http.money import MoneyField, amount_field, plain_before
from core.http.serializers import Computed, ModelSerializer, Serializer
from explorer.models import MAX_DESCRIPTION, MAX_TAGS, MAX_WEIGHT, Application, Listing, Tag
from explorer.scopes import READ
from explorer.types import (
    DECIDABLE,
    SHOWN,
    BudgetPeriod,
    Category,
    Direction,
    EmploymentType,
    ListingStatus,
    Reason,
    ShareChannel,
    Standing,
)


def _is_own(caller: Caller, owner_id: UUID, status: str) -> bool:
    return owner_id == caller.user_id and status != ListingStatus.REMOVED


def _may_publish(caller: Caller, owner_id: UUID, status: str) -> bool:
    return owner_id == caller.user_id and status in {ListingStatus.DRAFT, ListingStatus.CLOSED}


def _may_close(caller: Caller, owner_id: UUID, status: str) -> bool:
    return owner_id == caller.user_id and status == ListingStatus.OPEN


def _may_delete(caller: Caller, owner_id: UUID, status: str) -> bool:
    return owner_id == caller.user_id and status == ListingStatus.DRAFT


def _may_apply(caller: Caller, owner_id: UUID, status: str) -> bool:
    return owner_id != caller.user_id and status == ListingStatus.OPEN


def _is_shown(caller: Caller, status: str) -> bool:
    return status in SHOWN


_OF = ("owner_id", "status")
_ENGAGING = {"scope": READ, "when": _is_shown, "of": ("status",)}
LISTING_LINKS = Links(
    "explorer/listings",
    (
        Link("like", "PUT", "/like", **_ENGAGING),  # type: ignore[arg-type]
        Link("save", "PUT", "/save", **_ENGAGING),  # type: ignore[arg-type]
        Link("share", "POST", "/share", **_ENGAGING),  # type: ignore[arg-type]
        Link("apply", "POST", "/apply", scope=READ, when=_may_apply, of=_OF),
        Link("update", "PATCH", scope=READ, when=_is_own, of=_OF),
        Link("publish", "POST", "/publish", scope=READ, when=_may_publish, of=_OF),
        Link("close", "POST", "/close", scope=READ, when=_may_close, of=_OF),
        Link("delete", "DELETE", scope=READ, when=_may_delete, of=_OF),
        Link("applications", "GET", "/applications", scope=READ, when=_is_own, of=_OF),
    ),
)


class KnownTagSerializer(ModelSerializer):
    class Meta:
        model = Tag
        fields = read_only_fields = ("slug", "label")


class ExpertiseTagSerializer(Serializer):
    """The greater the weight, the more a listing is about it."""

    slug = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a name of the base class
    weight = serializers.IntegerField()


class EngagementSerializer(Serializer):
    """How many people did what; each counts once, a share once per channel."""

    views = serializers.IntegerField()
    likes = serializers.IntegerField()
    saves = serializers.IntegerField()
    applications = serializers.IntegerField()
    shares = serializers.IntegerField()


class ViewerSerializer(Serializer):
    """What the caller did."""

    liked = serializers.BooleanField()
    saved = serializers.BooleanField()
    applied = serializers.BooleanField()


def _engagement(standing: Standing, listing_id: UUID) -> Mapping[str, int]:
    return standing.engagement(listing_id)


def _viewer(standing: Standing, listing_id: UUID) -> dict[str, bool]:
    return standing.viewer(listing_id)


def _tags(tags: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return tags


class ListingSerializer(ModelSerializer):
    links = LISTING_LINKS
    version_changes = (plain_before("budget"),)

    owner_id = serializers.UUIDField()
    budget = amount_field("budget_minor", allow_null=True)
    employment_type = serializers.CharField()  # may be empty, which no choice is
    budget_period = serializers.CharField()
    expertise_tags = Computed(_tags, "expertise_tags", output=ExpertiseTagSerializer(many=True))
    engagement = Computed(_engagement, "id", output=EngagementSerializer(), context=("standing",))
    viewer = Computed(_viewer, "id", output=ViewerSerializer(), context=("standing",))
    version = serializers.IntegerField(source="rev")

    class Meta:
        model = Listing
        fields = read_only_fields = (
            "id", "category", "title", "description", "organization", "location", "latitude", "longitude",
            "is_remote", "employment_type", "budget", "budget_period", "duration", "status", "expertise_tags",
            "engagement", "viewer", "owner_id", "version", "published_at", "created_at", "updated_at",
        )  # fmt: skip


class ReasonSerializer(Serializer):
    code = serializers.CharField(help_text="`expertise`, `nearby`, `remote`, `new` or `open`.")
    label = serializers.CharField()  # type: ignore[assignment]  # a name of the base class


def _reasons(reasons: Mapping[UUID, Sequence[Reason]], listing_id: UUID) -> list[dict[str, str]]:
    return [reason._asdict() for reason in reasons.get(listing_id, ())]


class FeedItemSerializer(ListingSerializer):
    """A listing, and why it is shown to the caller."""

    reasons = Computed(_reasons, "id", output=ReasonSerializer(many=True), context=("reasons",))

    class Meta(ListingSerializer.Meta):
        fields = read_only_fields = (*ListingSerializer.Meta.fields, "reasons")  # type: ignore[assignment]


class TagWriteSerializer(Serializer):
    """Without a label, a known tag keeps its own and a new one gets one made of its slug."""

    slug = serializers.RegexField(r"^[a-z0-9][a-z0-9.+#-]*$", max_length=60)
    label = TextField(max_length=60, required=False)  # type: ignore[assignment]  # a name of the base class
    weight = serializers.IntegerField(min_value=1, max_value=MAX_WEIGHT, required=False, default=50)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        slug = attrs["slug"]
        return {
            "slug": slug,
            "label": attrs.get("label") or slug.replace("-", " ").capitalize(),
            "weight": attrs["weight"],
        }


class ListingWriteSerializer(Serializer):
    """What an owner may say of a listing. Amounts are objects on every train, decimals on the older ones."""

    version_changes = (plain_before("budget"),)

    category = serializers.ChoiceField([*Category])
    title = TextField(max_length=200)
    description = TextField(max_length=MAX_DESCRIPTION, required=False, allow_blank=True)
    organization = TextField(max_length=200, required=False, allow_blank=True)
    location = TextField(max_length=200, required=False, allow_blank=True)
    latitude = serializers.FloatField(min_value=-90, max_value=90, required=False, allow_null=True)
    longitude = serializers.FloatField(min_value=-180, max_value=180, required=False, allow_null=True)
    is_remote = serializers.BooleanField(required=False)
    employment_type = serializers.ChoiceField([*EmploymentType], required=False, allow_blank=True)
    budget = MoneyField(required=False, allow_null=True)
    budget_period = serializers.ChoiceField([*BudgetPeriod], required=False, allow_blank=True)
    duration = TextField(max_length=60, required=False, allow_blank=True)
    expertise_tags = TagWriteSerializer(many=True, required=False, max_length=MAX_TAGS)  # type: ignore[call-arg]

    def validate_budget(self, budget: Any) -> Any:
        if budget is not None and budget.minor < 0:
            raise serializers.ValidationError("Must not be negative.", code="min_value")
        return budget


class ListingCreateSerializer(ListingWriteSerializer):
    status = serializers.ChoiceField([ListingStatus.DRAFT, ListingStatus.OPEN], required=False)


class ShareSerializer(Serializer):
    channel = serializers.ChoiceField([*ShareChannel], required=False, default=ShareChannel.OTHER)


class SwipeSerializer(Serializer):
    """To the right a listing is liked, to the left it is kept out of the feed."""

    direction = serializers.ChoiceField([*Direction])


class ApplySerializer(Serializer):
    message = TextField(max_length=5_000, required=False, allow_blank=True)


def _may_withdraw(caller: Caller, applicant_id: UUID, status: str) -> bool:
    return applicant_id == caller.user_id and status in DECIDABLE


def _may_decide(caller: Caller, applicant_id: UUID, status: str) -> bool:
    return applicant_id != caller.user_id and status in DECIDABLE


_DECIDING = {"scope": READ, "when": _may_decide, "of": ("applicant_id", "status")}


class ApplicationSerializer(ModelSerializer):
    """An application, as whoever sent it and the listing's owner see it."""

    links = Links(
        "explorer/applications",
        (
            Link("withdraw", "POST", "/withdraw", scope=READ, when=_may_withdraw, of=("applicant_id", "status")),
            Link("shortlist", "POST", "/shortlist", **_DECIDING),  # type: ignore[arg-type]
            Link("accept", "POST", "/accept", **_DECIDING),  # type: ignore[arg-type]
            Link("decline", "POST", "/decline", **_DECIDING),  # type: ignore[arg-type]
        ),
    )

    listing_id = serializers.UUIDField()
    listing_title = serializers.CharField(source="listing.title")
    applicant_id = serializers.UUIDField()
    applicant_name = serializers.CharField(source="applicant.full_name")

    class Meta:
        model = Application
        fields = read_only_fields = (
            "id", "listing_id", "listing_title", "applicant_id", "applicant_name", "message", "status",
            "decided_at", "created_at", "updated_at",
        )  # fmt: skip


class TagCountSerializer(Serializer):
    slug = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a name of the base class
    count = serializers.IntegerField()


class FacetsSerializer(Serializer):
    """How many of the listings found are of which kind, keyed by it. `is_capped`: there are more than were counted."""

    total = serializers.IntegerField()
    is_capped = serializers.BooleanField()
    category = serializers.DictField(child=serializers.IntegerField())
    employment_type = serializers.DictField(child=serializers.IntegerField())
    is_remote = serializers.DictField(child=serializers.IntegerField())
    expertise_tags = TagCountSerializer(many=True)
