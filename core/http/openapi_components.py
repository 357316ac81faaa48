"""The parts of the OpenAPI document that operations share."""

from typing import Any

_STRING = {"type": "string"}
_NULLABLE_STRING = {"type": ["string", "null"]}

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Problem details (RFC 9457). `code` is the contract; texts are for people.",
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": _STRING,
        "status": {"type": "integer"},
        "detail": _STRING,
        "instance": _STRING,
        "code": _STRING,
        "message": _STRING,
        "trace_id": _STRING,
        "decision_id": _STRING,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"pointer": _STRING, "code": _STRING, "message": _STRING},
                "required": ["pointer", "code", "message"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "instance", "code", "message", "trace_id"],
}
LINK: dict[str, Any] = {
    "type": "object",
    "properties": {
        "href": {"type": "string", "format": "uri-reference"},
        "method": {"type": "string", "enum": ["GET", "POST", "PUT", "PATCH", "DELETE"]},
    },
    "required": ["href", "method"],
}
LINKS: dict[str, Any] = {
    "type": "object",
    "description": "What this caller may do now.",
    "additionalProperties": {"$ref": "#/components/schemas/Link"},
}
PAGE: dict[str, Any] = {
    "type": "object",
    "properties": {"next": _NULLABLE_STRING, "previous": _NULLABLE_STRING, "limit": {"type": "integer"}},
    "required": ["next", "previous", "limit"],
}
BEARER: dict[str, Any] = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}

COMPONENTS: dict[str, Any] = {
    "schemas": {"Problem": PROBLEM, "Link": LINK, "Links": LINKS, "Page": PAGE},
    "securitySchemes": {"bearer": BEARER},
}

HEADERS: dict[str, Any] = {
    "X-Trace-Id": {"schema": _STRING, "description": "Quote it when something went wrong."},
    "ETag": {"schema": _STRING},
}
ERROR_HEADERS: dict[int, Any] = {
    401: {"WWW-Authenticate": {"schema": _STRING}},
    429: {"Retry-After": {"schema": _STRING}},
    503: {"Retry-After": {"schema": _STRING}},
}


def page_schema(items: dict[str, Any]) -> dict[str, Any]:
    """The envelope of a list of `items`."""
    return {
        "type": "object",
        "properties": {
            "data": items,
            "page": {"$ref": "#/components/schemas/Page"},
            "_links": {"$ref": "#/components/schemas/Links"},
        },
        "required": ["data", "page", "_links"],
    }
