"""One client's life against a running server, through both surfaces: from registration to the dead token."""

import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from core.http.wire import camel
from tests.live.server import LiveServer

pytestmark = pytest.mark.xdist_group("live")

Name = Callable[[str], str]
PASSWORD = "correct horse battery staple"
PHONE = {"platform": "android", "name": "Pixel", "fingerprint": "fp-1"}
ZONE = "Europe/Berlin"
ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Test//EN
BEGIN:VEVENT
UID:kick-off@example.com
DTSTAMP:20261101T090000Z
DTSTART:20261123T090000Z
DTEND:20261123T100000Z
SUMMARY:Kick-off
END:VEVENT
END:VCALENDAR
"""


def as_is(name: str) -> str:
    return name


@pytest.mark.parametrize(("root", "name"), [("/v1", as_is), ("/api", camel)])
def test_session__whole_life__works_on_both_surfaces(server: LiveServer, root: str, name: Name) -> None:
    with httpx.Client(base_url=server.url + root, headers={"X-Device-Fingerprint": "fp-1"}, timeout=20) as client:
        tokens = _register(client, name)
        tokens = _sign_in_again(client, name, tokens["user"]["email"])
        for _ in range(3):
            tokens = _refresh(client, name, tokens)
        client.headers["Authorization"] = f"Bearer {tokens[name('access_token')]}"

        kept, done, dropped = (_create_event(client, name, day) for day in range(3))
        _list(client, {kept, done, dropped})
        _complete_and_cancel(client, name, done, dropped)
        _days(client, name)
        _export_and_import(client)
        _logout(client)


def _register(client: httpx.Client, name: Name) -> Any:
    email = f"mira.{secrets.token_hex(4)}@example.com"
    body = {"email": email, "password": PASSWORD, name("full_name"): "Mira Okafor", "device": PHONE}
    answer = client.post("/auth/register", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["user"]["email"] == email
    assert client.post("/auth/register", json=body).status_code == 409
    return answer.json()


def _sign_in_again(client: httpx.Client, name: Name, email: str) -> Any:
    refused = client.post("/auth/login", json={"email": email, "password": "wrong" + PASSWORD, "device": PHONE})
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_credentials")
    answer = client.post("/auth/login", json={"email": email, "password": PASSWORD, "device": PHONE})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert {name("access_token"), name("refresh_token"), name("token_type"), name("expires_in")} <= set(answer.json())
    return answer.json()


def _refresh(client: httpx.Client, name: Name, tokens: Any) -> Any:
    answer = client.post("/auth/refresh", json={name("refresh_token"): tokens[name("refresh_token")]})
    assert answer.status_code == 200, answer.text
    assert answer.json()[name("refresh_token")] != tokens[name("refresh_token")]
    return answer.json()


def _create_event(client: httpx.Client, name: Name, day: int) -> str:
    starts = datetime(2026, 11, 20, 14, tzinfo=UTC) + timedelta(days=day)
    body = {
        "title": f"Review {day}",
        name("starts_at"): starts.isoformat(),
        name("ends_at"): (starts + timedelta(hours=1)).isoformat(),
        name("event_type"): "client_meeting",
        "timezone": ZONE,
        "metadata": {"external_ref": "kept_as_is"},
    }
    answer = client.post("/calendar/events", json=body, headers={"Idempotency-Key": secrets.token_hex(8)})
    assert answer.status_code == 201, answer.text
    assert answer.json()["metadata"] == {"external_ref": "kept_as_is"}
    return str(answer.json()["id"])


def _window() -> dict[str, str]:
    return {"from": "2026-11-20T00:00:00Z", "to": "2026-11-25T00:00:00Z", "timezone": ZONE}


def _list(client: httpx.Client, expected: set[str]) -> None:
    answer = client.get("/calendar/events", params=_window())
    assert answer.status_code == 200, answer.text
    assert {event["id"] for event in answer.json()["data"]} == expected
    unchanged = client.get("/calendar/events", params=_window(), headers={"If-None-Match": answer.headers["ETag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def _complete_and_cancel(client: httpx.Client, name: Name, done: str, dropped: str) -> None:
    completed = client.post(f"/calendar/events/{done}/complete")
    assert (completed.status_code, completed.json()["status"]) == (200, "completed")
    cancelled = client.post(f"/calendar/events/{dropped}/cancel", json={"reason": "Client is ill"})
    assert cancelled.status_code == 200, cancelled.text
    assert cancelled.json()[name("cancellation_reason")] == "Client is ill"


def _days(client: httpx.Client, name: Name) -> None:
    answer = client.get("/calendar/days", params=_window())
    assert answer.status_code == 200, answer.text
    days, metrics = answer.json()["days"], answer.json()["metrics"]
    first = datetime(2026, 11, 20, 14, tzinfo=UTC).astimezone(ZoneInfo(ZONE)).date().isoformat()
    assert days[first][0][name("day_key")] == first
    assert metrics["total"] == 3
    assert metrics[name("status_counts")]["completed"] == 1
    assert metrics[name("type_counts")] == {"client_meeting": 3}


def _export_and_import(client: httpx.Client) -> None:
    exported = client.get("/calendar/export.ics")
    assert exported.status_code == 200, exported.text
    assert exported.headers["Content-Type"].startswith("text/calendar")
    assert len(re.findall("BEGIN:VEVENT", exported.text)) == 3
    imported = client.post("/calendar/import", content=ICS, headers={"Content-Type": "text/calendar"})
    assert imported.status_code == 200, imported.text
    assert "Kick-off" in {event["title"] for event in client.get("/calendar/events").json()["data"]}


def _logout(client: httpx.Client) -> None:
    goodbye = client.post("/auth/logout", json={})
    assert (goodbye.status_code, list(goodbye.json())) == (200, ["message"])
    for path in ("/auth/me", "/calendar/events", "/calendar/days"):
        assert client.get(path).status_code == 401
