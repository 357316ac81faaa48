"""Pages of listings, which many people read: what all of them see alike is rendered once for each listing's version."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from core.db.binary import fetch_rows
from core.db.composed import Query
from core.http.kept_rows import KeptRow, array_of, hole, kept_row, kept_rows
from core.http.renderers import dump_json
from core.http.rows import Row
from core.http.wire import root_of
from explorer import selectors
from explorer.types import Standing
from explorer.views.base import ListingBaseViewSet

# Which version of which listing, and whose: to its owner a listing shows other links than to everybody else.
VERSION = ("id", "rev", "owner_id")


class _Usual(Standing):
    """Leaves room for how a listing stands, which changes without it and from reader to reader."""

    def engagement(self, listing_id: UUID) -> Any:
        return hole("engagement", dump_json(super().engagement(listing_id)))

    def viewer(self, listing_id: UUID) -> Any:
        return hole("viewer", dump_json(super().viewer(listing_id)))


class KeptListingsViewSet(ListingBaseViewSet):
    def rows_of_page(self, query: Query, columns: tuple[str, ...]) -> list[Row]:
        if not self._shows_standing:
            return super().rows_of_page(query, columns)
        rows, self.standing = selectors.rows_and_standing(self.request.user.user_id, query, columns)
        return rows

    def shown(self, found: Sequence[Row]) -> orjson.Fragment:
        """Rows of `VERSION` as a JSON array of listings: the same as `rendered` makes of whole rows."""
        standing = self.standing
        touched = {
            id_.int: {"engagement": dump_json(standing.engagement(id_)), "viewer": dump_json(standing.viewer(id_))}
            for id_ in standing.counts.keys() | standing.own.keys()
        }
        return array_of((row, touched.get(number)) for number, row in self._rows(found))

    def _rows(self, found: Sequence[Row]) -> list[tuple[int, KeptRow]]:
        """Each of them with the number of its id, in the order given, without those that may not be seen any more."""
        reader, shape = self.request.user.user_id.int, self._shape
        numbers = [row[0].int for row in found]
        kept = kept_rows.find([(shape, id_.int, rev, owner_id.int == reader) for id_, rev, owner_id, *_ in found])
        missing = [id_ for (id_, *_), row in zip(found, kept, strict=True) if row is None]
        read = self._read(missing) if missing else {}
        return [(number, row) for number, each in zip(numbers, kept, strict=True) if (row := each or read.get(number))]

    def _read(self, ids: Sequence[UUID]) -> dict[int, KeptRow]:
        """Read and render listings, and keep them at the versions that they have by now."""
        reader, shape, read = self.request.user, self._shape, {}
        columns = (*self.rows.columns, *VERSION)
        rows = fetch_rows(selectors.list_visible(reader).filter(id__in=ids), columns)
        for (*_, id_, rev, owner_id), listing in zip(rows, self.rendered_with(_Usual(), rows), strict=True):
            row = read[id_.int] = kept_row(dump_json(listing))
            if owner_id != reader.user_id:
                kept_rows.keep((shape, id_.int, rev, False), row)
        return read

    @property
    def _shape(self) -> object:
        return _shape(self.rows, root_of(self.request.path), self.request.user.locale)


@lru_cache(maxsize=128)
def _shape(*_: Any) -> object:
    """One object for all that shapes a listing's JSON but the listing: they are compared by being the same."""
    return object()
