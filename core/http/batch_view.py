"""`POST /v1/batch`, for clients that were offline, or whose every round trip is dear."""

import re
from collections import Counter
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from core.http import forms
from core.http.access import Access
from core.http.batch import OWN_HEADERS, Operation, answer
from core.http.requests import ApiRequest
from core.http.serializers import Serializer
from core.http.views import ApiView

MAX_OPERATIONS = 50
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PATH = re.compile(r"/(?!/)[!-\"$-~]*")  # what an address is written with, without a fragment
_HEADER = re.compile(r"[ -~]*")
_ABOUT_THE_BATCH = {"X-Trace-Id"}


@extend_schema_field({"type": "object", "additionalProperties": True})
class BodyField(serializers.JSONField):
    """A body as the operation's own route has it: always an object."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise serializers.ValidationError("Must be an object.", code="invalid_type")
        return data


class BatchOperationSerializer(Serializer):
    id = serializers.CharField(max_length=64, help_text="Of the client's choice; the result carries it.")
    method = serializers.ChoiceField(METHODS)
    path = serializers.RegexField(f"^{_PATH.pattern}\\Z", max_length=8000, trim_whitespace=False)
    headers = serializers.DictField(
        child=serializers.RegexField(f"^{_HEADER.pattern}\\Z", max_length=4096),
        required=False,
        help_text=f"Any of: {', '.join(sorted(OWN_HEADERS))}.",
    )
    body = BodyField(required=False, allow_null=True)

    def validate_headers(self, sent: dict[str, str]) -> dict[str, str]:
        headers = {name.lower(): value for name, value in sent.items()}
        wrong = {name: [_wrong_header()] for name in sent if name.lower() not in OWN_HEADERS}
        if wrong:
            raise serializers.ValidationError(wrong)
        if len(headers) != len(sent):
            raise serializers.ValidationError("A header stands there twice.", "duplicate")
        return headers


class BatchSerializer(Serializer):
    operations: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=BatchOperationSerializer(), min_length=1, max_length=MAX_OPERATIONS
    )
    atomic = serializers.BooleanField(default=False, help_text="Whether all of it happens, or nothing.")

    def validate_operations(self, operations: list[dict[str, Any]]) -> list[Operation]:
        counted = Counter(each["id"] for each in operations)
        twice = serializers.ErrorDetail("Another operation has the same id.", "duplicate")
        errors = [{"id": [twice]} if counted[each["id"]] > 1 else {} for each in operations]
        if any(errors):
            raise serializers.ValidationError(errors)
        return [Operation(**each) for each in operations]


class BatchResultSerializer(Serializer):
    id = serializers.CharField()
    status = serializers.IntegerField(min_value=100, max_value=599)
    headers = serializers.DictField(child=serializers.CharField())
    body = BodyField(allow_null=True)


class BatchAnswerSerializer(Serializer):
    results = BatchResultSerializer(many=True)


class BatchView(ApiView):
    access = Access()
    bursts = True
    idempotent = False  # its key is handed on to the operations, each of which is answered once

    @extend_schema(
        request=BatchSerializer,
        responses=BatchAnswerSerializer,
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                str,
                OpenApiParameter.HEADER,
                description="Makes a key for each operation without one, so that the batch may be sent again.",
            )
        ],
    )
    def post(self, request: ApiRequest) -> Response:
        """Answer up to 50 requests, one after the other, as if each had come by itself.

        Each is authorised, limited and counted for itself. With `atomic` all are changes, and if one fails, none has
        happened: the others answer `424 rolled_back`. Signing in and out, files and batches do not go into a batch.
        """
        asked = forms.validated(BatchSerializer, request.data, {"request": request})
        operations: list[Operation] = asked["operations"]
        answers = answer(request, operations, atomic=asked["atomic"])
        results = [_result(each.id, given) for each, given in zip(operations, answers, strict=True)]
        return Response({"results": results})


def _result(operation_id: str, response: HttpResponse) -> dict[str, Any]:
    """What a client that had asked by itself could read of the answer, the body as it was rendered."""
    body = orjson.Fragment(response.content) if response.content else None
    return {"id": operation_id, "status": response.status_code, "headers": _shown_headers(response), "body": body}


def _shown_headers(response: HttpResponse) -> dict[str, str]:
    names = ("Allow", "Cache-Control", "Content-Type", *settings.CORS_EXPOSE_HEADERS)
    return {name: response[name] for name in names if name in response and name not in _ABOUT_THE_BATCH}


def _wrong_header() -> serializers.ErrorDetail:
    return serializers.ErrorDetail("An operation cannot set this header.", "header_not_allowed")
