"""The caller's own hours as a mentor: the weekly ones, and the exceptions to them."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from core.http.access import Access
from core.http.requests import ApiRequest
from mentors import selectors, services
from mentors.scopes import MANAGE
from mentors.serializers import ExceptionSerializer, ExceptionWriteSerializer, RuleSerializer, RuleWriteSerializer
from mentors.views.mentors import MentoringViewSet


class HoursViewSet(MentoringViewSet):
    access = Access(scope=MANAGE)
    order = ("id",)
    versioned = True


class RuleViewSet(HoursViewSet):
    serializer_class = RuleSerializer

    def list(self, request: ApiRequest) -> Response:
        return self.page(selectors.list_rules(request.user))

    def retrieve(self, request: ApiRequest, pk: UUID) -> Response:
        return self.find(selectors.list_rules(request.user), id=pk)

    @extend_schema(request=RuleWriteSerializer, responses={201: RuleSerializer})
    def create(self, request: ApiRequest) -> Response:
        rule = services.add_rule(actor=request.user, **self.body(RuleWriteSerializer))
        return self.one(rule, 201, {"Location": f"{request.path}/{rule.id}"})

    @extend_schema(request=RuleWriteSerializer)
    def partial_update(self, request: ApiRequest, pk: UUID) -> Response:
        changes = self.body(RuleWriteSerializer, partial=True)
        version = self.expected_version
        return self.one(services.change_rule(actor=request.user, rule_id=pk, expected_version=version, **changes))

    def destroy(self, request: ApiRequest, pk: UUID) -> Response:
        services.remove_rule(actor=request.user, rule_id=pk)
        return Response(status=204)


class ExceptionViewSet(HoursViewSet):
    serializer_class = ExceptionSerializer

    def list(self, request: ApiRequest) -> Response:
        return self.page(selectors.list_exceptions(request.user))

    def retrieve(self, request: ApiRequest, pk: UUID) -> Response:
        return self.find(selectors.list_exceptions(request.user), id=pk)

    @extend_schema(request=ExceptionWriteSerializer, responses={201: ExceptionSerializer})
    def create(self, request: ApiRequest) -> Response:
        exception = services.add_exception(actor=request.user, **self.body(ExceptionWriteSerializer))
        return self.one(exception, 201, {"Location": f"{request.path}/{exception.id}"})

    @extend_schema(request=ExceptionWriteSerializer)
    def partial_update(self, request: ApiRequest, pk: UUID) -> Response:
        changes = self.body(ExceptionWriteSerializer, partial=True)
        version = self.expected_version
        return self.one(
            services.change_exception(actor=request.user, exception_id=pk, expected_version=version, **changes)
        )

    def destroy(self, request: ApiRequest, pk: UUID) -> Response:
        services.remove_exception(actor=request.user, exception_id=pk)
        return Response(status=204)
