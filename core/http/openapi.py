"""The OpenAPI 3.1 document: what drf-spectacular reads from the views, and what only the wire knows.

Adds each surface's key case, the access declarations as security, the problems that any answer can be, the
headers that every operation takes, the page envelope and `_links`. Staff routes are left out.
"""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_mock_request, force_instance
from drf_spectacular.utils import OpenApiParameter
from rest_framework.parsers import FormParser, MultiPartParser

from core.http.access import Access
from core.http.openapi_components import ERROR_HEADERS, HEADERS, page_schema
from core.http.pagination import DEFAULT_LIMIT, MAX_LIMIT
from core.http.queries import names_of
from core.http.serializers import Computed, WireFieldsMixin
from core.http.versions import CURRENT_TRAIN
from core.http.wire import Case, Wire, case_of

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_UNSAFE = _WITH_BODY | {"DELETE"}


def mock_request(method: str, path: str, view: Any, original_request: Any, **kwargs: Any) -> Any:
    """The request that views see while they are documented: one of the current train on their surface."""
    request = build_mock_request(method, path, view, original_request, **kwargs)
    request._request.wire = Wire(case_of(path), CURRENT_TRAIN)
    request.user = None
    return request


class ComputedField(OpenApiSerializerFieldExtension):
    target_class = Computed

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        return auto_schema._map_serializer_field(self.target.output, direction)


class Envelope:
    """What a paginator tells of its pages."""

    def get_paginated_response_schema(self, schema: Any) -> Any:
        return page_schema(schema)

    def get_schema_operation_parameters(self, view: Any) -> list[Any]:
        limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
        return [
            {"name": "limit", "in": "query", "schema": limit},
            {"name": "cursor", "in": "query", "schema": {"type": "string"}, "description": "From `page` or `_links`."},
        ]


class Schema(AutoSchema):
    """One operation, as the surface it stands on speaks."""

    view: Any

    @property
    def wire(self) -> Wire:
        return Wire(case_of(self.path), CURRENT_TRAIN)

    @property
    def declared(self) -> Any:
        return getattr(self.view, "access", None)

    def is_excluded(self) -> bool:
        is_staff_only = isinstance(self.declared, Access) and self.declared.is_staff_only
        return is_staff_only or self.path.startswith(f"/{settings.STAFF_PATH}")

    def get_operation_id(self) -> str:
        surface = self.path.split("/")[1]
        suffix = "" if surface == "v1" else f"_{surface}"
        return f"{super().get_operation_id()}{suffix}"

    def get_auth(self) -> list[dict[str, Any]]:
        if not isinstance(self.declared, Access):
            return [{}]
        scope = self.declared.scope_for(self.method)
        return [{"bearer": [scope] if scope else []}]

    def is_deprecated(self) -> bool:
        return bool(super().is_deprecated() or getattr(self.view, "deprecation", None))

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        name: str = super().get_serializer_name(serializer, direction)
        is_renamed = isinstance(serializer, WireFieldsMixin) and self.wire.case is Case.CAMEL
        return f"{name.removesuffix('Serializer')}Camel" if is_renamed else name

    def resolve_serializer(self, serializer: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        return super().resolve_serializer(self._on_surface(serializer), direction, bypass_extensions)

    def get_override_parameters(self) -> list[Any]:
        parameters = [OpenApiParameter("X-App-Version", str, OpenApiParameter.HEADER, description="2024.09.0")]
        if self.method in _UNSAFE and getattr(self.view, "idempotent", False):
            parameters.append(_key_parameter())
        if self.method in _UNSAFE and getattr(self.view, "versioned", False) and "{" in self.path:
            parameters.append(OpenApiParameter("If-Match", str, OpenApiParameter.HEADER))
        query = getattr(self.view, "query_serializer_class", None)
        if query is not None and names_of(query):
            parameters.append(self._on_surface(query))
        if self._is_list_view() and getattr(self.view, "orderings", None):
            parameters.append(OpenApiParameter("ordering", str, enum=self._orderings()))
        if self._keeps_fields():
            parameters.append(OpenApiParameter("fields", str, description="Names to keep, separated by commas."))
            parameters += self._expand_parameters()
        return [*parameters, *super().get_override_parameters()]

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        for response in operation["responses"].values():
            response["headers"] = {**HEADERS, **response.get("headers", {})}
        for status in self._problems():
            operation["responses"].setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
        if self.method == "GET":
            operation["responses"].setdefault("304", {"description": "What `If-None-Match` holds is still true."})
        return operation

    def _problems(self) -> list[int]:
        """Every status at which the operation may answer with a problem."""
        found = {400, 401, 404, 406, 422, 426, 429, 503}
        found |= {403} if isinstance(self.declared, Access) else set()
        found |= {409} if self.method in _UNSAFE else set()
        found |= {413, 415} if self.method in _WITH_BODY else set()
        found |= {411} if self.method in _WITH_BODY and self._takes_forms() else set()
        found |= {412, 428} if self.method in _UNSAFE and getattr(self.view, "versioned", False) else set()
        return sorted(found)

    def _takes_forms(self) -> bool:
        return any(issubclass(parser, (FormParser, MultiPartParser)) for parser in self.view.parser_classes)

    def _keeps_fields(self) -> bool:
        """Whether `?fields=` may choose from a resource that the operation answers."""
        return self.method == "GET" and hasattr(self.view, "fieldset") and self.view.action in {"list", "retrieve"}

    def _expand_parameters(self) -> list[OpenApiParameter]:
        names = [self.wire.name(name) for name in getattr(self.view.shape, "expandable", ())]
        schema = {"type": "array", "items": {"type": "string", "enum": names}, "minItems": 1}
        description = "Relations to embed, each under its name."
        return [OpenApiParameter("expand", schema, explode=False, description=description)] if names else []

    def _orderings(self) -> list[str]:
        names = [self.wire.name(name) for name in self.view.orderings]
        return [*names, *(f"-{name}" for name in names)]

    def _on_surface(self, serializer: Any) -> Any:
        instance: Any = force_instance(serializer)
        if isinstance(instance, WireFieldsMixin) and getattr(instance, "parent", None) is None:
            instance._context = {"wire": self.wire, **instance._context}
        return instance

    def _get_filter_parameters(self) -> Any:
        if getattr(self.view, "filterset_class", None) is None:
            return []
        parameters = super()._get_filter_parameters()
        return [{**parameter, "name": self.wire.name(parameter["name"])} for parameter in parameters]

    def _get_paginator(self) -> Any:
        return Envelope() if hasattr(self.view, "page_of_sorted") else None

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)
        if direction == "response" and getattr(serializer, "links", None) is not None:
            schema["properties"]["_links"] = {"$ref": "#/components/schemas/Links"}
            schema.pop("required", None)  # `?fields=` leaves out any of them
        return schema


def _key_parameter() -> OpenApiParameter:
    return OpenApiParameter(
        "Idempotency-Key",
        {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x21\x23-\x7e]{1,255}$"},
        OpenApiParameter.HEADER,
        description="The same key and body have one effect; repeated, they are answered with the first answer.",
    )


def problem_responses() -> dict[str, Any]:
    """`components.responses`: one for every status at which a problem is answered."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    statuses = (400, 401, 403, 404, 406, 409, 411, 412, 413, 415, 422, 426, 428, 429, 503)
    return {
        f"Problem{status}": {
            "description": HTTPStatus(status).phrase,
            "headers": ERROR_HEADERS.get(status, {}),
            "content": content,
        }
        for status in statuses
    }


def finish(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """drf-spectacular's last hook: the parts that no single operation owns."""
    result["components"].setdefault("responses", {}).update(problem_responses())
    return result
