"""Pages of listings, which many people read: what all of them see alike is rendered once for each listing's version."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from core.db.binary import fetch_rows
from core.http.kept_rows import KeptRow, array_of, hole, kept_row, kept_rows
from core.http.renderers import dump_json
from core.http.rows import Row
from core.http.wire import root_of
from explorer import selectors
from explorer.types import Standing
from explorer.views.base import ListingBaseViewSet

# Which version of which listing, and whose: to its owner a listing shows other links than to everybody else.
VERSION = ("id", "rev", "owner_id")


class _Open(Standing):
    """Leaves open how a listing stands, which changes without it and from reader to reader."""

    def engagement(self, _: UUID) -> Any:
        return hole("engagement")

    def viewer(self, _: UUID) -> Any:
        return hole("viewer")


class KeptListingsViewSet(ListingBaseViewSet):
    def shown(self, found: Sequence[Row]) -> orjson.Fragment:
        """Listings as a JSON array, found as rows of `VERSION`: the same as `rendered` makes of whole rows."""
        rows = self._rows(found)
        standing = self.standing_of([id_ for id_, *_ in found])
        touched = {id_.int: _as_json(standing, id_) for id_ in standing.counts.keys() | standing.own.keys()}
        return array_of((row, touched.get(number, _UNTOUCHED)) for number, row in rows.items())

    def _rows(self, found: Sequence[Row]) -> dict[int, KeptRow]:
        """Each of them by the number of its id, in the order given, without those that may not be seen any more."""
        reader, shape = self.request.user.user_id.int, self._shape
        kept = {
            id_.int: None if owner_id.int == reader else kept_rows.find((shape, id_.int, rev))
            for id_, rev, owner_id, *_ in found
        }
        missing = [id_ for id_, *_ in found if kept[id_.int] is None]
        read = self._read(missing) if missing else {}
        return {number: row for number, known in kept.items() if (row := known or read.get(number))}

    def _read(self, ids: Sequence[UUID]) -> dict[int, KeptRow]:
        """Read and render listings, and keep them at the versions that they have by now."""
        reader, shape, read = self.request.user, self._shape, {}
        columns = (*self.rows.columns, *VERSION)
        rows = fetch_rows(selectors.list_visible(reader).filter(id__in=ids), columns)
        for (*_, id_, rev, owner_id), listing in zip(rows, self.rendered_with(_Open(), rows), strict=True):
            row = read[id_.int] = kept_row(dump_json(listing))
            if owner_id != reader.user_id:
                kept_rows.keep((shape, id_.int, rev), row)
        return read

    @property
    def _shape(self) -> object:
        return _shape(self.rows, root_of(self.request.path), self.request.user.locale)


@lru_cache(maxsize=128)
def _shape(*_: Any) -> object:
    """One object for all that shapes a listing's JSON but the listing: they are compared by being the same."""
    return object()


def _as_json(standing: Standing, listing_id: UUID) -> Mapping[bytes, bytes]:
    """What belongs into the holes of a listing."""
    return {
        b"engagement": dump_json(standing.engagement(listing_id)),
        b"viewer": dump_json(standing.viewer(listing_id)),
    }


_UNTOUCHED = _as_json(Standing(), UUID(int=0))
