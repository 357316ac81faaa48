"""Which renderer answers a request. DRF decides; apps of a kind all send the same header, so it decides once."""

from collections.abc import Sequence
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

_REMEMBERED, _LONGEST = 1000, 256


class Negotiation(DefaultContentNegotiation):
    _selected: dict[tuple[Any, ...], tuple[BaseRenderer, str]] = {}

    def select_renderer(  # type: ignore[override]
        self, request: Request, renderers: Sequence[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        accept = request.META.get("HTTP_ACCEPT", "*/*")
        asked = (accept, format_suffix, *renderers)
        selected = self._selected.get(asked)
        if selected is None:
            selected = super().select_renderer(request, renderers, format_suffix)
            if len(accept) <= _LONGEST and len(self._selected) < _REMEMBERED:
                self._selected[asked] = selected
        return selected
