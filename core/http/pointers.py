"""Where a refused value stands: JSON pointers (RFC 6901) out of DRF's nested validation details."""

from collections.abc import Iterator
from typing import Any

from core.errors import FieldError
from core.http.wire import Wire

_NAMED_AS_SENT = {"unknown_field"}  # the client's own spelling, which is what is wrong about it


def field_errors(details: Any) -> list[FieldError]:
    """Flatten `ValidationError.get_full_details()`."""
    return list(_walk(details, ""))


def on_surface(error: FieldError, wire: Wire) -> str:
    """The pointer as the request's surface spells names."""
    if error.code in _NAMED_AS_SENT:
        return error.pointer
    return "/".join(wire.name(part) for part in error.pointer.split("/"))


def _walk(details: Any, pointer: str) -> Iterator[FieldError]:
    if _is_leaf(details):
        yield FieldError(pointer, str(details["code"]), str(details["message"]))
    elif isinstance(details, dict):
        for name, inner in details.items():
            yield from _walk(inner, pointer if name == "non_field_errors" else f"{pointer}/{_escaped(str(name))}")
    elif isinstance(details, list):
        # A list of messages is about one value; a list of anything else stands item by item for a list sent.
        about_one = all(_is_leaf(inner) for inner in details)
        for index, inner in enumerate(details):
            yield from _walk(inner, pointer if about_one else f"{pointer}/{index}")


def _is_leaf(details: Any) -> bool:
    return isinstance(details, dict) and isinstance(details.get("message"), str) and set(details) == {"message", "code"}


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
