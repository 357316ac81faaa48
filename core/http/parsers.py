"""The strict JSON parser (RFC 8259, and RFC 7493 where it is stricter).

Refused with `400`: NUL and lone surrogates in any string, duplicate keys, NaN and infinities, integers
beyond 64 bits, more than 64 levels. Refused with `413`: bodies over 1 MB, counted after decompression.
"""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.parsers import BaseParser

from core.errors import BadRequest, PayloadTooLarge


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
            raise PayloadTooLarge
        return parse_json(body)


def parse_json(body: bytes) -> Any:
    """Parse one JSON document.

    Raises:
        MalformedJson: anything the module's first lines refuse.
    """
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedJson from error
