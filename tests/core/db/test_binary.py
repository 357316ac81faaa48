from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.signals import request_started
from django.db import connection
from django.db.models import Count, QuerySet
from django.test.utils import CaptureQueriesContext

from core.db.binary import fetch, fetch_rows

pytestmark = pytest.mark.django_db
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server that could hang up")


def test_fetch_rows__any_query__what_django_selects() -> None:
    kinds = ContentType.objects.filter(app_label__in=["core", "accounts"]).order_by("-model")[:5]

    assert fetch_rows(kinds, ["id", "model"]) == list(kinds.values_list("id", "model"))


def test_fetch_rows__nothing_can_match__no_query() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert fetch_rows(ContentType.objects.none(), ["id"]) == []
        assert fetch_rows(ContentType.objects.filter(id__in=[]), ["id"]) == []

    assert len(queries) == 0


def test_fetch__parameters__bound_and_seen_by_the_query_log() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert [tuple(row) for row in fetch("SELECT 1 + %s", [41])] == [(42,)]

    assert len(queries) == 1


def test_fetch__asked_until_it_is_prepared__still_seen_by_the_query_log() -> None:
    with CaptureQueriesContext(connection) as queries:
        for number in range(8):
            fetch("SELECT 1 + %s", [number])

    assert [query["sql"][:8] for query in queries.captured_queries] == ["SELECT 1"] * 8


def _backend() -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_is_usable__server_hangs_up__a_new_connection_by_the_next_request() -> None:
    former = _backend()
    assert connection.is_usable()

    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 1000)", [former])
    other.close()

    assert not connection.is_usable()
    request_started.send(sender=None)
    assert _backend() != former


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_is_usable__unasked_words_of_the_server__still_usable() -> None:
    with connection.cursor() as cursor:
        cursor.execute("LISTEN words")
    former = _backend()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("NOTIFY words")
    other.close()

    assert connection.is_usable()
    assert _backend() == former


@on_postgresql
def test_fetch__asked_often__prepared_by_the_server() -> None:
    for number in range(10):
        fetch("SELECT 1000 + %s", [number])

    assert (
        fetch("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", ["SELECT 1000 + $1%"])[0][0] == 1
    )


def _querysets() -> dict[str, QuerySet[Any]]:
    kinds = ContentType.objects.order_by("-model")
    return {
        "plain": kinds,
        "filtered": kinds.filter(app_label="core").exclude(model__startswith="x"),
        "joined by a filter": kinds.filter(permission__codename__startswith="add_"),
        "distinct": kinds.filter(permission__codename__contains="_").distinct(),
        "sliced": kinds[1:3],
        "annotated": kinds.annotate(many=Count("permission")),
        "extra": kinds.extra(select={"shadow": "upper(model)"}),
        "united": ContentType.objects.filter(app_label="core").union(ContentType.objects.filter(app_label="auth")),
    }


@pytest.mark.parametrize("name", _querysets())
@pytest.mark.parametrize("columns", [["id"], ["model", "pk", "app_label"], ["model", "permission__codename"]])
def test_fetch_rows__shapes_of_queries__what_django_selects(name: str, columns: list[str]) -> None:
    queryset = _querysets()[name]
    if name == "united" and "permission__codename" in columns:
        columns = ["model"]  # Django joins nothing to a union

    found = [tuple(row[: len(columns)]) for row in fetch_rows(queryset, columns)]  # columns of the order may follow
    assert sorted(found, key=repr) == sorted(queryset.values_list(*columns), key=repr)


def test_fetch_rows__annotation_asked__selected_with_the_columns() -> None:
    kinds = ContentType.objects.annotate(many=Count("permission")).order_by("id")

    assert list(map(tuple, fetch_rows(kinds, ["model", "many"]))) == list(kinds.values_list("model", "many"))


def test_fetch_rows__relation__its_key() -> None:
    permissions = Permission.objects.order_by("id")

    expected = list(permissions.values_list("content_type", "content_type_id"))
    assert list(map(tuple, fetch_rows(permissions, ["content_type", "content_type_id"]))) == expected
