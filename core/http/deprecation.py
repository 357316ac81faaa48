"""Announcing the end of a route: `Deprecation` (RFC 9745) and `Sunset` (RFC 8594)."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.http import http_date


@dataclass(frozen=True, slots=True)
class Deprecation:
    """A route deprecated `since` and served until `sunset`; `guide` tells what to use instead."""

    since: datetime
    sunset: datetime | None = None
    guide: str = ""

    def __post_init__(self) -> None:
        if self.sunset is not None and self.sunset < self.since:
            raise ValueError("A route cannot end before it is deprecated.")

    def headers(self) -> dict[str, str]:
        headers = {"Deprecation": f"@{int(self.since.timestamp())}"}
        if self.sunset is not None:
            headers["Sunset"] = http_date(self.sunset.timestamp())
        if self.guide:
            headers["Link"] = f'<{self.guide}>; rel="deprecation"; type="text/html"'
        return headers
