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
from core.testing.queries import Counted, counted_queries
from tests.accounts.actors import SignedInClient, SignIn

BUDGETS = Path(__file__).with_name("query_budgets.json")
WINDOW = "from=2026-11-01T00:00:00Z&to=2026-12-31T00:00:00Z&timezone=Europe/Berlin"
FIRST_DAY = datetime(2026, 11, 2, 9, tzinfo=UTC)

READS = {
    "GET /v1/auth/me": "/v1/auth/me",
    "GET /v1/devices": "/v1/devices",
    "GET /v1/sessions": "/v1/sessions",
    "GET /v1/security/events": "/v1/security/events",
    "GET /v1/calendar/events": "/v1/calendar/events?limit=100",
    "GET /v1/calendar/events in a window": f"/v1/calendar/events?{WINDOW}&limit=100",
    "GET /v1/calendar/events/{id}": "/v1/calendar/events/{event}",
    "GET /v1/calendar/days": f"/v1/calendar/days?{WINDOW}",
    "GET /v1/calendar/export.ics": "/v1/calendar/export.ics",
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
    "PATCH /v1/auth/me": lambda client, _: client.patch("/v1/auth/me", {"locale": "de"}, format="json"),
    "POST /v1/auth/logout": lambda client, _: client.post("/v1/auth/logout", {}, format="json"),
}


@pytest.fixture
def client(freelancer: User, sign_in: SignIn) -> SignedInClient:
    return sign_in(freelancer)


@pytest.mark.parametrize("name", READS)
def test_reading__one_row_or_fifty__stays_in_budget(client: SignedInClient, name: str) -> None:
    event = _create(client, day=0)
    few = _count(lambda: client.get(READS[name].format(event=event)))
    for day in range(1, 50):
        _create(client, day)
    many = _count(lambda: client.get(READS[name].format(event=event)))

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


def _create(client: SignedInClient, day: int) -> str:
    created = client.post("/v1/calendar/events", _event(day), format="json")
    assert created.status_code == 201, created.content
    return str(created.json()["id"])


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
def _empty_cache_afterwards() -> Iterator[None]:
    yield
    cache.clear()
