"""Mentors: the list, one of them, when they have time, and the caller's own profile."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from core.http import forms
from core.http.access import Access
from core.http.money import Amounts
from core.http.requests import ApiRequest
from core.http.serializers import WireFieldsMixin
from core.http.viewsets import ApiViewSet
from mentors import selectors, services
from mentors.availability import free_slots
from mentors.filters import AvailabilityQuery, MentorFilter
from mentors.serializers import (
    AvailabilitySerializer,
    MentorApplicationSerializer,
    MentorSerializer,
    MentorUpdateSerializer,
    OwnMentorSerializer,
)


class MentoringViewSet(ApiViewSet):
    """What all views of mentoring have in common."""

    access = Access()
    bursts = True

    def row_context(self) -> dict[str, Any]:
        return {"money": Amounts(self.request.wire, self.request.user.locale)}

    def body(self, serializer_class: type[WireFieldsMixin], *, partial: bool = False) -> dict[str, Any]:
        """The request body, checked by one serializer."""
        return forms.validated(serializer_class, self.request.data, {"request": self.request}, partial=partial)


class MentorViewSet(MentoringViewSet):
    serializer_class = MentorSerializer
    filterset_class = MentorFilter

    @property
    def query_serializer_class(self) -> type[AvailabilityQuery] | None:  # type: ignore[override]
        return AvailabilityQuery if self.action == "availability" else None

    def list(self, request: ApiRequest) -> Response:
        return self.page(selectors.list_mentors(request.user))

    def retrieve(self, request: ApiRequest, pk: UUID) -> Response:
        return self.find(selectors.list_mentors(request.user), id=pk)

    @extend_schema(request=MentorApplicationSerializer, responses={201: OwnMentorSerializer})
    def create(self, request: ApiRequest) -> Response:
        """Apply to be a mentor; staff decide."""
        applied = services.apply_as_mentor(actor=request.user, **self.body(MentorApplicationSerializer))
        shown = OwnMentorSerializer(applied, context=self.get_serializer_context()).data
        return Response(shown, status=201, headers={"Location": f"{request.path}/me"})

    @extend_schema(responses=AvailabilitySerializer, filters=False)
    @action(detail=True, methods=["get"])
    def availability(self, request: ApiRequest, pk: UUID) -> Response:
        """The slots that can be booked within a window, in order."""
        asked, name = self.query(), request.wire.name
        minutes, slots = free_slots(
            request.user,
            pk,
            asked["window"],
            minutes=asked.get("duration"),
            shown_in=asked["zone"],
            now=timezone.now(),
        )
        starts_at, ends_at, day_key = name("starts_at"), name("ends_at"), name("day_key")
        shown = [{starts_at: slot.starts_at, ends_at: slot.ends_at, day_key: slot.day_key} for slot in slots]
        answer = {"mentor_id": pk, "timezone": asked["zone"].key, "duration_minutes": minutes, "slots": shown}
        return Response({name(key): value for key, value in answer.items()})


class OwnProfileViewSet(MentoringViewSet):
    serializer_class = OwnMentorSerializer
    versioned = True

    @extend_schema(filters=False)
    def show(self, request: ApiRequest) -> Response:
        return self.one(selectors.get_own_profile(request.user))

    @extend_schema(request=MentorUpdateSerializer)
    def change(self, request: ApiRequest) -> Response:
        changes = self.body(MentorUpdateSerializer, partial=True)
        return self.one(services.update_profile(actor=request.user, expected_version=self.expected_version, **changes))
