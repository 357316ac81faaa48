"""How often each endpoint asks the database, as a reviewed file; lists cost the same for one row and for fifty.

Every scenario runs with an empty cache, and costs the same on SQLite and PostgreSQL. After a wanted change:
`UPDATE_QUERY_BUDGETS=1 make test`, then review the difference of `query_budgets.json`.
"""

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from accounts.models import User
from accounts.selectors import find_home_workspace
from core.testing.queries import Counted, counted_queries
from experiments import held
from finance.models import LedgerExport
from tests.accounts.actors import SignedInClient, SignIn
from tests.notifications.conftest import payout_paid, tell

BUDGETS = Path(__file__).with_name("query_budgets.json")
WINDOW = "from=2026-11-01T00:00:00Z&to=2026-12-31T00:00:00Z&timezone=Europe/Berlin"
FIRST_DAY = datetime(2026, 11, 2, 9, tzinfo=UTC)

READS = {
    "GET /v1/auth/me": "/v1/auth/me",
    "GET /v1/devices": "/v1/devices",
    "GET /v1/sessions": "/v1/sessions",
    "GET /v1/auth/social/identities": "/v1/auth/social/identities",
    "GET /v1/security/events": "/v1/security/events",
    "GET /v1/security": "/v1/security",
    "GET /v1/auth/second-factor": "/v1/auth/second-factor",
    "GET /v1/auth/step-up": "/v1/auth/step-up",
    "GET /v1/calendar/events": "/v1/calendar/events?limit=100",
    "GET /v1/calendar/events in a window": f"/v1/calendar/events?{WINDOW}&limit=100",
    "GET /v1/calendar/events/{id}": "/v1/calendar/events/{event}",
    "GET /v1/calendar/days": f"/v1/calendar/days?{WINDOW}",
    "GET /v1/calendar/export.ics": "/v1/calendar/export.ics",
    "GET /v1/launchpad": "/v1/launchpad",
    "GET /v1/notifications": "/v1/notifications?limit=100",
    "GET /v1/notifications filtered": "/v1/notifications?unread=true&category=finance",
    "GET /v1/notifications/unread-count": "/v1/notifications/unread-count",
    "GET /v1/notifications/preferences": "/v1/notifications/preferences",
    "GET /v1/explorer/listings": "/v1/explorer/listings?limit=100",
    "GET /v1/feed": "/v1/feed",
    "GET /v1/finance/exports": "/v1/finance/exports?limit=100",
    "GET /v1/finance/exports/{id}": "/v1/finance/exports/{export}",
    "GET /v1/mentors": "/v1/mentors",
    "GET /v1/reports": "/v1/reports",
    "GET /v1/blocks": "/v1/blocks",
    "GET /v1/privacy": "/v1/privacy",
    "GET /v1/privacy/consents": "/v1/privacy/consents",
    "GET /v1/privacy/exports": "/v1/privacy/exports",
}
WRITES: dict[str, Callable[[SignedInClient, str], Any]] = {
    "POST /v1/calendar/events": lambda client, _: client.post("/v1/calendar/events", _event(60), format="json"),
    "PATCH /v1/calendar/events/{id}": lambda client, event: client.patch(
        f"/v1/calendar/events/{event}", {"title": "Changed"}, format="json"
    ),
    "POST /v1/calendar/events/{id}/complete": lambda client, event: client.post(
        f"/v1/calendar/events/{event}/complete"
    ),
    "DELETE /v1/calendar/events/{id}": lambda client, event: client.delete(f"/v1/calendar/events/{event}"),
    "POST /v1/batch of two, atomic": lambda client, event: client.post("/v1/batch", _batch(event), format="json"),
    "POST /v1/notifications/mark-all-read": lambda client, _: client.post("/v1/notifications/mark-all-read"),
    "PUT /v1/notifications/preferences": lambda client, _: client.put(
        "/v1/notifications/preferences", {"max_per_day": 5}, format="json"
    ),
    "POST /v1/notifications/device-token": lambda client, _: client.post(
        "/v1/notifications/device-token", {"platform": "android", "token": "f" * 150}, format="json"
    ),
    "PATCH /v1/auth/me": lambda client, _: client.patch("/v1/auth/me", {"locale": "de"}, format="json"),
    "POST /v1/auth/logout": lambda client, _: client.post("/v1/auth/logout", {}, format="json"),
}


@pytest.fixture
def client(freelancer: User, sign_in: SignIn) -> SignedInClient:
    return sign_in(freelancer)


@pytest.mark.parametrize("name", READS)
def test_reading__one_row_or_fifty__stays_in_budget(client: SignedInClient, name: str) -> None:
    event = _create(client, day=0)
    path = READS[name].format(event=event, export=LedgerExport.objects.get().id)
    few = _count(lambda: client.get(path, HTTP_HOST="localhost"))  # so that both are asked for the first time
    for day in range(1, 50):
        _create(client, day)
    many = _count(lambda: client.get(path))

    assert len(many) == len(few), f"More rows cost more queries:\n{many}"
    _assert_in_budget(name, few)


@pytest.mark.parametrize("name", WRITES)
def test_writing__any__stays_in_budget(client: SignedInClient, name: str) -> None:
    event = _create(client, day=0)

    _assert_in_budget(name, _count(lambda: WRITES[name](client, event)))


def _event(day: int) -> dict[str, str]:
    starts = FIRST_DAY + timedelta(days=day)
    return {
        "title": f"Day {day}",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=1)).isoformat(),
    }


def _batch(event: str) -> dict[str, Any]:
    path = "/v1/calendar/events"
    create = {"id": "create", "method": "POST", "path": path, "body": _event(60)}
    complete = {"id": "complete", "method": "POST", "path": f"{path}/{event}/complete"}
    return {"operations": [create, complete], "atomic": True}


def _create(client: SignedInClient, day: int) -> str:
    """One event, one notification, and one file of the ledger."""
    user = client.signed_in.session.user
    tell(payout_paid(user))
    _create_file(user)
    created = client.post("/v1/calendar/events", _event(day), format="json")
    assert created.status_code == 201, created.content
    return str(created.json()["id"])


def _create_file(user: User) -> None:
    home = find_home_workspace(user.id)
    assert home
    LedgerExport.objects.create(
        user=user,
        workspace_id=home.id,
        format="csv",
        starts_at=FIRST_DAY,
        ends_at=FIRST_DAY + timedelta(days=1),
        status="ready",
        expires_at=datetime(2090, 1, 1, tzinfo=UTC),
    )


def _count(call: Callable[[], Any]) -> Counted:
    cache.clear()
    with counted_queries() as counted:
        answer = call()
    assert answer.status_code < 300, answer.content
    return counted


def _assert_in_budget(name: str, counted: Counted) -> None:
    budgets = json.loads(BUDGETS.read_text()) if BUDGETS.exists() else {}
    if os.environ.get("UPDATE_QUERY_BUDGETS"):
        budgets[name] = len(counted)
        BUDGETS.write_text(json.dumps(budgets, indent=2, sort_keys=True) + "\n")
    assert budgets.get(name) == len(counted), (
        f"{name} asks {len(counted)} times, budget {budgets.get(name)}:\n{counted}"
    )


@pytest.fixture(autouse=True)
def _flags_known_and_cache_empty_afterwards(db: None) -> Iterator[None]:
    held.copy.forget()
    held.copy.settings()  # once a minute a request reads them; here none does
    yield
    cache.clear()
