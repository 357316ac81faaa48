"""Input, checked by serializers that are built once: making and binding their fields costs most of a check.

A form that is free is lent to one check and given back, so none is ever in two hands.
"""

from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Any

from core.http.serializers import WireFieldsMixin
from core.http.wire import Wire

_free: defaultdict[tuple[type[WireFieldsMixin], Wire], deque[WireFieldsMixin]] = defaultdict(deque)


def validated(
    serializer_class: type[WireFieldsMixin], data: Any, context: Mapping[str, Any], *, partial: bool = False
) -> dict[str, Any]:
    """What `serializer_class` makes of `data`, by declared name; `context` holds at least the `request`.

    Raises:
        rest_framework.exceptions.ValidationError: as the serializer finds.
    """
    free = _free[serializer_class, context["request"].wire]
    try:
        form: Any = free.pop()
    except IndexError:
        form = serializer_class(data=data)
    form.initial_data, form.partial, form._context = data, partial, context
    try:
        form.is_valid(raise_exception=True)
        checked: dict[str, Any] = form.validated_data
        return checked
    finally:
        form.__dict__.pop("_validated_data", None)
        form.__dict__.pop("_errors", None)
        form.initial_data, form._context = None, {}
        free.append(form)
