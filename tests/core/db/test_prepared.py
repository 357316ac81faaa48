"""Queries compiled once answer what Django's own would, whatever values they are given."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from calendar_app.models import Event
from core.db.prepared import prepared_instances, prepared_rows

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 9, 0, 0, 250, tzinfo=UTC)


@prepared_rows
def _titles(owner_id: Any, since: Any) -> QuerySet[Any, Any]:
    later = Event.objects.filter(owner_id=owner_id, starts_at__gte=since, is_all_day=False)
    return later.order_by("starts_at").values_list("title", "owner__email", "metadata", "starts_at")


@prepared_instances
def _events(title: Any) -> QuerySet[Event]:
    return Event.objects.select_related("owner", "series__owner").filter(title=title)


@prepared_instances
def _locked(event_id: Any) -> QuerySet[Event]:
    return Event.objects.select_for_update(no_key=True).filter(id=event_id)


@prepared_instances
def _measured(title: Any) -> QuerySet[Event]:
    return Event.objects.annotate(length=Length("title")).select_related("owner").filter(title=title)


def _event(title: str, *, days: int = 0, **values: Any) -> Event:
    owner, _ = get_user_model().objects.get_or_create(email="mira@example.com")
    at = AT + timedelta(days=days)
    fixed = {"public_id": title, "uid": title, "title": title, "starts_at": at, "ends_at": at}
    return Event.objects.create(owner=owner, **fixed, **values)


def test_prepared_rows__different_values__the_rows_for_each() -> None:
    first, second = _event("first", metadata={"a": [1, "ü"]}), _event("second", days=1)
    owner = first.owner_id

    assert [tuple(row) for row in _titles(owner, AT)] == [
        ("first", "mira@example.com", {"a": [1, "ü"]}, AT),
        ("second", "mira@example.com", {}, second.starts_at),
    ]
    assert [row[0] for row in _titles(owner, AT + timedelta(hours=1))] == ["second"]
    assert _titles(second.id, AT) == []


def test_prepared_rows__asked_often__one_statement_each() -> None:
    owner = _event("first").owner_id

    with CaptureQueriesContext(connection) as queries:
        for _ in range(7):  # enough for PostgreSQL to have prepared it
            assert len(_titles(owner, AT)) == 1

    assert len(queries) == 7


def test_prepared_instances__relations__at_hand_as_django_would_have_them() -> None:
    series = _event("series", is_series=True)
    _event("one", series=series, original_start=AT)
    [usual] = Event.objects.select_related("owner", "series__owner").filter(title="one")

    with CaptureQueriesContext(connection) as queries:
        lean = _events.first("one")
        assert lean is not None
        assert lean.series is not None
        assert (lean.owner, lean.series, lean.series.owner) == (usual.owner, series, series.owner)
    assert len(queries) == 1
    for field in Event._meta.concrete_fields:
        assert getattr(lean, field.attname) == getattr(usual, field.attname)
    assert (lean._state.adding, lean._state.db) == (usual._state.adding, usual._state.db)


def test_prepared_instances__no_relation_there__none_at_hand() -> None:
    _event("alone")

    [event] = _events("alone")

    with CaptureQueriesContext(connection) as queries:
        assert event.series is None
    assert len(queries) == 0
    assert _events.first("unknown") is None


@pytest.mark.django_db(transaction=True)
def test_prepared_instances__lock_without_a_transaction__refused() -> None:
    event = _event("one")
    with transaction.atomic():
        assert _locked(event.id) == [event]

    with pytest.raises(TransactionManagementError):
        _locked(event.id)


def test_prepared_instances__annotated__carry_what_was_computed() -> None:
    _event("first")

    for _ in range(2):
        [event] = _measured("first")
        assert (event.length, event.title, event.owner.email) == (5, "first", "mira@example.com")  # type: ignore[attr-defined]
