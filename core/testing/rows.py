"""Holding the lean way of reading equal to the serializer it was compiled from."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import orjson
from django.db.models import QuerySet

from core.db.binary import fetch_rows
from core.http.access import Caller
from core.http.fieldsets import EVERYTHING, Fieldset
from core.http.links import values_of
from core.http.renderers import dump_json
from core.http.rows import compile_rows
from core.http.serializers import WireFieldsMixin
from core.http.wire import SNAKE_WIRE, Case, Wire


def assert_lean_equals_serializer(
    serializer_class: type[WireFieldsMixin],
    queryset: QuerySet[Any],
    *,
    wire: Wire = SNAKE_WIRE,
    fieldset: Fieldset = EVERYTHING,
    caller: Caller | None = None,
    context: Mapping[str, Any] | None = None,
) -> Any:
    """Render `queryset` in all ways and compare the bytes; what was rendered, for further assertions."""
    root = "/api/" if wire.case is Case.CAMEL else "/v1/"
    request = SimpleNamespace(wire=wire, user=caller, path=root)
    serializer = serializer_class(
        queryset, many=True, context={**(context or {}), "request": request, "fieldset": fieldset}
    )
    links = serializer_class.links.offered(caller) if serializer_class.links else ()
    lean = compile_rows(serializer_class, wire, fieldset, links)
    rows, instances = fetch_rows(queryset, lean.columns), [values_of(row, lean.columns) for row in queryset]
    lean_bytes, instance_bytes = (
        dump_json(lean.render(found, caller=caller, root=root, context=context)) for found in (rows, instances)
    )
    assert rows, "An empty query set proves nothing."
    assert lean_bytes == instance_bytes == dump_json(serializer.data)
    return orjson.loads(lean_bytes)
