"""What the calendar refuses over HTTP: bad values, strangers, guessed ids."""

from typing import Any

import pytest

from access.types import Principal
from calendar_app.models import Event
from tests.accounts.actors import SignedInClient
from tests.calendar_app.conftest import MakeEvent

BODY = {"title": "Review", "starts_at": "2026-11-20T09:00:00Z", "ends_at": "2026-11-20T10:00:00Z"}


@pytest.fixture
def actor(client: SignedInClient) -> Principal:
    return client.principal


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("from=2026-11-20", "/to"),
        ("from=2026-11-20&to=2026-11-20", "/to"),
        ("from=2026-11-20&to=2028-11-20", "/to"),
        ("from=2026-02-30&to=2026-03-01", "/from"),
        ("from=0001-01-01&to=0001-02-01", "/from"),
        ("from=9999-12-31T23:59:59-12:00&to=9999-12-31", "/from"),
        ("from=tomorrow&to=2026-03-01", "/from"),
        ("timezone=America/../etc/passwd", "/timezone"),
        ("timezone=Mars/Olympus", "/timezone"),
        ("calendar=everybodys", "/calendar"),
        ("ordering=password", "/ordering"),
        ("status=done", "/status"),
        ("q=%25", "/q"),
        ("owner__email=x", "/owner__email"),
        ("limit=0", "/limit"),
        ("fields=id,password", "/fields"),
    ],
)
def test_list__bad_parameter__is_422_and_says_which(client: SignedInClient, query: str, pointer: str) -> None:
    answer = client.get(f"/v1/calendar/events?{query}")

    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (422, [pointer])


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"ends_at": "2026-11-20T08:00:00Z"}, "/ends_at"),
        ({"starts_at": "2026-11-20T09:00:00"}, "/starts_at"),
        ({"starts_at": "0001-01-01T00:00:00+14:00"}, "/starts_at"),
        ({"ends_at": "9999-12-31T23:59:59Z"}, "/ends_at"),
        ({"timezone": "America/../etc"}, "/timezone"),
        ({"color_hex": "red"}, "/color_hex"),
        ({"reminder_minutes": -1}, "/reminder_minutes"),
        ({"reminder_minutes": 40_321}, "/reminder_minutes"),
        ({"recurrence": "FREQ=SECONDLY"}, "/recurrence"),
        ({"recurrence": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"}, "/recurrence"),
        ({"event_type": "party"}, "/event_type"),
        ({"title": "a\u0007b"}, "/title"),
        ({"title": "\u202eevil"}, "/title"),
        ({"title": ""}, "/title"),
        ({"metadata": ["list"]}, "/metadata"),
        ({"video_conference_link": "javascript:alert(1)"}, "/video_conference_link"),
        ({"owner_id": "0193e0c0-0000-7000-8000-000000000000"}, "/owner_id"),
        ({"source": "mentors"}, "/source"),
        ({"version": 7}, "/version"),
    ],
)
def test_create__bad_value__is_422_and_nothing_is_written(
    client: SignedInClient, change: dict[str, Any], pointer: str
) -> None:
    answer = client.post("/v1/calendar/events", {**BODY, **change}, format="json")

    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (422, [pointer])
    assert not Event.objects.exists()


@pytest.mark.parametrize("title", ["Z\u0351\u0357a\u0351lgo" * 20, "👩‍👩‍👧‍👦 day", "ﷺ" * 255])
def test_create__odd_text__is_kept_within_its_length(client: SignedInClient, title: str) -> None:
    answer = client.post("/v1/calendar/events", {**BODY, "title": title[:255]}, format="json")

    assert answer.status_code == 201


def test_create__nul__is_malformed(client: SignedInClient) -> None:
    answer = client.post("/v1/calendar/events", {**BODY, "title": "a\0b"}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")


def test_stranger__whatever_they_try__finds_nothing(
    client: SignedInClient, other: SignedInClient, actor: Principal, make_event: MakeEvent
) -> None:
    event = make_event(visibility="private", recurrence="FREQ=DAILY")
    missing = other.get("/v1/calendar/events/0193e0c0-0000-7000-8000-000000000000").json()
    for address in (f"events/{event.id}", f"events/{event.id}:20261121T090000Z"):
        here = f"/v1/calendar/{address}"
        answers = [other.get(here), other.patch(here, {"title": "x"}, format="json"), other.delete(here)]
        answers += [other.post(f"{here}/{verb}", {}, format="json") for verb in ("complete", "reopen", "cancel")]
        for answer in answers:
            assert (answer.status_code, answer.json()["detail"]) == (404, missing["detail"])

    assert other.get("/v1/calendar/events").json()["data"] == []
    assert other.get("/v1/calendar/days?from=2026-11-20&to=2026-12-01").json()["days"] == {}
    assert b"VEVENT" not in other.get("/v1/calendar/export.ics").content
    event.refresh_from_db()
    assert (event.title, event.status, event.rev) == ("Review", "confirmed", 1)


@pytest.mark.parametrize(
    "event_id",
    ["1", "..", "%00", "1e3", "-1", "10000000000000000000000000", "00000000-0000-0000-0000-000000000000",
     "0193e0c0-0000-7000-8000-000000000000:20261332T250000Z"],
)  # fmt: skip
def test_detail__guessed_id__is_404(client: SignedInClient, event_id: str) -> None:
    assert client.get(f"/v1/calendar/events/{event_id}").status_code == 404
