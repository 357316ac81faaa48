"""The lean ways of reading and writing whole rows leave behind what Django's own would."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from calendar_app.models import Event
from core.db.instances import fetch_instances, insert, insert_all, update
from events.models import Increment

pytestmark = pytest.mark.django_db


def _new_event(**values: Any) -> Event:
    owner = get_user_model().objects.create(email="mira@example.com")
    at = datetime(2026, 11, 20, 9, 0, 0, 250, tzinfo=UTC)
    known = {"public_id": "1", "uid": "1", "title": "Zoë's, \\ 100 %", "metadata": {"a": [1, None, "ü"]}}
    times = {"starts_at": at, "ends_at": at + timedelta(hours=1), "excluded_starts": ["2026-11-20T09:00:00Z"]}
    return Event(owner_id=owner.pk, **{**known, **times, **values})


def _new_event_of_another(**values: Any) -> Event:
    owner = get_user_model().objects.create(email="otto@example.com")
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    return Event(owner_id=owner.pk, uid="1", starts_at=at, ends_at=at, **values)


def _increments() -> QuerySet[Increment]:
    """Those of the tests: writing an event adds others."""
    return Increment.objects.filter(scope__in="ab").order_by("id")


def _values(event: Event) -> dict[str, Any]:
    return {field.attname: getattr(event, field.attname) for field in Event._meta.concrete_fields}


def test_insert__new_row__stored_in_one_statement_as_it_stands_in_memory() -> None:
    event = _new_event()

    with CaptureQueriesContext(connection) as queries:
        insert(event)

    assert len(queries) == 1
    assert _values(Event.objects.get()) == _values(event)
    assert (event._state.adding, event._state.db) == (False, "default")


def test_insert__row_with_its_owner_at_hand__still_has_it_at_hand() -> None:
    owner = get_user_model().objects.create(email="mira@example.com")
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)

    event = insert(Event(owner=owner, public_id="1", uid="1", title="Review", starts_at=at, ends_at=at))

    with CaptureQueriesContext(connection) as queries:
        assert event.owner is owner
    assert len(queries) == 0


def test_insert__key_that_exists__refused_as_by_django() -> None:
    event = insert(_new_event())

    with pytest.raises(IntegrityError), transaction.atomic():
        insert(event)

    assert Event.objects.count() == 1


def test_fetch_instances__rows__equal_what_django_reads() -> None:
    insert(_new_event())

    [lean], [usual] = fetch_instances(Event.objects.all()), Event.objects.all()

    assert _values(lean) == _values(usual)
    assert (lean._state.adding, lean._state.db) == (usual._state.adding, usual._state.db)
    assert lean.owner == usual.owner


def test_fetch_instances__changed_and_saved__is_an_ordinary_row() -> None:
    insert(_new_event())
    [event] = fetch_instances(Event.objects.all())
    event.title = "Other"

    event.save(update_fields=["title"])

    assert Event.objects.get().title == "Other"


def test_update__named_fields__written_and_nothing_else() -> None:
    event = insert(_new_event())
    event.title, event.location = "Other", "Nowhere"

    with CaptureQueriesContext(connection) as queries:
        update(event, "title", "metadata", "owner")

    assert len(queries) == 1
    stored = Event.objects.get()
    assert (stored.title, stored.location, stored.metadata) == ("Other", "", {"a": [1, None, "ü"]})


def test_update__row_that_has_gone__said() -> None:
    event = insert(_new_event())
    Event.objects.all().delete()

    with pytest.raises(DatabaseError):
        update(event, "title")


def test_insert_all__rows_whose_keys_the_database_gives__one_statement() -> None:
    with CaptureQueriesContext(connection) as queries:
        insert_all([Increment(scope="all", collection="events", number=number) for number in (1, 2, 3)])

    assert len(queries) == 1
    assert list(Increment.objects.order_by("id").values_list("number", flat=True)) == [1, 2, 3]


def test_insert_all__rows_of_several_models__in_one_statement_where_there_is_one() -> None:
    event = _new_event()
    rows = [Increment(scope="a", collection="events", number=1), Increment(scope="b", collection="events", number=2)]

    with CaptureQueriesContext(connection) as queries:
        insert_all([event, *rows])

    assert len(queries) == (1 if connection.vendor == "postgresql" else 2)
    assert _values(Event.objects.get()) == _values(event)
    assert list(_increments().values_list("scope", "number")) == [("a", 1), ("b", 2)]
    assert {row._state.adding for row in (event, *rows)} == {False}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes each model by a statement of its own")
@pytest.mark.parametrize("refused_first", [True, False])
def test_insert_all__one_of_several_models_is_refused__writes_none(refused_first: bool) -> None:
    known = insert(_new_event())
    other = [Increment(scope="a", collection="events", number=1)]
    again = [Event(id=known.id, owner_id=known.owner_id, starts_at=known.starts_at, ends_at=known.ends_at)]

    with pytest.raises(IntegrityError):
        insert_all([*again, *other] if refused_first else [*other, *again])

    assert (Event.objects.count(), _increments().count()) == (1, 0)


def test_insert__values_of_other_types_than_the_fields__written_as_by_django() -> None:
    class Word(str):
        __slots__ = ()

    given = {"title": Word("Word"), "rev": True, "public_id": 7, "related_entity_id": ""}
    lean, usual = insert(_new_event(**given)), _new_event_of_another(**given)
    usual.save(force_insert=True)

    read = [
        Event.objects.values("title", "rev", "public_id", "related_entity_id").get(id=each.id) for each in (lean, usual)
    ]
    assert read[0] == read[1] == {"title": "Word", "rev": 1, "public_id": "7", "related_entity_id": ""}
