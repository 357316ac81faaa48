"""What all views of listings have in common."""

from collections.abc import Sequence
from typing import Any

from core.http import forms
from core.http.access import Access
from core.http.conditional import CachePolicy
from core.http.money import Amounts
from core.http.rows import Row
from core.http.serializers import WireFieldsMixin
from core.http.viewsets import ApiViewSet
from explorer import selectors
from explorer.scopes import READ
from explorer.serializers import ListingSerializer
from explorer.types import Standing

DAY = 86_400  # seconds


class ExplorerViewSet(ApiViewSet):
    """Answers are tagged by their bodies: what is counted in them changes somewhere all the time, but rarely here."""

    access = Access(scope=READ)
    bursts = True
    cache_policy = CachePolicy(max_age=60, stale_if_error=DAY)

    def body(self, serializer_class: type[WireFieldsMixin], *, partial: bool = False) -> dict[str, Any]:
        """The request body, checked by one serializer."""
        return forms.validated(serializer_class, self.request.data, {"request": self.request}, partial=partial)


class ListingBaseViewSet(ExplorerViewSet):
    """Shows listings with what is counted of them and what the caller did, by one query for a page."""

    serializer_class = ListingSerializer
    standing = Standing()

    def rendered(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        if not self._shows_standing:
            return self.rendered_with(Standing(), rows)
        place = self.rows.columns.index("id")
        standing = selectors.standing_of(self.request.user.user_id, [row[place] for row in rows])
        return self.rendered_with(standing, rows)

    def rendered_with(self, standing: Standing, rows: Sequence[Row]) -> list[dict[str, Any]]:
        self.standing = standing
        return super().rendered(rows)

    def row_context(self) -> dict[str, Any]:
        return {"standing": self.standing, "money": Amounts(self.request.wire, self.request.user.locale)}

    @property
    def _shows_standing(self) -> bool:
        return self.fieldset.shows("engagement") or self.fieldset.shows("viewer")
