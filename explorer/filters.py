"""Query parameters: which listings, and which applications."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from core.errors import Invalid
from core.http.filtering import TruthFilter, WholeNumberFilter
from explorer import search
from explorer.geo import DEFAULT_RADIUS_KM, MAX_RADIUS_KM, Place, within
from explorer.models import Application, Listing, Tag
from explorer.types import ApplicationStatus, Category, EmploymentType, ListingStatus

MAX_TEXT = 200  # characters


def _choices(words: Any) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]


class ListingFilter(django_filters.FilterSet):  # type: ignore[misc]
    """`q` is searched for in title, tags, organization, location and description; `near` is `latitude,longitude`."""

    q = django_filters.CharFilter(method="search", max_length=MAX_TEXT)
    category = django_filters.MultipleChoiceFilter(choices=_choices(Category))
    employment_type = django_filters.MultipleChoiceFilter(choices=_choices(EmploymentType))
    is_remote = TruthFilter()
    tag = django_filters.CharFilter(method="tagged", max_length=400)
    status = django_filters.MultipleChoiceFilter(choices=_choices(ListingStatus))
    mine = TruthFilter(method="own")
    organization = django_filters.CharFilter(field_name="organization", lookup_expr="iexact", max_length=200)
    currency = django_filters.CharFilter(max_length=3)
    budget_min = WholeNumberFilter(field_name="budget_minor", lookup_expr="gte", min_value=0, max_value=10**15)
    budget_max = WholeNumberFilter(field_name="budget_minor", lookup_expr="lte", min_value=0, max_value=10**15)
    published_from = django_filters.IsoDateTimeFilter(field_name="published_at", lookup_expr="gte")
    near = django_filters.CharFilter(method="around", max_length=60)
    radius_km = django_filters.NumberFilter(method="_with_near", min_value=1, max_value=MAX_RADIUS_KM)

    class Meta:
        model = Listing
        fields: tuple[str, ...] = ()

    def search(self, listings: QuerySet[Listing], name: str, text: str) -> QuerySet[Listing]:
        return search.matching(listings, text)

    def tagged(self, listings: Any, name: str, text: str) -> QuerySet[Listing]:
        """Listings with any of the tags, which are separated by commas."""
        found: QuerySet[Listing] = listings.with_any_tag(sorted(set(text.split(","))))
        return found

    def own(self, listings: QuerySet[Listing], name: str, wanted: bool) -> QuerySet[Listing]:
        owned = {"owner_id": self.request.user.user_id}
        return listings.filter(**owned) if wanted else listings.exclude(**owned)

    def around(self, listings: QuerySet[Listing], name: str, text: str) -> QuerySet[Listing]:
        radius = float(self.form.cleaned_data.get("radius_km") or DEFAULT_RADIUS_KM)
        return within(listings, _place(text), radius)

    def _with_near(self, listings: QuerySet[Listing], name: str, radius: Any) -> QuerySet[Listing]:
        if not self.form.cleaned_data.get("near"):
            raise Invalid.field("near", "A radius is around a place: send `near` too.", "required")
        return listings


class ApplicationFilter(django_filters.FilterSet):  # type: ignore[misc]
    """`role` says whose applications: those the caller sent, or those to the caller's listings."""

    status = django_filters.MultipleChoiceFilter(choices=_choices(ApplicationStatus))
    role = django_filters.ChoiceFilter(choices=(("sent", "sent"), ("received", "received")), method="of_role")

    class Meta:
        model = Application
        fields: tuple[str, ...] = ()

    def of_role(self, applications: QuerySet[Application], name: str, role: str) -> QuerySet[Application]:
        user_id = self.request.user.user_id
        return applications.filter(**{"applicant_id" if role == "sent" else "listing__owner_id": user_id})


class TagFilter(django_filters.FilterSet):  # type: ignore[misc]
    """`q` is how a slug begins."""

    q = django_filters.CharFilter(field_name="slug", lookup_expr="startswith", max_length=60)

    class Meta:
        model = Tag
        fields: tuple[str, ...] = ()


def asks_beyond_open(parameters: Any) -> bool:
    """Whether other listings than the open ones are asked for."""
    return "status" in parameters or "mine" in parameters


def _place(text: str) -> Place:
    try:
        latitude, longitude = map(float, text.split(","))
    except ValueError as error:
        raise Invalid.field("near", "Write latitude and longitude in degrees, such as 52.52,13.40.") from error
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise Invalid.field("near", "There is no such place.", "out_of_range")
    return Place(latitude, longitude)
