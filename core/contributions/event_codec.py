"""Domain events to and from JSON: exact for ids, times, decimals, enums and nested dataclasses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

_WRITE: dict[type, Callable[[Any], Any]] = {
    UUID: str,
    Decimal: str,
    datetime: datetime.isoformat,
    date: date.isoformat,
    time: time.isoformat,
    timedelta: timedelta.total_seconds,
}
_READ: dict[Any, Callable[[Any], Any]] = {
    UUID: UUID,
    Decimal: Decimal,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    time: time.fromisoformat,
    timedelta: lambda seconds: timedelta(seconds=seconds),
}


def encode(value: Any) -> Any:
    """Plain JSON of a value.

    Raises:
        TypeError: a type that could not be read back.
    """
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(encode(key)): encode(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [encode(item) for item in value]
    return _encode_object(value)


def _encode_object(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: encode(getattr(value, field.name)) for field in fields(value)}
    for kind in type(value).__mro__:
        if kind in _WRITE:
            return _WRITE[kind](value)
    raise TypeError(f"An event cannot carry a {type(value).__name__}.")


def decode(kind: Any, value: Any) -> Any:
    """The value of type `kind` behind its JSON; fields unknown to a dataclass are ignored."""
    if value is None:
        return None
    if kind in _READ:
        return _READ[kind](value)
    if (origin := get_origin(kind)) is not None:
        return _decode_generic(kind, origin, value)
    if is_dataclass(kind):
        hints = _hints(kind)  # type: ignore[arg-type]
        return kind(**{name: decode(hints[name], item) for name, item in value.items() if name in hints})  # type: ignore[operator]
    return kind(value) if isinstance(kind, type) and issubclass(kind, Enum) else value


def _decode_generic(kind: Any, origin: Any, value: Any) -> Any:
    arguments = get_args(kind)
    if origin in {Union, UnionType}:
        return decode(next(argument for argument in arguments if argument is not NoneType), value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {decode(arguments[0], key): decode(arguments[1], item) for key, item in value.items()}
    if isinstance(origin, type) and issubclass(origin, Sequence | set | frozenset):
        build: Callable[..., Any] = tuple if origin is Sequence else origin
        return build(decode(arguments[0], item) for item in value)
    return value


@cache
def _hints(kind: Any) -> dict[str, Any]:
    """Types of the fields alone; class variables are no part of the data."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}
