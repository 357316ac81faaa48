"""A version read by itself, or with the rows it stands for."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core.db.composed import Composed, composed
from core.db.versions import DataVersion
from tests.core.db.test_composed import Asker

pytestmark = pytest.mark.django_db
READER = Asker(uuid4())
SQL = "SELECT count(*) FROM accounts_user WHERE full_name <> %s"


def _people(_: Any, *, name: str) -> QuerySet[User]:
    people: QuerySet[User] = User.objects.filter(full_name=name).order_by("id")
    return people


@pytest.fixture
def ada() -> User:
    return User.objects.create(email="ada@example.com", full_name="Ada")


@pytest.fixture
def query() -> Composed:
    return composed(_people, READER, name="Ada")


def test_rows__of_a_composed_query__bring_the_version_in_one_statement(ada: User, query: Composed) -> None:
    version = DataVersion(SQL, ["Nobody"])
    with CaptureQueriesContext(connection) as queries:
        [(id_, name, *_)] = version.rows_of(query, ("id", "full_name"))

    assert (id_, name, version.text) == (ada.id, "Ada", "1")
    assert len(queries) == 1
    assert DataVersion(SQL, ["Nobody"]).read() == version.text


def test_rows__version_known__are_read_without_it(ada: User, query: Composed) -> None:
    version = DataVersion(SQL, ["Nobody"])
    version.read()
    User.objects.create(email="bert@example.com", full_name="Bert")

    assert version.rows_of(query, ("id",)) == [(ada.id,)]
    assert version.text == "1"


def test_rows__none_at_all__have_a_version_that_is_read_before_them(query: Composed) -> None:
    version = DataVersion(SQL, ["Nobody"])
    with CaptureQueriesContext(connection) as queries:
        assert version.rows_of(query, ("id",)) == []

    assert version.text == "0"
    asked = [each["sql"] for each in queries]
    assert len(asked) == 3
    assert "ORDER BY" not in asked[1]
    assert "ORDER BY" in asked[2]


def test_rows__of_a_query_that_is_not_composed__are_read_after_the_version(ada: User, query: Composed) -> None:
    version = DataVersion(SQL, ["Nobody"])
    with CaptureQueriesContext(connection) as queries:
        assert [tuple(row) for row in version.rows_of(query.plain(), ("id",))] == [(ada.id,)]

    assert version.text == "1"
    assert len(queries) == 2
