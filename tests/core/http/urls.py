"""Routes with every way to fail, behind the middleware of the real thing."""

from typing import Any

from django.core.exceptions import BadRequest as DjangoBadRequest
from django.core.exceptions import MultipleObjectsReturned, PermissionDenied, SuspiciousOperation
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from rest_framework import exceptions as drf
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import context, errors
from core.http.access import Public

WHY = Public("A route of the tests.")


class LineSerializer(serializers.Serializer[Any]):
    unit_price = serializers.IntegerField()


class OrderSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=5)
    lines = LineSerializer(many=True)
    tags = serializers.ListField(child=serializers.CharField(max_length=3), required=False)

    def validate(self, attrs: Any) -> Any:
        if attrs["title"] == "bad":
            raise serializers.ValidationError("These do not fit.", code="misfit")
        if attrs["title"] == "early":
            raise serializers.ValidationError({"starts_at": serializers.ErrorDetail("Too early.", code="early")})
        return attrs


class OpenView(APIView):
    access = WHY
    authentication_classes: tuple[type[BaseAuthentication], ...] = ()
    permission_classes = ()


class Echo(OpenView):
    def get(self, request: Request) -> Response:
        return Response(
            {
                "ip": context.current().client_ip,
                "secure": request.is_secure(),
                "host": request.get_host(),
                "meta": sorted(name for name in request.META if name.startswith(("HTTP_X_", "HTTP_FORWARDED"))),
            }
        )

    def post(self, request: Request) -> Response:
        return Response({"got": request.data})


class Tagged(OpenView):
    """A body of some size with a tag that knows nothing of encodings."""

    def get(self, request: Request) -> HttpResponse:
        if request.META.get("HTTP_IF_NONE_MATCH") == '"abc"':
            return HttpResponse(status=304, headers={"ETag": '"abc"'})
        size = int(request.query_params.get("size", 5000))
        kind = request.query_params.get("type", "application/json")
        body = b'"' + b"gigvora " * (size // 8) + b'"'
        return HttpResponse(body, content_type=kind, headers={"ETag": '"abc"'})

    def patch(self, request: Request) -> Response:
        return Response({"if_match": request.META.get("HTTP_IF_MATCH")})


class Order(OpenView):
    def post(self, request: Request) -> Response:
        order = OrderSerializer(data=request.data)
        order.is_valid(raise_exception=True)
        return Response(order.data)


FAILURES: dict[str, Exception] = {
    "missing": Http404(),
    "forbidden": PermissionDenied(),
    "conflict": errors.Conflict("Taken.", slot_id="s1", decision_id="dec_1", status="mine"),
    "busy": errors.Unavailable(retry_after=7),
    "invalid": errors.Invalid.field("starts_at", "Too early.", "early"),
    "throttled": drf.Throttled(wait=2.2),
    "unauthenticated": drf.NotAuthenticated(),
    "failed": drf.AuthenticationFailed(),
    "denied": drf.PermissionDenied(),
    "twice": MultipleObjectsReturned(),
    "suspicious": SuspiciousOperation("../../etc/passwd"),
    "bad": DjangoBadRequest("secret"),
    "lost": OperationalError("connection to 10.0.0.5 refused"),
    "closed": InterfaceError("connection already closed"),
    "duplicate": IntegrityError("not ours to map"),
    "database": DatabaseError("internal table name"),
    "bug": ZeroDivisionError("secret"),
}


class Fail(OpenView):
    def get(self, request: Request, kind: str) -> Response:
        raise FAILURES[kind]


class LostWhileAuthenticating(BaseAuthentication):
    def authenticate(self, request: Request) -> None:
        raise OperationalError("server closed the connection unexpectedly")


class Guarded(OpenView):
    authentication_classes = (LostWhileAuthenticating,)


def fail_plainly(request: HttpRequest, kind: str) -> HttpResponse:
    raise FAILURES[kind]


fail_plainly.access = WHY  # type: ignore[attr-defined]

urlpatterns = [
    path("health", Echo.as_view()),
    path("people/<kind>", fail_plainly),
]
for root in ("v1/", "api/"):
    urlpatterns += [
        path(root + "echo", Echo.as_view()),
        path(root + "tagged", Tagged.as_view()),
        path(root + "orders", Order.as_view()),
        path(root + "fail/<kind>", Fail.as_view()),
        path(root + "plain/<kind>", fail_plainly),
        path(root + "guarded", Guarded.as_view()),
    ]
for root in ("mobile/v2/wallet/insights", "v1/finance/payouts", "v1/finance/payoutsx", "v1/finance/transfers/1"):
    urlpatterns.append(path(root, Echo.as_view()))

handler400 = "core.http.error_pages.bad_request"
handler403 = "core.http.error_pages.forbidden"
handler404 = "core.http.error_pages.not_found"
handler500 = "core.http.error_pages.server_error"
