"""The tables of the marketplace: listings with their tags, what people do with them, and what is counted of it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.db.models import BaseModel, choices_of
from explorer.managers import ApplicationQuerySet, ListingQuerySet
from explorer.types import (
    ApplicationStatus,
    BudgetPeriod,
    Category,
    EmploymentType,
    Kind,
    ListingStatus,
    ShareChannel,
)

MAX_DESCRIPTION = 10_000  # characters
MAX_TAGS = 20
MAX_WEIGHT = 100


class Tag(models.Model):
    """A field of expertise. Its label is the one it was first given."""

    slug = models.CharField(max_length=60, primary_key=True)
    label = models.CharField(max_length=60)

    def __str__(self) -> str:
        return self.label


class Listing(BaseModel):
    """Something that somebody offers or looks for.

    `expertise_tags` is what is shown of its tags, as JSON, so that a list needs no join; `tag_words` is the same for
    search. The rows of `ListingTag` are for filters and feeds. All are written together, by one service.
    """

    # No index of their own for the owner: a composite one begins with it.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+")
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    category = models.CharField(max_length=16, choices=choices_of(Category))
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    organization = models.CharField(max_length=200, blank=True)
    location = models.CharField(max_length=200, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    is_remote = models.BooleanField(default=False)
    employment_type = models.CharField(max_length=16, choices=choices_of(EmploymentType), blank=True)
    budget_minor = models.PositiveBigIntegerField(null=True, blank=True)  # minor units of `currency`
    currency = models.CharField(max_length=3, blank=True)
    budget_period = models.CharField(max_length=8, choices=choices_of(BudgetPeriod), blank=True)
    duration = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=8, choices=choices_of(ListingStatus), default=ListingStatus.OPEN)
    removal_reason = models.CharField(max_length=200, blank=True)
    expertise_tags = models.JSONField(default=list, blank=True)
    tag_words = models.TextField(blank=True, editable=False)
    published_at = models.DateTimeField(default=timezone.now, editable=False)
    # Its owner's account is closed. Kept here, so that no list has to look at people; beside the status, which it
    # outlasts.
    is_withheld = models.BooleanField(default=False, editable=False)

    objects = ListingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None) | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="explorer_listing_is_on_earth",
            ),
            models.CheckConstraint(
                condition=Q(budget_minor=None, currency="") | Q(budget_minor__isnull=False) & ~Q(currency=""),
                name="explorer_listing_budget_has_currency",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status", "-published_at", "-id"], name="explorer_listing_newest"),
            models.Index(fields=["status", "category", "-published_at", "-id"], name="explorer_listing_of_category"),
            models.Index(fields=["owner", "-published_at", "-id"], name="explorer_listing_of_owner"),
            models.Index(fields=["status", "-updated_at", "-id"], name="explorer_listing_changed"),
            models.Index(
                fields=["latitude", "longitude"], name="explorer_listing_place", condition=Q(latitude__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ListingTag(models.Model):
    """A tag of a listing; the greater the weight, the more it is about that."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, db_index=False, related_name="tagged")
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, db_index=False, related_name="+")
    weight = models.PositiveSmallIntegerField(default=50)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["listing", "tag"], name="explorer_tag_once_each"),
            models.CheckConstraint(
                condition=Q(weight__gte=1, weight__lte=MAX_WEIGHT), name="explorer_tag_weight_in_range"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tag", "-listing"], name="explorer_tag_listings"),
        ]

    def __str__(self) -> str:
        return f"{self.tag_id} of {self.listing_id}"


class Engagement(models.Model):
    """One thing that one person did with one listing."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+")
    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=choices_of(Kind))
    channel = models.CharField(max_length=8, choices=choices_of(ShareChannel), blank=True)  # of a share
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "listing", "kind", "channel"], name="explorer_engagement_once"),
            models.CheckConstraint(
                condition=Q(kind=Kind.SHARE) & ~Q(channel="") | ~Q(kind=Kind.SHARE) & Q(channel=""),
                name="explorer_engagement_channel_of_share",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "-created_at"], name="explorer_engagement_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.listing_id}"


class Application(BaseModel):
    """Somebody's wish to get what a listing offers."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, db_index=False, related_name="applications")
    applicant = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+")
    message = models.TextField(blank=True)
    status = models.CharField(max_length=12, choices=choices_of(ApplicationStatus), default=ApplicationStatus.SUBMITTED)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["applicant", "listing"], name="explorer_application_once_each"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["applicant", "-id"], name="explorer_application_own"),
            models.Index(fields=["listing", "-id"], name="explorer_application_received"),
        ]

    def __str__(self) -> str:
        return f"{self.applicant_id} for {self.listing_id}"


class Tally(models.Model):
    """An increment of what is counted of a listing: the count is their sum. Written by triggers alone.

    Increments are only inserted, so those who like one listing at once wait for nobody and lose nothing. There is no
    foreign key, as one would make them wait for who changes the listing.
    """

    listing_id = models.UUIDField()
    kind = models.CharField(max_length=8)
    number = models.IntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(number=0), name="explorer_tally_counts"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["listing_id", "kind"], include=["number"], name="explorer_tally_sums"),
        ]

    def __str__(self) -> str:
        return f"{self.number:+} {self.kind} of {self.listing_id}"


class Term(models.Model):
    """A word that some listing contains, for finding what somebody meant who wrote another."""

    word = models.CharField(max_length=40, primary_key=True)

    def __str__(self) -> str:
        return self.word
