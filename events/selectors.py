"""Reading what happened and what changed."""

from collections.abc import Sequence

from django.db import connection


def version_of(*, scopes: Sequence[str], collections: Sequence[str]) -> str:
    """An opaque token that differs whenever a row of `collections` in `scopes` has changed. One query.

    Read it *before* the rows it stands for: a write in between then costs a spare reload instead of a stale body.
    Scopes are written as the feed writes them, such as `u:<uuid>`, or `all`.
    """
    marks = ", ".join(["%s"] * len(scopes)), ", ".join(["%s"] * len(collections))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT sum(number) FROM events_increment WHERE scope IN ({marks[0]}) AND collection IN ({marks[1]})",  # noqa: S608
            [*scopes, *collections],
        )
        return str(cursor.fetchone()[0] or 0)
