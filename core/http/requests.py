"""The request as views see it: DRF's, with our wire and our caller."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from rest_framework.request import Request

from core.http.wire import Wire


class ApiRequest(Request):
    """`user` is the signed-in caller (`access.types.Principal`) or `None`."""

    if TYPE_CHECKING:
        user: Any

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        # At hand, as DRF would look for each of them in two places every time.
        self.META, self.path, self.method = request.META, request.path, request.method

    @property
    def wire(self) -> Wire:
        wire: Wire = self._request.wire  # type: ignore[attr-defined]
        return wire

    @wire.setter
    def wire(self, wire: Wire) -> None:
        self._request.wire = wire  # type: ignore[attr-defined]
