"""Sessions: booking, and what becomes of them."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from core.http.access import Access
from core.http.limits import Limit
from core.http.requests import ApiRequest
from mentors import selectors, services
from mentors.filters import PartyQuery, SessionFilter
from mentors.scopes import MANAGE
from mentors.serializers import BookingSerializer, MentorSessionSerializer, ReasonSerializer, RescheduleSerializer
from mentors.types import Action
from mentors.views.mentors import MentoringViewSet

SCHEDULING = Limit(
    "30/min", by="user", scope="mentor-scheduling", actions=frozenset({"create", *(step.value for step in Action)})
)


class SessionsViewSet(MentoringViewSet):
    serializer_class = MentorSessionSerializer
    filterset_class = SessionFilter
    orderings = {"starts_at": "starts_at"}
    order = ("starts_at",)
    versioned = True
    limits = (SCHEDULING,)

    def target(self) -> dict[str, Any]:
        """Who acts on which session, in which version."""
        ids = {"mentor_id": self.kwargs["mentor_id"], "session_id": self.kwargs["pk"]}
        return {"actor": self.request.user, "expected_version": self.expected_version, **ids}


class OwnSessionsViewSet(SessionsViewSet):
    query_serializer_class = PartyQuery

    @extend_schema(operation_id="mentors_own_sessions_list")
    def list(self, request: ApiRequest) -> Response:
        """The caller's sessions with everybody, on both sides or on one."""
        return self.page(selectors.list_sessions(request.user, self.query().get("party")))


class MentorSessionViewSet(SessionsViewSet):
    """The caller's sessions with one mentor; for the mentor, all of theirs."""

    def list(self, request: ApiRequest, mentor_id: UUID) -> Response:
        return self.page(selectors.list_sessions_with(request.user, mentor_id))

    def retrieve(self, request: ApiRequest, mentor_id: UUID, pk: UUID) -> Response:
        return self.find(selectors.list_sessions_with(request.user, mentor_id), id=pk)

    @extend_schema(request=BookingSerializer, responses={201: MentorSessionSerializer})
    def create(self, request: ApiRequest, mentor_id: UUID) -> Response:
        """Ask for a time, which is held from now on. The calendars of both take it up shortly after."""
        wanted = {"timezone": request.user.timezone, **self.body(BookingSerializer)}
        session = services.book_session(actor=request.user, mentor_id=mentor_id, **wanted)
        return self.one(session, 201, {"Location": f"{request.path}/{session.id}"})

    @extend_schema(request=ReasonSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: ApiRequest, mentor_id: UUID, pk: UUID) -> Response:
        return self.one(services.cancel_session(**self.target(), **self.body(ReasonSerializer)))

    @extend_schema(request=RescheduleSerializer)
    @action(detail=True, methods=["post"])
    def reschedule(self, request: ApiRequest, mentor_id: UUID, pk: UUID) -> Response:
        """Move a session. What the mentee moves, the mentor has to approve again."""
        return self.one(services.reschedule_session(**self.target(), **self.body(RescheduleSerializer)))


class MentorDecisionViewSet(SessionsViewSet):
    """What the mentor alone decides."""

    access = Access(scope=MANAGE)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def approve(self, request: ApiRequest, mentor_id: UUID, pk: UUID) -> Response:
        return self.one(services.approve_session(**self.target()))

    @extend_schema(request=ReasonSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: ApiRequest, mentor_id: UUID, pk: UUID) -> Response:
        return self.one(services.decline_session(**self.target(), **self.body(ReasonSerializer)))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def complete(self, request: ApiRequest, mentor_id: UUID, pk: UUID) -> Response:
        return self.one(services.complete_session(**self.target()))
