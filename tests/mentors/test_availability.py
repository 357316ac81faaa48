"""Availability as clients see it: kept for five minutes, and never wrong after a change."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache

from access.types import Principal
from core.testing.queries import counted_queries
from mentors import services
from mentors.models import Mentor, MentorSession
from mentors.types import ExceptionKind
from tests.accounts.actors import SignedInClient
from tests.mentors.conftest import TUESDAY_TEN, Book

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
TUESDAY = "from=2026-11-24&to=2026-11-25&timezone=Europe/Berlin&duration=60"
WHOLE_DAY = [f"{hour:02d}:{minute}" for hour in range(8, 15) for minute in ("00", "30")] + ["15:00"]


def offered(client: SignedInClient, guide: Mentor, query: str = TUESDAY) -> list[str]:
    answer = client.get(f"/v1/mentors/{guide.id}/availability?{query}")
    assert answer.status_code == 200, answer.content
    return [slot["starts_at"][11:16] for slot in answer.json()["slots"]]


def test_availability__as_seen_from_tokyo__answers_whole(client: SignedInClient, guide: Mentor) -> None:
    asked = "from=2026-11-24T14:00:00Z&to=2026-11-24T16:00:00Z&timezone=Asia/Tokyo"

    assert client.get(f"/v1/mentors/{guide.id}/availability?{asked}").json() == {
        "mentor_id": str(guide.id), "timezone": "Asia/Tokyo", "duration_minutes": 30,
        "slots": [
            {"starts_at": "2026-11-24T14:00:00Z", "ends_at": "2026-11-24T14:30:00Z", "day_key": "2026-11-24"},
            {"starts_at": "2026-11-24T14:30:00Z", "ends_at": "2026-11-24T15:00:00Z", "day_key": "2026-11-24"},
            {"starts_at": "2026-11-24T15:00:00Z", "ends_at": "2026-11-24T15:30:00Z", "day_key": "2026-11-25"},
            {"starts_at": "2026-11-24T15:30:00Z", "ends_at": "2026-11-24T16:00:00Z", "day_key": "2026-11-25"},
        ],
    }  # fmt: skip


def test_availability__asked_again__costs_the_version_alone(client: SignedInClient, guide: Mentor) -> None:
    offered(client, guide)
    with counted_queries() as kept:
        offered(client, guide)
    cache.clear()
    with counted_queries() as worked_out:
        offered(client, guide)

    assert "events_increment" in str(kept)
    assert not any("mentors_" in statement for statement in kept.statements), str(kept)
    assert any("mentors_mentorsession" in statement for statement in worked_out.statements)


def test_availability__whatever_changes__is_never_what_was_kept(
    client: SignedInClient, guide: Mentor, host: Principal, book: Book
) -> None:
    assert offered(client, guide) == WHOLE_DAY
    target: dict[str, Any] = {"actor": host, "mentor_id": guide.id}

    first = book(starts_at=TUESDAY_TEN + HOUR)
    assert offered(client, guide) == ["08:00", "08:30", "09:00", *WHOLE_DAY[6:]]
    services.reschedule_session(**target, session_id=first.id, starts_at=TUESDAY_TEN - HOUR)
    assert offered(client, guide) == WHOLE_DAY[2:]
    services.decline_session(**target, session_id=first.id)
    assert offered(client, guide) == WHOLE_DAY

    away = services.add_exception(actor=host, kind=ExceptionKind.CLOSED, first_day=date(2026, 11, 24), end_minute=720)
    assert offered(client, guide) == WHOLE_DAY[6:]
    services.remove_exception(actor=host, exception_id=away.id)
    services.update_profile(actor=host, slot_minutes=60)
    assert offered(client, guide) == WHOLE_DAY[::2]
    services.update_profile(actor=host, is_accepting=False)
    assert offered(client, guide) == []
    services.suspend_mentor(actor_id=None, mentor_id=guide.id, note="x")
    assert client.get(f"/v1/mentors/{guide.id}/availability").status_code == 404


def test_availability__while_time_passes__drops_what_is_too_soon(
    client: SignedInClient, guide: Mentor, host: Principal, clock: Any
) -> None:
    monday = "from=2026-11-23&to=2026-11-24&timezone=Europe/Berlin&duration=60"
    assert offered(client, guide, monday)[0] == "08:00"

    clock.shift(timedelta(minutes=4))
    saturday = client.get(f"/v1/mentors/{guide.id}/availability?from=2026-11-20&to=2026-11-22").json()

    assert saturday["slots"] == []
    services.add_rule(actor=host, weekday=6, start_minute=13 * 60, end_minute=15 * 60)
    assert offered(client, guide, "from=2026-11-21&to=2026-11-22&duration=60&timezone=UTC") == ["12:30", "13:00"]


def test_availability__buffers__are_kept_between_sessions_and_not_at_the_edges(
    client: SignedInClient, guide: Mentor, host: Principal, book: Book
) -> None:
    services.update_profile(actor=host, buffer_before_minutes=10, buffer_after_minutes=20, slot_minutes=10)
    book(starts_at=TUESDAY_TEN + HOUR)  # 10:00 to 11:00 UTC, held from 9:50 to 11:20

    free = offered(client, guide)

    assert (free[0], free[-1]) == ("08:00", "15:00")
    assert [start for start in free if "08:20" <= start < "11:50"] == ["08:20", "08:30", "11:30", "11:40"]


def test_availability__every_slot_on_offer__can_be_booked_and_no_other(
    client: SignedInClient, guide: Mentor, host: Principal, book: Book
) -> None:
    services.update_profile(actor=host, buffer_after_minutes=15, max_per_day=3)
    book(starts_at=TUESDAY_TEN)
    free = offered(client, guide)
    for number in range(16):
        start = TUESDAY_TEN - HOUR + number * timedelta(minutes=30)
        body = {"starts_at": start.isoformat(), "duration_minutes": 60, "topic": "x"}
        answer = client.post(f"/v1/mentors/{guide.id}/sessions", body, format="json")
        assert (answer.status_code == 201) is (f"{start:%H:%M}" in free), answer.content
        MentorSession.objects.exclude(starts_at=TUESDAY_TEN).delete()


def test_availability__as_many_as_the_mentor_takes__and_the_day_is_full(
    client: SignedInClient, guide: Mentor, host: Principal, book: Book
) -> None:
    services.update_profile(actor=host, max_per_day=1)
    book()

    assert offered(client, guide) == []
    body = {"starts_at": (TUESDAY_TEN + 3 * HOUR).isoformat(), "duration_minutes": 60, "topic": "x"}
    answer = client.post(f"/v1/mentors/{guide.id}/sessions", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "slot_taken")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("timezone=America/../etc", "/timezone"),
        ("duration=45", "/duration_minutes"),
        ("duration=0", "/duration"),
        ("from=0001-01-01", "/from"),
        ("to=9999-12-31T00:00:00Z", "/to"),
        ("from=2027-02-29", "/from"),
        ("from=2026-11-25&to=2026-11-24", "/to"),
        ("from=2026-11-01&to=2027-11-01", "/to"),
        ("minutes=60", "/minutes"),
    ],
)
def test_row_59__windows_and_zones_of_any_kind__name_what_is_wrong(
    client: SignedInClient, guide: Mentor, query: str, pointer: str
) -> None:
    answer = client.get(f"/v1/mentors/{guide.id}/availability?{query}")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
