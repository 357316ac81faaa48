"""Queries that are built once: they find what the same query would find when it is built anew."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.db.models import Q, QuerySet
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core.db.composed import composed, extended, plain, rows_of, shape_of
from tests.core.http.wiring import people

pytestmark = pytest.mark.django_db


class Asker(NamedTuple):
    user_id: UUID
    workspace_id: UUID | None = None


def seen_by(asker: Asker, name: str = "") -> QuerySet[User]:
    """Oneself, and in a workspace whoever has the workspace's id; of these, all whose name begins with `name`."""
    own = Q(id=asker.user_id)
    seen = own | Q(id=asker.workspace_id) if asker.workspace_id else own
    return User.objects.filter(seen, full_name__startswith=name).order_by("full_name")


def made_before(users: QuerySet[User], limit: int, *, moment: Any) -> QuerySet[User]:
    return users.filter(created_at__lte=moment)[:limit]


def test_composed__different_callers__each_finds_their_own() -> None:
    ada, grace, mary = people("Ada Lovelace", "Grace Hopper", "Mary Shaw")
    askers = [Asker(ada.id), Asker(grace.id), Asker(uuid4()), Asker(ada.id, mary.id), Asker(uuid4(), grace.id)]

    found = [rows_of(composed(seen_by, asker), ["id"]) for asker in askers]

    assert [[row[0] for row in rows] for rows in found] == [[ada.id], [grace.id], [], [ada.id, mary.id], [grace.id]]


def test_composed__different_shape__another_query() -> None:
    ada, mary = people("Ada Lovelace", "Mary Shaw")

    found = [rows_of(composed(seen_by, Asker(ada.id, mary.id), name), ["id"]) for name in ("", "M", "Nobody")]

    assert [[row[0] for row in rows] for rows in found] == [[ada.id, mary.id], [mary.id], []]


def test_extended__times_and_limits__as_when_built_anew() -> None:
    ada, mary = people("Ada Lovelace", "Mary Shaw")
    asker = Asker(ada.id, mary.id)
    never, now = datetime.fromisoformat("2000-01-01T00:00:00Z"), datetime.fromisoformat("2100-01-01T00:00:00Z")

    for limit, moment, expected in ((9, now, [ada, mary]), (1, now, [ada]), (9, never, [])):
        anew = extended(seen_by(asker), made_before, limit, moment=moment)
        built = extended(composed(seen_by, asker), made_before, limit, moment=moment)
        shape = shape_of(built)
        assert [shape.build(row) for row in rows_of(built, shape.names)] == expected
        assert list(plain(anew)) == list(plain(built)) == expected


def test_composed__nothing_can_match__no_query() -> None:
    def nobody(asker: Any) -> QuerySet[User]:
        return User.objects.none()

    with CaptureQueriesContext(connection) as queries:
        assert rows_of(composed(nobody, Asker(uuid4())), ["id"]) == []

    assert len(queries) == 0


def test_composed__selector_reads_more_of_the_caller__refused() -> None:
    def by_role(asker: Any) -> QuerySet[User]:
        return User.objects.filter(full_name__in=asker.roles)

    with pytest.raises(AttributeError, match="roles"):
        composed(by_role, Asker(uuid4()))


def test_composed__selector_computes_with_a_value__refused() -> None:
    def doubled(asker: Any, *, moment: Any) -> QuerySet[User]:
        return User.objects.filter(created_at=moment.replace(year=2000))

    with pytest.raises(AttributeError, match="replace"):
        composed(doubled, Asker(uuid4()), moment=datetime.fromisoformat("2100-01-01T00:00:00Z"))


def test_composed__asked_again__neither_built_nor_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    [ada] = people("Ada Lovelace")
    rows_of(composed(seen_by, Asker(uuid4())), ["id"])
    monkeypatch.setattr(QuerySet, "filter", None)
    monkeypatch.setattr("django.db.models.sql.compiler.SQLCompiler.as_sql", None)

    assert [row[0] for row in rows_of(composed(seen_by, Asker(ada.id)), ["id"])] == [ada.id]
