"""A collection with everything the wire offers, over the one table of people that every installation has."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.urls import URLPattern, URLResolver, include, path
from django_filters import CharFilter, FilterSet
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.response import Response

from access.types import Principal
from accounts.models import User
from core.db.changes import lock, save_changes
from core.errors import Conflict, NotFound
from core.http.access import Access, Audience
from core.http.conditional import CachePolicy
from core.http.deprecation import Deprecation
from core.http.links import Link, Links
from core.http.requests import ApiRequest
from core.http.routers import Router
from core.http.serializers import Computed, ModelSerializer
from core.http.versions import OldField, VersionChange
from core.http.viewsets import ApiViewSet


def principal(user_id: UUID, *scopes: str, access_version: str = "1") -> Principal:
    return Principal(user_id, user_id, None, Audience.WEB, frozenset(), frozenset(scopes), access_version)


class TestAuthentication(BaseAuthentication):
    """Takes a caller on trust: `Test <user id> <scope>,<scope> <access version>`."""

    def authenticate(self, request: Any) -> tuple[Principal, None] | None:
        credentials = request.META.get("HTTP_AUTHORIZATION", "").split(" ")
        if len(credentials) != 4:
            return None
        _, user_id, scopes, access_version = credentials
        return principal(UUID(user_id), *filter(None, scopes.split(",")), access_version=access_version), None

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"


def initials(zone: str, full_name: str) -> str:
    return "".join(part[0] for part in full_name.split()) + f"@{zone}"


def _write(sent: dict[str, Any]) -> dict[str, Any]:
    if "is_verified" in sent:
        sent.pop("is_verified")
    if "name" in sent:
        sent.setdefault("full_name", sent.pop("name"))
    return sent


FULL_NAME = VersionChange(
    "2024.09",
    "`full_name` replaced `name`; older trains get both.",
    {"name": OldField(("full_name",), lambda full_name: full_name)},
    write=_write,
)
AMOUNT = VersionChange(
    "2024.08",
    "Amounts became objects.",
    {
        "balance": OldField(("balance",), lambda balance: balance["amount"]),
        "currency": OldField(("balance",), lambda balance: balance["currency"]),
    },
)


class PersonSerializer(ModelSerializer):
    version = serializers.IntegerField(source="rev", read_only=True)
    monogram = Computed(initials, "full_name", output=serializers.CharField(), context=("zone",))
    balance = Computed(
        lambda name: {"amount": f"{len(name)}.50", "currency": "USD"}, "full_name", output=serializers.JSONField()
    )

    links = Links(
        "people",
        (
            Link("rename", "PATCH", scope="people:edit"),
            Link("log_out", "POST", "/log-out", when=lambda caller, active: active, of=("is_active",)),
        ),
    )
    version_changes = (FULL_NAME, AMOUNT)

    class Meta:
        model = User
        fields = (
            "id", "email", "full_name", "is_active", "email_verified_at", "created_at", "version",
            "monogram", "balance",
        )  # fmt: skip
        read_only_fields = ("id", "email", "is_active", "email_verified_at", "created_at")


class PersonFilterSet(FilterSet):  # type: ignore[misc]
    name_contains = CharFilter(field_name="full_name", lookup_expr="icontains")

    class Meta:
        model = User
        fields = ("is_active",)


def rename(*, id: UUID, expected_version: int | None, full_name: str) -> User:  # noqa: A002
    with transaction.atomic():
        return save_changes(lock(User.objects.all(), expected_version=expected_version, id=id), full_name=full_name)


class PeopleViewSet(ApiViewSet):
    access = Access(audiences=frozenset(Audience))
    authentication_classes = (TestAuthentication,)
    throttle_classes = ()
    serializer_class = PersonSerializer
    filterset_class: ClassVar[Any] = PersonFilterSet
    orderings: ClassVar = {"full_name": "full_name", "created_at": "created_at"}
    order = ("full_name",)
    versioned = True
    cache_policy = CachePolicy(max_age=30, stale_if_error=86_400)
    token: ClassVar[str | None] = None
    reads: ClassVar[int] = 0

    def data_version(self) -> str | None:
        return self.token

    def row_context(self) -> dict[str, Any]:
        return {"zone": "UTC"}

    def list(self, request: ApiRequest) -> Response:
        type(self).reads += 1
        return self.page(User.objects.all())

    def retrieve(self, request: ApiRequest, pk: UUID) -> Response:
        return self.find(User.objects.all(), id=pk)

    def create(self, request: ApiRequest) -> Response:
        values = self.validated(request)
        with transaction.atomic():
            user = User.objects.create(email=f"{values['full_name']}@example.com", **values)
        if values["full_name"] == "late refusal":
            raise Conflict
        if values["full_name"] == "answered refusal":
            return Response({"refused": True}, status=409)
        return self.one(user, status=201, headers={"Location": f"/v1/people/{user.id}"})

    def partial_update(self, request: ApiRequest, pk: UUID) -> Response:
        return self.one(rename(id=pk, expected_version=self.expected_version, **self.validated(request)))

    def destroy(self, request: ApiRequest, pk: UUID) -> Response:
        if not User.objects.filter(id=pk).delete()[0]:
            raise NotFound
        return Response(status=204)


class OldPeopleViewSet(PeopleViewSet):
    filterset_class = None
    deprecation = Deprecation(
        datetime.fromisoformat("2026-01-01T00:00:00Z"),
        datetime.fromisoformat("2027-01-01T00:00:00Z"),
        "https://docs.gigvora.com/people",
    )


router = Router()
router.register("people", PeopleViewSet, basename="people")
router.register("old-people", OldPeopleViewSet, basename="old-people")
urlpatterns: list[URLPattern | URLResolver] = [path("v1/", include(router.urls)), path("api/", include(router.urls))]
