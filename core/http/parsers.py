"""The strict JSON parser (RFC 8259, and RFC 7493 where it is stricter).

Refused with `400`: NUL and lone surrogates in any string, duplicate keys, NaN and infinities, integers
beyond 64 bits, more than 64 levels, anything but UTF-8. Refused with `413`: bodies over 1 MB, counted after
decompression. Not here: what a body should contain, which is a serializer's to say.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.parsers import BaseParser

from core.errors import BadRequest, PayloadTooLarge
from core.http.bodies import is_cut_short

DEPTH_LIMIT = 64
_MIN_INTEGER, _MAX_INTEGER = -(2**63), 2**63 - 1
_NESTING = {dict, list}
_MAX_INTEGER_LENGTH = 20  # "-9223372036854775808"; longer text is not worth converting


class MalformedJson(BadRequest):
    code = "malformed_json"
    detail = "The request body is not valid JSON."


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        body = stream.read(settings.JSON_BODY_LIMIT + 1)
        if len(body) > settings.JSON_BODY_LIMIT:
            raise PayloadTooLarge(f"JSON bodies may have {settings.JSON_BODY_LIMIT:,} bytes.")
        if parser_context and is_cut_short(parser_context["request"], body):
            raise MalformedJson("The request body is shorter than its Content-Length.")
        return parse_json(body)


def parse_json(body: bytes) -> Any:
    """Parse one JSON document.

    Raises:
        MalformedJson: anything the module's first lines refuse.
    """
    try:
        value = _DECODER.decode(body.decode())
    except UnicodeDecodeError as error:
        raise MalformedJson(f"The request body is not UTF-8 at byte {error.start}.") from error
    except json.JSONDecodeError as error:
        raise MalformedJson(_syntax_detail(body, error)) from error
    except RecursionError as error:
        raise _too_deep() from error
    # Only 65 brackets can be 65 deep, and only an escape can smuggle in NUL or half a surrogate pair,
    # so ordinary bodies pay two scans at memory speed and are not walked.
    if body.count(b"{") + body.count(b"[") > DEPTH_LIMIT:
        _check_depth(value)
    if b"\\u" in body:
        _check_texts(value)
    return value


def _syntax_detail(body: bytes, error: json.JSONDecodeError) -> str:
    if body.startswith(b"\xef\xbb\xbf"):
        return "The request body begins with a byte order mark; send plain UTF-8."
    return f"The request body is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}."


def _too_deep() -> MalformedJson:
    return MalformedJson(f"The request body is nested deeper than {DEPTH_LIMIT} levels.")


def _check_depth(value: Any) -> None:
    """Level by level, so that no input can exhaust the stack."""
    level, depth = [value], 1
    while level := [child for parent in level for child in _children(parent) if type(child) in _NESTING]:
        depth += 1
        if depth > DEPTH_LIMIT:
            raise _too_deep()


def _check_texts(value: Any) -> None:
    level = [value]
    while level:
        for item in level:
            if isinstance(item, str):
                _check_text(item)
            elif isinstance(item, dict):
                for name in item:
                    _check_text(name)
        level = [child for parent in level if type(parent) in _NESTING for child in _children(parent)]


def _children(parent: Any) -> Iterable[Any]:
    return parent.values() if isinstance(parent, dict) else parent


def _check_text(text: str) -> None:
    if "\0" in text:
        raise MalformedJson("The request body contains a NUL character.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise MalformedJson("The request body contains half of a surrogate pair.") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise MalformedJson(f"The name {json.dumps(twice[:100])} stands twice in one object.")
    return document


def _integer(text: str) -> int:
    if len(text) <= _MAX_INTEGER_LENGTH:
        number = int(text)
        if _MIN_INTEGER <= number <= _MAX_INTEGER:
            return number
    raise MalformedJson("The request body contains an integer beyond 64 bits.")


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise MalformedJson("The request body contains a number too large to represent.")
    return number


def _constant(text: str) -> Any:
    raise MalformedJson(f"{text} is not a JSON value.")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant)
