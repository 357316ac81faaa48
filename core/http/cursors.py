"""Cursors: where a page ended, sealed so that nobody can make one up or carry it elsewhere.

A cursor is `c1.<position>.<seal>`. The seal is an HMAC over the position and over what the cursor is bound to
(user, route, filters, order), so a cursor of another list is no cursor at all.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db.models import Q

from core.errors import BadRequest

MAX_CURSOR_LENGTH = 1024
_PREFIX = "c1"
_READERS: dict[str, Any] = {
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "u": UUID,
    "n": Decimal,
}

_WRITERS: dict[type, Any] = {
    datetime: lambda value: ("t", value.isoformat()),
    date: lambda value: ("d", value.isoformat()),
    UUID: lambda value: ("u", value.hex),
    Decimal: lambda value: ("n", str(value)),
}


class InvalidCursor(BadRequest):
    code = "invalid_cursor"
    detail = "This cursor does not belong to this list. Start again from the first page."


@dataclass(frozen=True, slots=True)
class Position:
    """The sort key of one row, and whether the page lies before or after it."""

    key: tuple[Any, ...]
    backward: bool = False

    def reversed(self) -> "Position":
        return replace(self, backward=not self.backward)


def seal(position: Position, bound_to: str) -> str:
    packed = [position.backward, *(_pack(value) for value in position.key)]
    payload = _encode(orjson.dumps(packed))
    return f"{_PREFIX}.{payload}.{_signature(payload, bound_to)}"


def unseal(cursor: str, bound_to: str) -> Position:
    """Read a cursor back.

    Raises:
        InvalidCursor: it is oversized, altered, or was issued for another user, route, filter or order.
    """
    prefix, _, rest = cursor.partition(".")
    payload, _, signature = rest.partition(".")
    is_ours = len(cursor) <= MAX_CURSOR_LENGTH and cursor.isascii() and prefix == _PREFIX
    if not is_ours or not hmac.compare_digest(signature, _signature(payload, bound_to)):
        raise InvalidCursor
    backward, *key = orjson.loads(_decode(payload))
    return Position(tuple(_unpack(value) for value in key), backward)


def keyset(order: Sequence[str], position: Position) -> Q:
    """The rows on the far side of `position` in `order`, whose last column is unique and none nullable.

    `a > x OR (a = x AND id > y)`, with the redundant `a >= x` that lets an index on `a` find the range.
    """
    beyond, same = Q(), Q()
    for column, value in zip(order, position.key, strict=True):
        name, comparison = column.removeprefix("-"), _comparison(column, backward=position.backward)
        beyond |= same & Q(**{f"{name}__{comparison}": value})
        same &= Q(**{name: value})
    first = order[0].removeprefix("-")
    bound = Q(**{f"{first}__{_comparison(order[0], backward=position.backward)}e": position.key[0]})
    return bound & beyond if len(order) > 1 else beyond


def _comparison(column: str, *, backward: bool) -> str:
    return "lt" if column.startswith("-") is not backward else "gt"


def _pack(value: Any) -> Any:
    write = _WRITERS.get(type(value))
    return value if write is None else write(value)


def _unpack(value: Any) -> Any:
    return _READERS[value[0]](value[1]) if isinstance(value, list) else value


def _signature(payload: str, bound_to: str) -> str:
    message = f"{payload}\n{bound_to}".encode(errors="surrogatepass")
    return _encode(hashlib.blake2b(message, key=_key(settings.SECRET_KEY), digest_size=16).digest())


@lru_cache(maxsize=2)
def _key(secret: str) -> bytes:
    return hashlib.blake2b(secret.encode(), person=b"gigvora.cursors").digest()


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
