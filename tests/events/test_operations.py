"""What operators have: the admin, commands, figures, readiness and the catalogue of events."""

from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.management import call_command
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import timezone

from core.contributions.events import DomainEvent, subscriber
from core.observability import collectors, readiness
from events import catalogue, selectors, services
from events.models import Delivery, OutboxEvent
from tests.events.facts import new_fact


@dataclass(frozen=True, kw_only=True)
class Noted(DomainEvent):
    """Somebody took a note."""

    name: ClassVar[str] = "test.noted"
    aggregate: ClassVar[str] = "note"

    by: UUID
    text: str | None = None


@pytest.fixture
def parked(db: None) -> Delivery:
    fact = new_fact()
    fact.save()
    return Delivery.objects.create(
        event=fact, subscriber="test.parked", aggregate_id=fact.aggregate_id, status="dead", attempts=10, error="boom"
    )


@pytest.fixture
def staff_request(rf: RequestFactory, db: None) -> HttpRequest:
    request = rf.get("/")
    request.user = get_user_model().objects.create_superuser(email="ops@example.com", password="a-Long-pass-2026")
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    return request


def test_replay_events__one_subscriber__gives_only_its_deliveries_another_try(parked: Delivery) -> None:
    out = StringIO()

    call_command("replay_events", subscriber="test.other", stdout=out)
    call_command("replay_events", list=True, stdout=out)
    call_command("replay_events", subscriber="test.parked", stdout=out)

    parked.refresh_from_db()
    assert (parked.status, parked.attempts) == ("pending", 0)
    assert out.getvalue().splitlines() == [
        "0 deliveries will be tried again.",
        "test.parked: 0 pending, 1 parked",
        "1 deliveries will be tried again.",
    ]


@pytest.mark.django_db
def test_renew_feed_epoch__run__tells_the_new_epoch() -> None:
    before, out = selectors.feed_state().epoch, StringIO()

    call_command("renew_feed_epoch", stdout=out)

    after = selectors.feed_state().epoch
    assert after != before
    assert out.getvalue() == f"The change feed's epoch is now {after}.\n"


def test_admin__replay_action__tries_again_and_says_so(parked: Delivery, staff_request: HttpRequest) -> None:
    page = admin.site._registry[Delivery]

    page.replay(staff_request, Delivery.objects.all())  # type: ignore[attr-defined]

    parked.refresh_from_db()
    assert parked.status == "pending"
    assert "replay" in page.get_actions(staff_request)
    told = [str(message) for message in staff_request._messages]  # type: ignore[attr-defined]
    assert told == ["1 deliveries will be tried again."]


@pytest.mark.parametrize("model", [OutboxEvent, Delivery])
def test_admin__history__cannot_be_written_even_by_a_superuser(model: Any, staff_request: HttpRequest) -> None:
    page = admin.site._registry[model]

    assert page.has_view_permission(staff_request)
    assert not page.has_add_permission(staff_request)
    assert not page.has_change_permission(staff_request)
    assert not page.has_delete_permission(staff_request)


@pytest.mark.django_db
def test_figures__one_waits_and_one_is_parked__are_counted(parked: Delivery) -> None:
    late = new_fact(occurred_at=timezone.now() - timedelta(minutes=5))
    late.save()
    Delivery.objects.create(event=late, subscriber="test.waiting", aggregate_id=uuid4())

    figures = {name: figure.read() for name, figure in collectors._figures.items()}

    assert figures["outbox_pending"] == 1
    assert figures["outbox_dead"] == 1
    assert 300 <= (figures["outbox_lag_seconds"] or 0) < 310
    assert figures["feed_horizon_lag_seconds"] is not None


@pytest.mark.django_db
def test_readiness__triggers_in_place_or_not__says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    check = next(check for check in readiness.checks() if check.name == "change_feed")
    assert check.holds()

    monkeypatch.setattr("events.triggers.installed", dict)
    assert not check.holds()


def test_catalogue__declared_event__stands_with_its_fields_and_subscribers(
    subscriptions: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    subscriber("test.*", name="test.audit")(lambda event: None)
    monkeypatch.setattr(Noted, "__module__", "notes.events")
    monkeypatch.setattr(catalogue, "event_types", lambda: (Noted,))

    assert catalogue.render() == "\n".join([
        "# Domain events",
        "",
        "Every payload also has `aggregate_id`, the subject of the event.",
        "",
        "## `test.noted` v1",
        "",
        "Somebody took a note.",
        "",
        "Subject: note. Heard by: `test.audit`.",
        "",
        "| field | type |",
        "|---|---|",
        "| `by` | `UUID` |",
        "| `text` | `str | None` |",
        "",
    ])  # fmt: skip


@pytest.mark.django_db
def test_install_feed__tables_not_there_yet__waits_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.db.connection.introspection.table_names", list)

    services.install_feed()

    assert selectors.feed_state().floor.xid == 0
