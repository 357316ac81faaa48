"""The router behind which collections stand, and what an id looks like in an address."""

from typing import Any

from django.urls import register_converter
from django.urls.converters import UUIDConverter
from rest_framework.routers import SimpleRouter


class IdConverter(UUIDConverter):
    """`<id:…>`: a UUID in either case, because Swift writes them in capitals."""

    regex = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


register_converter(IdConverter, "id")


class Router(SimpleRouter):
    """DRF's router without trailing slashes and with path converters instead of expressions.

    `DELETE` on a collection is its action `clear`, where it has one.
    """

    def __init__(self) -> None:
        collection: Any
        collection, *others = SimpleRouter.routes
        self.routes = [collection._replace(mapping={**collection.mapping, "delete": "clear"}), *others]
        super().__init__(trailing_slash=False, use_regex_path=False)
