"""Events that stand for meetings: what belongs to the meeting is changed where it is arranged, the rest here."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from access.types import Principal
from accounts.models import User
from accounts.services import closing
from calendar_app import ics, selectors, services
from calendar_app.errors import ManagedElsewhere
from calendar_app.models import Event
from calendar_app.serializers import EventSerializer
from calendar_app.types import EditScope, EventId, EventSource, EventStatus, EventType, ImportOutcome, Meeting
from core.db.ids import uuid7
from core.http.wire import Case, Wire
from core.testing.rows import assert_lean_equals_serializer
from events.models import OutboxEvent
from tests.accounts.actors import MakeUser, SignedInClient, SignIn
from tests.calendar_app.conftest import NINE

EVENTS = "/v1/calendar/events"
HOUR = timedelta(hours=1)
UTC_ZONE = ZoneInfo("UTC")

Hold = Callable[..., Event]


@pytest.fixture
def actor(client: SignedInClient) -> Principal:
    return client.principal


@pytest.fixture
def hold(actor: Principal) -> Hold:
    """Let a meeting be what it is told to be, and give the event that stands for it with the actor."""
    told: dict[str, Any] = {
        "source": EventSource.MENTORS, "event_type": EventType.MENTORSHIP, "related_entity_type": "mentor_session",
        "related_entity_id": str(uuid7()), "attendees": {actor.user_id: "Europe/Berlin"},
        "title": "Mentoring: Pricing", "starts_at": NINE, "ends_at": NINE + HOUR, "status": EventStatus.CONFIRMED,
    }  # fmt: skip

    def held(**changes: Any) -> Event:
        told.update(changes)
        services.follow_meeting(meeting=Meeting(**told))
        return Event.objects.get(owner_id=actor.user_id, uid=f"{told['related_entity_id']}@gigvora.com", series=None)

    return held


def kept(event: Event) -> dict[str, Any]:
    return Event.objects.filter(id=event.id).values().get()


def links(client: SignedInClient, event: Event) -> set[str]:
    return set(client.get(f"{EVENTS}/{event.id}").json()["_links"])


@pytest.mark.parametrize(
    ("method", "suffix", "body"),
    [
        ("patch", "", {"starts_at": "2026-11-21T09:00:00Z", "ends_at": "2026-11-21T10:00:00Z"}),
        ("patch", "", {"ends_at": "2026-11-20T10:30:00Z", "color_hex": "#FFFFFF"}),
        ("patch", "", {"is_all_day": True}),
        ("patch", "", {"timezone": "Asia/Tokyo"}),
        ("patch", "", {"recurrence": "FREQ=DAILY"}),
        ("patch", "?scope=all", {"recurrence": "FREQ=DAILY"}),
        ("patch", "", {"status": "tentative"}),
        ("patch", "", {"status": "cancelled"}),
        ("patch", "", {"title": "Lunch"}),
        ("patch", "", {"event_type": "other"}),
        ("patch", "", {"related_entity_id": "42"}),
        ("post", "/complete", {}),
        ("post", "/cancel", {"reason": "Ill"}),
        ("post", "/cancel", {"scope": "following"}),
        ("delete", "", None),
        ("delete", "?scope=all", None),
    ],
)
def test_meeting__whatever_of_it_is_changed_here__is_a_conflict_that_says_where(
    client: SignedInClient, hold: Hold, method: str, suffix: str, body: Any
) -> None:
    event = hold()
    before, told = kept(event), OutboxEvent.objects.count()

    answer = getattr(client, method)(f"{EVENTS}/{event.id}{suffix}", body, format="json")

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "managed_elsewhere")
    assert (problem["related_entity_type"], problem["related_entity_id"]) == (
        "mentor_session", event.related_entity_id,
    )  # fmt: skip
    assert (kept(event), OutboxEvent.objects.count()) == (before, told)


def test_meeting__refused_in_camel_case__names_it_in_camel_case(client: SignedInClient, hold: Hold) -> None:
    event = hold()

    problem = client.delete(f"/api/calendar/events/{event.id}").json()

    assert (problem["relatedEntityType"], problem["relatedEntityId"]) == ("mentor_session", event.related_entity_id)


@pytest.mark.parametrize("status", [EventStatus.COMPLETED, EventStatus.CANCELLED])
def test_meeting__that_is_over__is_not_reopened_here(client: SignedInClient, hold: Hold, status: EventStatus) -> None:
    hold()
    event = hold(status=status)

    assert client.post(f"{EVENTS}/{event.id}/reopen").json()["code"] == "managed_elsewhere"
    older = {"is_completed": False} if status is EventStatus.COMPLETED else {"status": "confirmed"}
    assert client.patch(f"{EVENTS}/{event.id}", older, format="json").status_code == 409
    assert kept(event)["status"] == status


def test_meeting__what_is_ones_own__stays_editable(client: SignedInClient, hold: Hold) -> None:
    event = hold()
    own = {
        "reminder_minutes": 60, "color_hex": "#A1B2C3", "focus_mode": True, "description": "Bring figures",
        "metadata": {"note": 1}, "visibility": "workspace", "location": "Café",
        "video_conference_link": "https://meet.example.com/x",
    }  # fmt: skip

    answer = client.patch(f"{EVENTS}/{event.id}", own, format="json")

    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in own} == own
    moved = hold(starts_at=NINE + HOUR, ends_at=NINE + 2 * HOUR)
    assert (moved.starts_at, moved.description, moved.reminder_minutes) == (NINE + HOUR, "Bring figures", 60)


def test_meeting__sent_back_whole_as_it_is__is_no_change_of_it(client: SignedInClient, hold: Hold) -> None:
    event = hold()
    here = f"{EVENTS}/{event.id}"
    whole = client.get(here).json()
    same = ("title", "starts_at", "ends_at", "is_all_day", "timezone", "event_type", "status", "recurrence",
            "related_entity_type", "related_entity_id")  # fmt: skip

    answer = client.patch(here, {name: whole[name] for name in same} | {"focus_mode": True}, format="json")

    assert (answer.status_code, answer.json()["focus_mode"], answer.json()["version"]) == (200, True, 2)
    assert client.post(f"{here}/reopen").json()["version"] == 2


def test_links__of_a_meeting__offer_nothing_that_would_be_refused(client: SignedInClient, hold: Hold) -> None:
    assert links(client, hold(status=EventStatus.TENTATIVE)) == {"self", "update"}
    assert links(client, hold(status=EventStatus.CONFIRMED)) == {"self", "update"}
    assert links(client, hold(status=EventStatus.COMPLETED)) == {"self", "update"}
    listed = client.get(EVENTS).json()["data"]
    assert [set(event["_links"]) for event in listed] == [{"self", "update"}]


def test_delete__of_a_meeting_called_off__tidies_up(client: SignedInClient, hold: Hold) -> None:
    hold()
    event = hold(status=EventStatus.CANCELLED, reason="Ill")
    assert links(client, event) == {"self", "update", "delete"}

    assert client.delete(f"{EVENTS}/{event.id}").status_code == 204

    with pytest.raises(Event.DoesNotExist):  # saying again that it is off brings nothing back
        hold()


@pytest.mark.parametrize("case", list(Case))
def test_links__of_meetings_and_others__lean_as_the_serializer_says(actor: Principal, hold: Hold, case: Case) -> None:
    hold()
    hold(related_entity_id=str(uuid7()))
    hold(status=EventStatus.CANCELLED)
    services.create_event(actor=actor, title="Own", starts_at=NINE, ends_at=NINE + HOUR)

    assert_lean_equals_serializer(
        EventSerializer, Event.objects.order_by("id"), wire=Wire(case), caller=actor, context={"zone": UTC_ZONE}
    )


def test_share__to_edit__lets_a_member_change_no_meeting_either(
    client: SignedInClient, hold: Hold, make_user: MakeUser, sign_in: SignIn, freelancer: User
) -> None:
    event = hold()
    User.objects.update(email_verified_at=timezone.now())
    member = sign_in(make_user(email="mia@example.com", email_verified_at=timezone.now()))
    offered = client.post("/v1/calendar/shares", {"email": "mia@example.com", "level": "edit"}, format="json").json()
    assert member.post(f"/v1/calendar/shares/{offered['id']}/accept").status_code == 200

    assert links(member, event) == {"self", "update"}
    assert member.delete(f"{EVENTS}/{event.id}").json()["code"] == "managed_elsewhere"
    assert member.patch(f"{EVENTS}/{event.id}", {"title": "x"}, format="json").status_code == 409
    assert member.patch(f"{EVENTS}/{event.id}", {"color_hex": "#FFFFFF"}, format="json").status_code == 200


def file(event: Event, *lines: str) -> bytes:
    body = "\n".join(lines)
    return f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:{event.uid}\n{body}\nEND:VEVENT\nEND:VCALENDAR\n".encode()


def test_import__over_a_meeting__takes_what_is_ones_own_and_keeps_the_meeting(actor: Principal, hold: Hold) -> None:
    event = hold()
    meeting = {name: value for name, value in kept(event).items() if name not in {"description", "rev", "updated_at"}}

    [report] = services.import_calendar(
        actor=actor, zone=UTC_ZONE,
        data=file(event, "DTSTART:20261122T090000Z", "DTEND:20261122T100000Z", "SUMMARY:Other", "RRULE:FREQ=DAILY",
                  "STATUS:CANCELLED", "DESCRIPTION:Bring figures"),
    )  # fmt: skip

    now = kept(event)
    assert (report.outcome, now["description"]) == (ImportOutcome.UPDATED, "Bring figures")
    assert any("meeting" in change for change in report.changes)
    assert {name: now[name] for name in meeting} == meeting
    assert (hold(starts_at=NINE + HOUR, ends_at=NINE + 2 * HOUR).starts_at, Event.objects.count()) == (NINE + HOUR, 1)


def test_import__of_the_own_export__changes_nothing_of_a_meeting(actor: Principal, hold: Hold) -> None:
    event = hold()
    exported = ics.write(selectors.list_for_export(actor.user_id), name="Gigvora")
    hold(starts_at=NINE + HOUR, ends_at=NINE + 2 * HOUR)
    before = kept(event)

    [report] = services.import_calendar(actor=actor, zone=UTC_ZONE, data=exported)

    assert (report.outcome, kept(event)) == (ImportOutcome.UNCHANGED, before)


def test_import__of_an_occurrence_of_a_meeting__is_refused(actor: Principal, hold: Hold) -> None:
    event = hold()

    [report] = services.import_calendar(
        actor=actor, zone=UTC_ZONE,
        data=file(event, "DTSTART:20261122T090000Z", "SUMMARY:Other", "RECURRENCE-ID:20261120T090000Z"),
    )  # fmt: skip

    assert (report.outcome, Event.objects.count()) == (ImportOutcome.REFUSED, 1)
    assert "meeting" in report.reason


def test_follow__a_series_of_a_file_under_its_name__makes_it_the_meeting(actor: Principal, hold: Hold) -> None:
    session = str(uuid7())
    foreign = Event(uid=f"{session}@gigvora.com")
    services.import_calendar(
        actor=actor, zone=UTC_ZONE, data=file(foreign, "DTSTART:20261122T090000Z", "SUMMARY:Trap", "RRULE:FREQ=DAILY")
    )
    series = Event.objects.get()
    services.update_event(
        actor=actor, event_id=EventId(series.id, series.starts_at), scope=EditScope.THIS, title="Changed"
    )

    event = hold(related_entity_id=session)

    assert (event.id, event.source, event.title, event.starts_at) == (
        series.id, "mentors", "Mentoring: Pricing", NINE,
    )  # fmt: skip
    assert (event.is_series, event.recurrence, Event.objects.count()) == (False, "", 1)
    with pytest.raises(ManagedElsewhere):
        services.delete_event(actor=actor, event_id=EventId(event.id))


def test_follow__a_meeting_of_who_is_suspended__stands_for_when_they_are_back(actor: Principal, hold: Hold) -> None:
    User.objects.filter(id=actor.user_id).update(is_active=False)

    assert hold().title == "Mentoring: Pricing"


def test_follow__a_meeting_of_who_has_left_for_good__writes_nothing(actor: Principal, hold: Hold) -> None:
    closing.close(user_id=actor.user_id)

    with pytest.raises(Event.DoesNotExist):
        hold()
