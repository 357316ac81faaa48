"""Input, checked by serializers that are built once: making and binding their fields costs most of a check.

A form that is free is lent to one check and given back, so none is ever in two hands.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from rest_framework.serializers import ValidationError, as_serializer_error

from core.http.serializers import TextValues, WireFieldsMixin
from core.http.wire import Wire

T = TypeVar("T")

_free: defaultdict[tuple[type[WireFieldsMixin], Wire], deque[WireFieldsMixin]] = defaultdict(deque)


def validated(
    serializer_class: type[WireFieldsMixin], data: Any, context: Mapping[str, Any], *, partial: bool = False
) -> dict[str, Any]:
    """What `serializer_class` makes of `data`, by declared name; `context` holds at least the `request`.

    Raises:
        rest_framework.exceptions.ValidationError: as the serializer finds.
    """

    def check(form: Any) -> dict[str, Any]:
        form.initial_data, form.partial = data, partial
        form.is_valid(raise_exception=True)
        checked: dict[str, Any] = form.validated_data
        return checked

    return _lend(serializer_class, context["request"].wire, context, check)


def validated_text(
    serializer_class: type[WireFieldsMixin], sent: tuple[tuple[str, str], ...], context: Mapping[str, Any]
) -> dict[str, Any]:
    """The same for a form that is sent as text, such as a query string.

    What its fields make of a text is remembered: what depends on the caller or the moment belongs into `validate`.
    """
    wire = context["request"].wire
    read = dict(_read(serializer_class, wire, sent))
    try:
        return _lend(serializer_class, wire, context, lambda form: form.validate(read))
    except ValidationError as error:
        raise ValidationError(as_serializer_error(error)) from error


@lru_cache(maxsize=1024)
def _read(serializer_class: type[WireFieldsMixin], wire: Wire, sent: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    def read(form: Any) -> dict[str, Any]:
        form.partial = False
        read: dict[str, Any] = form.to_internal_value(TextValues(sent))
        return read

    return _lend(serializer_class, wire, {"wire": wire}, read)


def _lend(
    serializer_class: type[WireFieldsMixin], wire: Wire, context: Mapping[str, Any], use: Callable[[Any], T]
) -> T:
    free = _free[serializer_class, wire]
    try:
        form: Any = free.pop()
    except IndexError:
        form = serializer_class(data=None)
    form._context = context
    try:
        return use(form)
    finally:
        form.__dict__.pop("_validated_data", None)
        form.__dict__.pop("_errors", None)
        form.initial_data, form._context = None, {}
        free.append(form)
