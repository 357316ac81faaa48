"""The lean ways of reading and writing whole rows leave behind what Django's own would."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, IntegrityError, connection, transaction
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
