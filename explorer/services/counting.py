"""Keeping what is counted small."""

from django.db import connection, transaction
from django.db.models import Count, Sum

from explorer.models import Tally

# One statement, so that no reader sees the sum without or beside its parts. Counts of listings that are gone end here.
_ROLL_UP = """
WITH parts AS (
  DELETE FROM explorer_tally WHERE (listing_id, kind) IN
    (SELECT listing_id, kind FROM explorer_tally GROUP BY listing_id, kind HAVING count(*) > 1)
  RETURNING listing_id, kind, number
), sums AS (
  INSERT INTO explorer_tally (listing_id, kind, number)
  SELECT listing_id, kind, sum(number) FROM parts
  WHERE EXISTS (SELECT FROM explorer_listing WHERE id = listing_id)
  GROUP BY listing_id, kind HAVING sum(number) <> 0 RETURNING 1
)
SELECT (SELECT count(*) FROM parts) - (SELECT count(*) FROM sums)"""


def roll_up_tallies() -> int:
    """Replace the increments of each count by their sum; returns how many rows that saved.

    Increments that are inserted meanwhile are left for the next time.
    """
    if connection.vendor != "postgresql":
        return _roll_up_on_sqlite()
    with connection.cursor() as cursor:
        cursor.execute(_ROLL_UP)
        saved: int = cursor.fetchone()[0]
    return saved


@transaction.atomic
def _roll_up_on_sqlite() -> int:
    """The same, where a write transaction excludes every other."""
    parts = Tally.objects.values("listing_id", "kind").annotate(rows=Count("id"), sum=Sum("number")).filter(rows__gt=1)
    saved = 0
    for part in list(parts):
        Tally.objects.filter(listing_id=part["listing_id"], kind=part["kind"]).delete()
        if part["sum"]:
            Tally.objects.create(listing_id=part["listing_id"], kind=part["kind"], number=part["sum"])
        saved += part["rows"] - bool(part["sum"])
    return saved
