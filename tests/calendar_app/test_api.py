"""The calendar over HTTP, on both surfaces."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from pytest_django import Settings

from access.types import Principal
from accounts.models import Membership, User
from calendar_app import services
from calendar_app.types import EventId, Visibility
from core.http.access import Audience
from core.http.wire import camel
from tests.accounts.actors import MakeUser, SignedInClient, SignIn
from tests.calendar_app.conftest import NINE, NOON, MakeEvent

BODY = {"title": "Review", "starts_at": "2026-11-20T09:00:00Z", "ends_at": "2026-11-20T10:00:00Z"}
SURFACES = pytest.mark.parametrize("root", ["/v1/calendar", "/api/calendar"])


@pytest.fixture
def actor(client: SignedInClient) -> Principal:
    return client.principal


def cased(root: str, value: Any) -> Any:
    """Names as the surface writes them."""
    return {camel(name): each for name, each in value.items()} if root.startswith("/api") else value


def create(client: SignedInClient, root: str = "/v1/calendar", **fields: Any) -> Any:
    answer = client.post(f"{root}/events", cased(root, {**BODY, **fields}), format="json")
    assert answer.status_code == 201, answer.json()
    return answer


@SURFACES
@pytest.mark.usefixtures("clock")
def test_create__whole_event__answers_it_with_address_tag_and_links(client: SignedInClient, root: str) -> None:
    answer = create(
        client, root, timezone="Europe/Berlin", event_type="client_meeting", location="Kantstraße 1",
        color_hex="#a1b2c3", reminder_minutes=15, metadata={"external_ref": {"snake_case": 1}}, focus_mode=True,
        video_conference_link="https://meet.example.com/x", related_entity_type="gig", related_entity_id="42",
        description="Zwei\nZeilen", visibility="private",
    )  # fmt: skip

    event = answer.json()
    here = f"{root}/events/{event['id']}"
    assert event == cased(
        root,
        {
            "id": event["id"], "title": "Review", "description": "Zwei\nZeilen", "starts_at": "2026-11-20T09:00:00Z",
            "ends_at": "2026-11-20T10:00:00Z", "is_all_day": False, "timezone": "Europe/Berlin",
            "day_key": "2026-11-20", "event_type": "client_meeting", "status": "confirmed", "source": "manual",
            "location": "Kantstraße 1", "video_conference_link": "https://meet.example.com/x",
            "reminder_minutes": 15, "visibility": "private", "related_entity_type": "gig", "related_entity_id": "42",
            "color_hex": "#A1B2C3", "focus_mode": True, "recurrence": "",
            "metadata": {"external_ref": {"snake_case": 1}}, "completed_at": None, "cancelled_at": None,
            "cancellation_reason": "", "owner_id": str(client.principal.user_id), "series_id": None,
            "original_start": None, "version": 1, "created_at": "2026-11-20T12:00:00Z",
            "updated_at": "2026-11-20T12:00:00Z",
            "_links": {
                "self": {"href": here, "method": "GET"}, "update": {"href": here, "method": "PATCH"},
                "complete": {"href": f"{here}/complete", "method": "POST"},
                "cancel": {"href": f"{here}/cancel", "method": "POST"},
                "delete": {"href": here, "method": "DELETE"},
            },
        },
    )  # fmt: skip
    assert answer["Location"] == here
    read = client.get(here)
    assert (read.json(), read["ETag"]) == (event, answer["ETag"])


@SURFACES
def test_life__of_an_event__goes_through_every_action(client: SignedInClient, root: str) -> None:
    here = create(client, root)["Location"]

    changed = client.patch(here, {"title": "Better"}, format="json")
    assert (changed.status_code, changed.json()["title"], changed.json()["version"]) == (200, "Better", 2)
    completed = client.post(f"{here}/complete")
    assert (completed.status_code, completed.json()["status"]) == (200, "completed")
    assert client.post(f"{here}/complete").json()["version"] == 3
    assert client.post(f"{here}/cancel", {"reason": "?"}, format="json").json()["code"] == "invalid_transition"
    assert client.post(f"{here}/reopen").json()["status"] == "confirmed"
    cancelled = client.post(f"{here}/cancel", {"reason": "Ill"}, format="json").json()
    assert (cancelled["status"], set(cancelled["_links"])) == ("cancelled", {"self", "update", "reopen", "delete"})
    assert client.delete(here).status_code == 204
    assert client.get(here).status_code == 404


def test_occurrence__addressed_by_its_start__is_changed_alone(client: SignedInClient) -> None:
    series = create(client, recurrence="FREQ=DAILY;COUNT=3").json()
    one = f"/v1/calendar/events/{series['id']}:20261121T090000Z"

    assert client.get(one).json()["starts_at"] == "2026-11-21T09:00:00Z"
    assert client.post(f"{one}/cancel", {"reason": "Ill", "scope": "this"}, format="json").json()["id"] == one[20:]
    listed = client.get("/v1/calendar/events?from=2026-11-20&to=2026-12-01").json()["data"]

    assert [(event["id"][36:], event["status"]) for event in listed] == [
        (":20261120T090000Z", "confirmed"),
        (":20261121T090000Z", "cancelled"),
        (":20261122T090000Z", "confirmed"),
    ]
    following = client.patch(f"{one[:-17]}:20261122T090000Z?scope=following", {"title": "Later"}, format="json")
    assert (following.status_code, following.json()["id"] != series["id"]) == (200, True)


def test_list__without_window__pages_stored_events(
    client: SignedInClient, actor: Principal, make_event: MakeEvent
) -> None:
    ids = [str(make_event(starts_at=NINE + timedelta(hours=hour)).id) for hour in range(5)]

    first = client.get("/v1/calendar/events?limit=2").json()
    second = client.get(first["_links"]["next"]["href"]).json()
    third = client.get(second["_links"]["next"]["href"]).json()

    assert [event["id"] for page in (first, second, third) for event in page["data"]] == ids
    assert third["page"]["next"] is None


@pytest.mark.parametrize("start", ["99991231T235959Z", "00010101T000000Z", "21000101T000000Z", "19010101T235959Z"])
def test_occurrence__at_the_ends_of_time__is_not_there(
    client: SignedInClient, make_event: MakeEvent, start: str
) -> None:
    series = make_event(recurrence="FREQ=DAILY")

    assert client.get(f"/v1/calendar/events/{series.id}:{start}").status_code == 404


def test_list__in_a_window__pages_occurrences(client: SignedInClient, actor: Principal, make_event: MakeEvent) -> None:
    make_event(recurrence="FREQ=DAILY;COUNT=5")
    address = "/v1/calendar/events?from=2026-11-20&to=2026-11-24&limit=3"

    first = client.get(address).json()
    second = client.get(first["_links"]["next"]["href"]).json()

    assert [event["day_key"] for event in (*first["data"], *second["data"])] == [
        "2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23",
    ]  # fmt: skip
    back = client.get(second["_links"]["previous"]["href"]).json()
    assert back["data"] == first["data"]


def test_list__lean__is_what_the_serializer_says(
    client: SignedInClient, actor: Principal, make_event: MakeEvent
) -> None:
    event = make_event(recurrence="FREQ=DAILY;COUNT=1", metadata={"a_b": 1}, reminder_minutes=5)

    listed = client.get("/v1/calendar/events").json()["data"]
    changed = client.patch(f"/v1/calendar/events/{event.id}", {}, format="json").json()

    assert listed == [changed]
    in_window = client.get("/v1/calendar/events?from=2026-11-20&to=2026-11-21").json()["data"]
    assert in_window == [client.get(in_window[0]["_links"]["self"]["href"]).json()]


@pytest.mark.parametrize("address", ["events?limit=100", "events?limit=100&from=2026-11-01&to=2026-12-31",
                                     "days?from=2026-11-01&to=2026-12-31", "export.ics"])  # fmt: skip
def test_reading__one_event_or_fifty__costs_the_same_queries(
    client: SignedInClient, actor: Principal, make_event: MakeEvent, django_assert_max_num_queries: Any, address: str
) -> None:
    make_event(recurrence="FREQ=DAILY;COUNT=3")
    client.get(f"/v1/calendar/{address}", HTTP_X_APP_VERSION="2024.07.0")
    with django_assert_max_num_queries(4) as few:
        client.get(f"/v1/calendar/{address}", HTTP_X_APP_VERSION="2024.08.0")
    for hour in range(50):
        make_event(starts_at=NINE + timedelta(hours=hour))
    with django_assert_max_num_queries(4) as many:
        client.get(f"/v1/calendar/{address}")

    assert len(many) == len(few)


@pytest.mark.parametrize("address", ["events", "events?from=2026-11-01&to=2026-12-31",
                                     "days?from=2026-11-01&to=2026-12-31"])  # fmt: skip
def test_reading__first_time__reads_the_version_with_the_rows_and_shows_the_tag_of_later_times(
    client: SignedInClient, actor: Principal, make_event: MakeEvent, django_assert_max_num_queries: Any, address: str
) -> None:
    make_event()
    client.get("/v1/calendar/events?limit=1")
    with django_assert_max_num_queries(4) as first:
        tags = {client.get(f"/v1/calendar/{address}")["ETag"]}
    with django_assert_max_num_queries(4) as second:
        tags.add(client.get(f"/v1/calendar/{address}")["ETag"])

    assert len(first) == len(second) - 1
    tags.add(client.get(f"/v1/calendar/{address}")["ETag"])
    assert len(tags) == 1
    make_event()
    assert client.get(f"/v1/calendar/{address}")["ETag"] not in tags


def test_reading__nothing_there_at_first__has_a_tag_that_ends_with_the_first_event(
    client: SignedInClient, actor: Principal, make_event: MakeEvent
) -> None:
    empty = client.get("/v1/calendar/events")["ETag"]
    assert client.get("/v1/calendar/events", HTTP_IF_NONE_MATCH=empty).status_code == 304
    make_event()
    assert client.get("/v1/calendar/events", HTTP_IF_NONE_MATCH=empty).status_code == 200


def test_list__unchanged__costs_no_query_of_the_rows(
    client: SignedInClient, actor: Principal, make_event: MakeEvent, django_assert_max_num_queries: Any
) -> None:
    make_event()
    first = client.get("/v1/calendar/events")
    with django_assert_max_num_queries(4) as queries:
        again = client.get("/v1/calendar/events", HTTP_IF_NONE_MATCH=first["ETag"])

    assert (again.status_code, again.content) == (304, b"")
    assert not [query for query in queries if "calendar_app_event" in query["sql"]]
    make_event(starts_at=NINE + timedelta(hours=1))
    assert client.get("/v1/calendar/events", HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


@pytest.mark.parametrize(
    ("audience", "root", "policy"),
    [
        (Audience.ANDROID, "/api/calendar", "private, max-age=30, stale-if-error=86400"),
        (Audience.WEB, "/api/calendar", "private, max-age=30"),
        (Audience.IOS, "/v1/calendar", "private, no-cache"),
    ],
)
def test_answers__by_channel__say_how_long_they_keep(
    sign_in: SignIn, freelancer: User, audience: Audience, root: str, policy: str
) -> None:
    client = sign_in(freelancer, audience)
    client.post("/v1/calendar/subscription")

    for address in ("events", "days", "export.ics", "shares", "subscription"):
        assert client.get(f"{root}/{address}")["Cache-Control"] == policy


@SURFACES
@pytest.mark.usefixtures("clock")
def test_days__across_zones_and_midnights__stand_under_the_callers_days(
    client: SignedInClient, actor: Principal, make_event: MakeEvent, root: str
) -> None:
    night = make_event(starts_at=datetime(2026, 11, 20, 22, tzinfo=UTC), ends_at=datetime(2026, 11, 21, 5, tzinfo=UTC),
                       event_type="gig")  # fmt: skip
    over = make_event(starts_at=NINE - timedelta(days=1))
    services.complete_event(actor=actor, event_id=EventId(make_event(starts_at=NINE).id))

    answer = client.get(f"{root}/days?from=2026-11-19&to=2026-11-22&timezone=Europe/Berlin").json()

    shown = {day: [event["id"] for event in events] for day, events in answer["days"].items()}
    assert shown["2026-11-19"] == [str(over.id)]
    assert shown["2026-11-20"][1:] == shown["2026-11-21"] == [str(night.id)]
    assert {key: value for key, value in answer["metrics"].items() if key[:4] != "next"} == cased(
        root,
        {
            "total": 3, "upcoming_count": 1, "overdue_count": 1,
            "type_counts": {"gig": 1, "event": 2}, "status_counts": {"confirmed": 2, "completed": 1},
        },
    )  # fmt: skip
    name = "nextEvent" if root.startswith("/api") else "next_event"
    assert answer["metrics"][name] == answer["days"]["2026-11-21"][0]


def test_days__tag__stops_being_true_when_an_event_begins(
    clock: time_machine.Traveller, client: SignedInClient, actor: Principal, make_event: MakeEvent
) -> None:
    make_event(starts_at=NOON + timedelta(minutes=2))
    address = "/v1/calendar/days?from=2026-11-20&to=2026-11-21"

    first = client.get(address)
    again = client.get(address, HTTP_IF_NONE_MATCH=first["ETag"])
    clock.move_to(NOON + timedelta(minutes=2, seconds=1))
    later = client.get(address, HTTP_IF_NONE_MATCH=first["ETag"])

    assert (again.status_code, later.status_code) == (304, 200)
    assert (first.json()["metrics"]["upcoming_count"], later.json()["metrics"]["upcoming_count"]) == (1, 0)


def test_match__of_an_old_version__is_refused(client: SignedInClient) -> None:
    made = create(client)
    here, tag = made["Location"], made["ETag"]

    assert client.patch(here, {"title": "Mine"}, format="json", HTTP_IF_MATCH=tag).status_code == 200
    late = client.patch(here, {"title": "Late"}, format="json", HTTP_IF_MATCH=tag)
    assert (late.status_code, late.json()["code"]) == (412, "precondition_failed")
    blind = client.patch(here, {"title": "Blind"}, format="json", HTTP_PREFER="require-match")
    assert (blind.status_code, blind.json()["code"]) == (428, "precondition_required")
    assert client.get(here).json()["title"] == "Mine"


def test_older_train__says_and_gets_is_completed(client: SignedInClient) -> None:
    old: dict[str, Any] = {"HTTP_X_APP_VERSION": "2024.08.1"}
    made = client.post("/v1/calendar/events", {**BODY, "is_completed": True}, format="json", **old)

    assert (made.status_code, made.json()["is_completed"], made.json()["status"]) == (201, True, "completed")
    here = made["Location"]
    assert "is_completed" not in client.get(here).json()
    reopened = client.patch(here, {"is_completed": False}, format="json", **old).json()
    assert (reopened["is_completed"], reopened["status"]) == (False, "confirmed")
    assert client.get("/v1/calendar/events", **old).json()["data"][0]["is_completed"] is False


@pytest.mark.parametrize("status", ["tentative", "in_progress", "cancelled"])
def test_older_train__echoes_that_something_is_not_completed__changes_no_status(
    client: SignedInClient, status: str
) -> None:
    here = client.post("/v1/calendar/events", {**BODY, "status": status}, format="json")["Location"]

    echoed = client.patch(
        here, {"title": "Renamed", "is_completed": False}, format="json", HTTP_X_APP_VERSION="2024.08.1"
    ).json()

    assert (echoed["title"], echoed["status"], echoed["is_completed"]) == ("Renamed", status, False)


def test_shared__with_the_workspace__is_read_and_not_changed(
    sign_in: SignIn, make_user: MakeUser, client: SignedInClient, actor: Principal, make_event: MakeEvent
) -> None:
    event = make_event(visibility="workspace")
    make_event(visibility="private", starts_at=NINE + timedelta(hours=1))
    colleague = make_user()
    Membership.objects.filter(user=colleague).delete()
    assert actor.workspace_id is not None
    Membership.objects.create(user=colleague, workspace_id=actor.workspace_id)
    theirs = sign_in(colleague)

    assert theirs.get("/v1/calendar/events").json()["data"] == []
    shared = theirs.get("/v1/calendar/events?calendar=shared").json()["data"]
    assert [(each["id"], set(each["_links"])) for each in shared] == [(str(event.id), {"self"})]
    assert theirs.get(f"/v1/calendar/events/{event.id}").status_code == 200
    assert theirs.delete(f"/v1/calendar/events/{event.id}").status_code == 404
    services.update_event(actor=actor, event_id=EventId(event.id), visibility=Visibility.PRIVATE)
    assert theirs.get("/v1/calendar/events?calendar=shared").json()["data"] == []


def test_list__unchanged_or_kept__told_the_limits_as_well(client: SignedInClient, settings: Settings) -> None:
    settings.RATE_LIMIT_SCALE = 1
    create(client)
    answers = [client.get("/v1/calendar/events") for _ in range(3)]
    answers.append(client.get("/v1/calendar/events", HTTP_IF_NONE_MATCH=answers[0]["ETag"]))

    assert [answer.status_code for answer in answers] == [200, 200, 200, 304]
    assert all(answer["RateLimit"] and answer["RateLimit-Policy"] for answer in answers)
