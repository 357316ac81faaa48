"""No hot path reads a table from end to end, however much the table has grown.

Each scenario is run for real, at 100,000 rows a table, and every statement that it sent is explained. What reads
everything by its nature is not here: rolling up sums, checking the whole ledger or audit chain, exports of a person.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from access import chain
from access.selectors import find_decision, roles_of, security_events_of
from access.services import grant_role
from accounts.models import User
from accounts.services import assurance, housekeeping
from calendar_app.services.reminding import send_due_reminders
from core.http import idempotency
from core.http.access import Audience
from events import selectors as events
from events.models import Delivery as EventDelivery
from events.services import delivery, purge_events, purge_tombstones
from events.types import Position
from experiments import held
from finance.models import Account
from mentors.services.progress import expire_sessions
from notifications.models import Delivery as MailDelivery
from notifications.services import mailing
from privacy.services.ageing import let_age
from tests.accounts import actors
from tests.accounts.actors import SignedInClient
from tests.architecture import growth
from tests.architecture.grown import TABLES
from webhooks import selectors as webhooks
from webhooks.services import purge_deliveries
from webhooks.services.sending import claims

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.postgres,
    pytest.mark.xdist_group("plans"),  # growing the tables takes longer than all the rest
    pytest.mark.skipif(connection.vendor != "postgresql", reason="Plans are PostgreSQL's."),
]

PERSON = growth.id_of(1, 7)
OTHER = growth.id_of(1, 14)  # an approved mentor
LISTING, EVENT, HOOK = growth.id_of(12, 8), growth.id_of(8, 7), growth.id_of(10, 7)
WINDOW = "from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z&timezone=Europe/Berlin"
ROLES = ("freelancer", "mentor", "agency")

READS = (
    "/v1/auth/me",
    "/v1/devices",
    "/v1/sessions",
    "/v1/security",
    "/v1/security/events",
    "/v1/calendar/events",
    "/v1/calendar/events?ordering=-starts_at",
    f"/v1/calendar/events?{WINDOW}",
    f"/v1/calendar/events?{WINDOW}&calendar=shared",
    "/v1/calendar/events?calendar=shared",
    "/v1/calendar/events?related_entity_type=gig&related_entity_id=e",
    f"/v1/calendar/events?q=review&{WINDOW}",
    f"/v1/calendar/days?{WINDOW}",
    f"/v1/calendar/events/{EVENT}",
    "/v1/calendar/export.ics",
    "/v1/calendar/shares",
    "/v1/calendar/shares?direction=received",
    "/v1/notifications",
    "/v1/notifications?unread=true",
    "/v1/notifications?category=calendar",
    "/v1/notifications/unread-count",
    "/v1/notifications/preferences",
    "/v1/explorer/listings",
    "/v1/explorer/listings?ordering=-updated_at",
    "/v1/explorer/listings?category=mentor",
    "/v1/explorer/listings?tag=tag-8",
    "/v1/explorer/listings?mine=true",
    "/v1/explorer/listings?near=52.5,13.4&radius_km=100",
    "/v1/explorer/listings?q=potter",
    "/v1/explorer/listings?q=desinger",
    f"/v1/explorer/listings/{LISTING}",
    f"/v1/explorer/listings/{LISTING}/applications",
    "/v1/explorer/applications",
    "/v1/explorer/tags",
    "/v1/feed",
    "/v1/launchpad",
    "/v1/finance/accounts",
    "/v1/finance/ledger",
    f"/v1/finance/ledger?account={growth.id_of(13, 7)}",
    "/v1/finance/overview",
    "/v1/finance/insights?period=30d",
    "/v1/finance/payouts",
    "/v1/finance/exports",
    "/v1/mentors",
    "/v1/mentors/sessions",
    "/v1/mentors/me/rules",
    "/v1/mentors/me/exceptions",
    f"/v1/mentors/{OTHER}/sessions",
    f"/v1/mentors/{OTHER}/availability?{WINDOW}",
    "/v1/webhooks",
    f"/v1/webhooks/{HOOK}/deliveries",
    "/v1/privacy/consents",
    "/v1/privacy/exports",
)


def _claim_webhooks() -> None:
    with patch("webhooks.services.sending._secrets_of", return_value=("nobody's",)):
        assert list(claims(2))


def _event() -> dict[str, str]:
    return {"title": "New", "starts_at": "2026-12-01T09:00:00Z", "ends_at": "2026-12-01T10:00:00Z"}


WRITES: dict[str, Callable[[SignedInClient], Any]] = {
    "an event, once": lambda client: client.post(
        "/v1/calendar/events", _event(), format="json", headers={"Idempotency-Key": "another"}
    ),
    "an event changed": lambda client: client.patch(f"/v1/calendar/events/{EVENT}", {"title": "Later"}, format="json"),
    "all notifications read": lambda client: client.post("/v1/notifications/mark-all-read"),
    "a listing liked": lambda client: client.put(f"/v1/explorer/listings/{LISTING}/like"),
    "a session booked": lambda client: client.post(
        f"/v1/mentors/{OTHER}/sessions", {"starts_at": _soon(), "duration_minutes": 30, "topic": "x"}, format="json"
    ),
    "signing out": lambda client: client.post("/v1/auth/logout", {}, format="json"),
}
WORK: dict[str, Callable[[], Any]] = {
    "outbox dispatched": delivery._claim,
    "outbox lag": events.outbox_lag_seconds,
    "outbox pending": events.pending_deliveries,
    "outbox dead": events.dead_deliveries,
    "outbox replayed": lambda: EventDelivery.objects.filter(status="dead").count(),
    "events of an aggregate": lambda: list(events.list_events(PERSON)[:50]),
    "events purged": purge_events,
    "tombstones purged": purge_tombstones,
    "changes of a person": lambda: events.changes_since(
        events.Snapshot(growth.ROWS + 1, 0), Position(50_000, 0), scopes=[f"u:{PERSON}"], limit=100
    ),
    "version of a collection": lambda: events.version_of(scopes=[f"u:{PERSON}"], collections=["events"]),
    "audit trail sealed": chain.seal,
    "audit trail of a person": lambda: list(security_events_of(PERSON)[:50]),
    "a decision": lambda: find_decision("dec_499"),
    "roles of a person": lambda: roles_of(PERSON),
    "mails claimed": lambda: mailing._claim(datetime.now(UTC)),
    "mails overdue": lambda: MailDelivery.objects.due(datetime.now(UTC) - timedelta(minutes=5)).count(),
    "webhooks claimed": _claim_webhooks,
    "webhooks waiting": webhooks.lag_seconds,
    "webhooks purged": purge_deliveries,
    "reminders sent": send_due_reminders,
    "sessions expired": expire_sessions,
    "keys of requests purged": idempotency.purge,
    "accounts cleared away": housekeeping.clear_away,
    "assurance lapsed": assurance.lapse,
    "rows aged": let_age,
}


class Asked(NamedTuple):
    sql: str
    values: Any


class Recorder:
    """Remembers what is sent to the database."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []

    def __call__(self, execute: Callable[..., Any], sql: str, values: Any, many: bool, context: Any) -> Any:
        if not many:
            self.asked.append(Asked(sql, values))
        return execute(sql, values, many, context)


@pytest.fixture(scope="module")
def grown(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, growth.Grown]]:
    """All tables at their size, for all tests of this module and nobody else: it is one transaction."""
    with django_db_blocker.unblock(), transaction.atomic():
        growth.grow(TABLES)
        for role in ROLES:
            grant_role(actor=None, user_id=PERSON, role=role, reason="trial")
        yield TABLES
        transaction.set_rollback(True)


@pytest.fixture
def person(grown: dict[str, growth.Grown]) -> Iterator[SignedInClient]:
    with _taken_back():
        yield SignedInClient(actors.sign_in(User.objects.get(id=PERSON), Audience.IOS))


@pytest.mark.parametrize("path", READS)
def test_reading__grown_tables__are_found_by_an_index(
    person: SignedInClient, grown: dict[str, growth.Grown], path: str
) -> None:
    answers: list[Any] = []
    asked = _recorded(lambda: answers.append(person.get(path)))

    assert answers[0].status_code == 200, answers[0].content
    _assert_no_scan(asked, grown)


@pytest.mark.parametrize("name", WRITES)
def test_writing__grown_tables__are_found_by_an_index(
    person: SignedInClient, grown: dict[str, growth.Grown], name: str
) -> None:
    answers: list[Any] = []
    asked = _recorded(lambda: answers.append(WRITES[name](person)))

    assert answers[0].status_code < 300, answers[0].content
    _assert_no_scan(asked, grown)


@pytest.mark.parametrize("name", WORK)
def test_background_work__grown_tables__are_found_by_an_index(grown: dict[str, growth.Grown], name: str) -> None:
    with _taken_back():
        asked = _recorded(WORK[name])

        assert asked
        _assert_no_scan(asked, grown)


def test_ledger__balance__is_kept_and_never_summed(person: SignedInClient, grown: dict[str, growth.Grown]) -> None:
    asked = _recorded(lambda: Account.objects.filter(workspace_id=growth.id_of(2, 7)).values_list("balance").first())

    assert "posting" not in asked[0].sql
    _assert_no_scan(asked, grown)


@contextmanager
def _taken_back() -> Iterator[None]:
    """Whatever a scenario writes is gone afterwards, and nothing that was cached spares it a query."""
    cache.clear()
    held.copy.forget()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    cache.clear()


def _recorded(run: Callable[[], Any]) -> list[Asked]:
    recorder = Recorder()
    with connection.execute_wrapper(recorder):
        run()
    return recorder.asked


def _assert_no_scan(asked: list[Asked], grown: dict[str, growth.Grown]) -> None:
    big = {table for table, each in grown.items() if each.rows > growth.PEOPLE}
    scans = [f"{sorted(found)}: {each.sql}" for each in asked if (found := set(_scanned(_plan(each))) & big)]

    assert not scans, "\n\n".join(scans)


def _plan(asked: Asked) -> Any:
    if not asked.sql.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "(")):
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {asked.sql}", asked.values)
        [plan] = cursor.fetchone()
    return (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]


def _scanned(plan: Any) -> Iterator[str]:
    """The tables that a plan reads from end to end."""
    if plan.get("Node Type") == "Seq Scan":
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from _scanned(part)


def _soon() -> str:
    """A time within the hours of the mentor, on the weekday of their one rule."""
    now = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
    weekday = 1 + 14 % 7
    return (now + timedelta(days=7 + (weekday - now.isoweekday()) % 7)).isoformat()
