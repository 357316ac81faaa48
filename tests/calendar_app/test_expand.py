"""`?expand=owner`: whose events are, in the same answers and at the same price for one as for many."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from access.types import Principal
from accounts.models import Membership, User
from calendar_app import services
from calendar_app.models import Event
from calendar_app.serializers import EventSerializer
from calendar_app.types import EventId
from core.http.fieldsets import Fieldset
from core.http.wire import Case, Wire
from core.testing.rows import assert_lean_equals_serializer
from tests.accounts.actors import MakeUser, SignedInClient, SignIn
from tests.calendar_app.conftest import NINE, MakeEvent

BERLIN = ZoneInfo("Europe/Berlin")
WINDOW = "from=2026-11-01&to=2026-12-31"
ADDRESSES = ["events?limit=100", f"events?limit=100&{WINDOW}", f"days?{WINDOW}"]


@pytest.fixture
def actor(client: SignedInClient) -> Principal:
    User.objects.filter(id=client.principal.user_id).update(full_name="Mira Owner")
    return client.principal


def shown(body: Any) -> list[dict[str, Any]]:
    """The events of any answer of the calendar's."""
    if "days" in body:
        return [event for events in body["days"].values() for event in events]
    return list(body["data"]) if "data" in body else [body]


@pytest.mark.parametrize(("root", "name"), [("/v1/calendar", "full_name"), ("/api/calendar", "fullName")])
def test_expand__owner__stands_in_every_answer_beside_what_is_there_anyway(
    client: SignedInClient, actor: Principal, make_event: MakeEvent, root: str, name: str
) -> None:
    single, series = make_event(), make_event(recurrence="FREQ=DAILY;COUNT=3")
    make_event(is_all_day=True, timezone="Europe/Berlin")
    services.update_event(actor=actor, event_id=EventId(series.id, NINE + timedelta(days=1)), title="Changed")
    details = [str(single.id), str(series.id), f"{series.id}:20261120T090000Z", f"{series.id}:20261121T090000Z"]
    owner = {"id": str(actor.user_id), name: "Mira Owner"}

    for address in [*ADDRESSES, *(f"events/{each}?" for each in details)]:
        plain, expanded = (
            shown(client.get(f"{root}/{address}{more}").json()) for more in ("", "&expand=owner")
        )  # fmt: skip
        assert plain
        assert all("owner" not in event for event in plain)
        assert [{**event, "owner": owner} for event in plain] == expanded


def test_expand__owner_of_what_was_changed__is_answered_as_well(
    client: SignedInClient, actor: Principal, make_event: MakeEvent
) -> None:
    changed = client.patch(f"/v1/calendar/events/{make_event().id}?expand=owner", {"title": "New"}, format="json")
    assert (changed.status_code, changed.json()["owner"]["full_name"]) == (200, "Mira Owner")
    again = client.get(f"/v1/calendar/events/{changed.json()['id']}?expand=owner")
    assert (again.json(), again["ETag"]) == (changed.json(), changed["ETag"])


@pytest.mark.parametrize("address", ADDRESSES)
def test_expand__with_some_fields__shows_both(
    client: SignedInClient, actor: Principal, make_event: MakeEvent, address: str
) -> None:
    make_event()
    for fields in ("title", "title,owner"):
        [event] = shown(client.get(f"/v1/calendar/{address}&expand=owner&fields={fields}").json())
        assert event == {"title": "Review", "owner": {"id": str(actor.user_id), "full_name": "Mira Owner"}}


@pytest.mark.parametrize("query", ["expand=workspace", "expand=", "fields=owner", "expand=owner,email"])
def test_expand__what_there_is_not__is_422(client: SignedInClient, actor: Principal, query: str) -> None:
    for address in ADDRESSES:
        answer = client.get(f"/v1/calendar/{address}&{query}")
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unknown_field")


@pytest.mark.parametrize("address", ADDRESSES)
def test_expand__one_event_or_fifty__costs_the_same_queries(
    client: SignedInClient, actor: Principal, make_event: MakeEvent, django_assert_max_num_queries: Any, address: str
) -> None:
    make_event(recurrence="FREQ=DAILY;COUNT=3")
    client.get(f"/v1/calendar/{address}&expand=owner")
    with django_assert_max_num_queries(4) as few:
        client.get(f"/v1/calendar/{address}&expand=owner")
    for hour in range(50):
        make_event(starts_at=NINE + timedelta(hours=hour))
    with django_assert_max_num_queries(4) as many:
        client.get(f"/v1/calendar/{address}&expand=owner")

    assert len(many) == len(few)


@pytest.mark.parametrize("address", ADDRESSES)
def test_expand__owner_called_something_else__is_not_answered_from_what_was_kept(
    client: SignedInClient, actor: Principal, make_event: MakeEvent, address: str
) -> None:
    make_event()
    for _ in range(3):
        first = client.get(f"/v1/calendar/{address}&expand=owner")
    User.objects.filter(id=actor.user_id).update(full_name="Mira New")

    again = client.get(f"/v1/calendar/{address}&expand=owner", HTTP_IF_NONE_MATCH=first["ETag"])

    assert [event["owner"]["full_name"] for event in shown(again.json())] == ["Mira New"]
    unchanged = client.get(f"/v1/calendar/{address}&expand=owner", HTTP_IF_NONE_MATCH=again["ETag"])
    assert unchanged.status_code == 304


def test_expand__of_a_colleagues_event__tells_the_name_and_no_address(
    sign_in: SignIn, make_user: MakeUser, client: SignedInClient, actor: Principal, make_event: MakeEvent
) -> None:
    make_event(visibility="workspace")
    colleague = make_user()
    Membership.objects.filter(user=colleague).delete()
    assert actor.workspace_id is not None
    Membership.objects.create(user=colleague, workspace_id=actor.workspace_id)
    theirs = sign_in(colleague)

    for address in ADDRESSES:
        answer = theirs.get(f"/v1/calendar/{address}&calendar=shared&expand=owner")
        owners = [event["owner"] for event in shown(answer.json())]
        assert owners == [{"id": str(actor.user_id), "full_name": "Mira Owner"}]
        assert User.objects.get(id=actor.user_id).email not in answer.content.decode()


@pytest.mark.parametrize("case", list(Case))
@pytest.mark.parametrize("train", ["2024.09", "2024.08"])
@pytest.mark.parametrize("fields", [frozenset(), frozenset({"title", "owner", "_links"})])
def test_expand__lean__the_serializers_bytes(
    actor: Principal, make_event: MakeEvent, case: Case, train: str, fields: frozenset[str]
) -> None:
    make_event()
    make_event(recurrence="FREQ=DAILY")

    rendered = assert_lean_equals_serializer(
        EventSerializer, Event.objects.order_by("id"), wire=Wire(case, train),
        fieldset=Fieldset(fields, frozenset({"owner"})), caller=actor, context={"zone": BERLIN},
    )  # fmt: skip

    assert [event["owner"]["id"] for event in rendered] == [str(actor.user_id)] * 2
