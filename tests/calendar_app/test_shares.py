"""Calendars shared with one other person: offering, accepting, reading, editing, and the end of it, at once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.models import AuditEntry
from accounts.models import User
from calendar_app import services
from calendar_app.models import CalendarShare, CalendarShareGrant, Event
from calendar_app.subscribers import mail_offer
from core.contributions.events import Published
from events.models import OutboxEvent
from tests.accounts import actors
from tests.accounts.actors import MakeUser, SignedIn, SignedInClient, SignIn

pytestmark = pytest.mark.django_db

SHARES, EVENTS, DAYS, EXPORT = (f"/v1/calendar/{name}" for name in ("shares", "events", "days", "export.ics"))
NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
DAY = "from=2026-11-20&to=2026-11-21&timezone=UTC"


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


@pytest.fixture
def olga(make_user: MakeUser, sign_in: SignIn) -> SignedInClient:
    """Who owns the calendar."""
    return sign_in(make_user(email="olga@example.com", full_name="Olga Owner", email_verified_at=timezone.now()))


@pytest.fixture
def mia(make_user: MakeUser, sign_in: SignIn) -> SignedInClient:
    """With whom it is shared."""
    return sign_in(make_user(email="mia@example.com", full_name="Mia Member", email_verified_at=timezone.now()))


@pytest.fixture
def stranger(make_user: MakeUser, sign_in: SignIn) -> SignedInClient:
    return sign_in(make_user(email="stranger@example.com", email_verified_at=timezone.now()))


@pytest.fixture
def event(olga: SignedInClient) -> Event:
    return services.create_event(
        actor=olga.principal, title="Board meeting", starts_at=NINE, ends_at=NINE + timedelta(hours=1)
    )


def offer(owner: SignedInClient, level: str = "view", **given: Any) -> Any:
    return owner.post(SHARES, {"email": "Mia@example.com", "level": level, **given}, format="json")


@pytest.fixture
def share(olga: SignedInClient, mia: SignedInClient) -> Callable[..., UUID]:
    """`share("edit")`: the accepted share of Olga's calendar with Mia."""

    def shared(level: str = "view", **given: Any) -> UUID:
        share_id = offer(olga, level, **given).json()["id"]
        assert mia.post(f"{SHARES}/{share_id}/accept").status_code == 200
        return UUID(share_id)

    return shared


def of(client: SignedInClient) -> str:
    return str(client.principal.user_id)


def titles(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [event["title"] for event in response.json()["data"]]


# ---- offering and accepting ------------------------------------------------------------------------------------------


def test_offer__to_anybody__looks_the_same_whether_they_exist(olga: SignedInClient, mia: SignedInClient) -> None:
    known = offer(olga)
    unknown = olga.post(SHARES, {"email": "nobody@example.com", "level": "view"}, format="json")

    share = CalendarShare.objects.get(email="mia@example.com")
    assert known.status_code == unknown.status_code == 201
    assert known.json() == {
        "id": str(share.id),
        "owner_id": of(olga),
        "owner_name": "Olga Owner",
        "email": "mia@example.com",
        "level": "view",
        "status": "offered",
        "expires_at": None,
        "accepted_at": None,
        "created_at": share.created_at.isoformat().replace("+00:00", "Z"),
        "_links": {
            "self": {"href": f"{SHARES}/{share.id}", "method": "GET"},
            "end": {"href": f"{SHARES}/{share.id}", "method": "DELETE"},
        },
    }
    assert set(unknown.json()) == set(known.json())
    assert unknown.json()["status"] == "offered"
    assert not CalendarShareGrant.objects.exists()


@pytest.mark.parametrize(
    ("given", "pointer", "code"),
    [
        ({"email": "olga@example.com"}, "/email", "own_address"),
        ({"email": "no address"}, "/email", "invalid"),
        ({"level": "own"}, "/level", "invalid_choice"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "/expires_at", "in_the_past"),
        ({"member_id": str(uuid4())}, "/member_id", "unknown_field"),
    ],
)
def test_offer__unusable__is_422(olga: SignedInClient, given: dict[str, Any], pointer: str, code: str) -> None:
    response = offer(olga, **given)

    assert response.status_code == 422
    assert [(error["pointer"], error["code"]) for error in response.json()["errors"]] == [(pointer, code)]


def test_offer__twice_or_to_too_many__is_refused(olga: SignedInClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calendar_app.services.sharing.MAX_SHARES", 1)

    assert offer(olga).status_code == 201
    assert offer(olga).json()["code"] == "already_shared"
    assert offer(olga, email="other@example.com").json()["code"] == "too_many_shares"


def test_offer__after_the_last_one_expired__can_be_made_anew(
    olga: SignedInClient, mia: SignedInClient, share: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calendar_app.services.sharing.MAX_SHARES", 1)
    old = share()
    CalendarShare.objects.update(expires_at=NINE)

    again = offer(olga, "edit")

    assert (again.status_code, again.json()["status"]) == (201, "offered")
    assert offer(olga).json()["code"] == "already_shared"
    assert mia.get(f"{EVENTS}?owner={of(olga)}").status_code == 404
    assert mia.post(f"{SHARES}/{again.json()['id']}/accept").status_code == 200
    assert CalendarShare.objects.get().level == "edit"
    assert OutboxEvent.objects.filter(name="calendar.share.ended", aggregate_id=old).count() == 1
    assert AuditEntry.objects.filter(action="share.ended").count() == 1


def test_offer__while_others_have_expired__counts_those_that_stand(
    olga: SignedInClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calendar_app.services.sharing.MAX_SHARES", 1)
    owner = olga.principal.user_id
    CalendarShare.objects.create(owner_id=owner, email="old@example.com", level="view", expires_at=NINE)

    assert offer(olga).status_code == 201
    assert offer(olga, email="other@example.com").json()["code"] == "too_many_shares"


def test_offer__to_somebody_with_an_account__is_told_by_mail(olga: SignedInClient, mia: SignedInClient) -> None:
    for response in (offer(olga), offer(olga, email="nobody@example.com")):
        told = OutboxEvent.objects.get(name="calendar.share.offered", aggregate_id=response.json()["id"])
        mail_offer(Published(**{name: getattr(told, name) for name in Published.__slots__}))

    [letter] = mail.outbox
    assert (letter.to, letter.subject) == (["mia@example.com"], "Olga Owner shares a calendar with you")
    assert "/l/calendar/shares/" in letter.body
    assert "nobody@example.com" not in str(OutboxEvent.objects.values_list("payload", flat=True))


def test_accept__by_whom_it_was_offered_to__opens_the_calendar(
    olga: SignedInClient, mia: SignedInClient, event: Event
) -> None:
    share_id = offer(olga).json()["id"]
    [received] = mia.get(f"{SHARES}?direction=received").json()["data"]
    assert (received["id"], received["status"], "accept" in received["_links"]) == (share_id, "offered", True)
    assert mia.get(f"{EVENTS}?owner={of(olga)}").status_code == 404

    accepted = mia.post(f"{SHARES}/{share_id}/accept")
    again = mia.post(f"{SHARES}/{share_id}/accept")

    assert (accepted.status_code, accepted.json()["status"]) == (200, "accepted")
    assert again.json() == accepted.json()
    assert titles(mia.get(f"{EVENTS}?owner={of(olga)}")) == ["Board meeting"]
    actions = AuditEntry.objects.filter(action__startswith="share.").exclude(action="share.denied").order_by("id")
    assert list(actions.values_list("action", "user_id", "target_id")) == [
        ("share.offered", olga.principal.user_id, of(olga)),
        ("share.accepted", mia.principal.user_id, of(olga)),
    ]


def test_accept__by_others__is_404(olga: SignedInClient, stranger: SignedInClient) -> None:
    share_id = offer(olga).json()["id"]

    assert stranger.post(f"{SHARES}/{share_id}/accept").status_code == 404
    assert olga.post(f"{SHARES}/{share_id}/accept").status_code == 404
    assert stranger.delete(f"{SHARES}/{share_id}").status_code == 404


def test_accept__with_an_address_not_confirmed__is_403(
    olga: SignedInClient, make_user: MakeUser, sign_in: SignIn
) -> None:
    squatter = sign_in(make_user(email="mia@example.com"))
    share_id = offer(olga).json()["id"]

    refused = squatter.post(f"{SHARES}/{share_id}/accept")

    assert (refused.status_code, refused.json()["code"]) == (403, "address_not_confirmed")
    assert not CalendarShareGrant.objects.exists()


def test_share__with_oneself_or_half_accepted__is_refused_by_the_database(olga: SignedInClient) -> None:
    share_id = offer(olga).json()["id"]

    for wrong in ({"member_id": olga.principal.user_id, "accepted_at": NINE}, {"accepted_at": NINE}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CalendarShare.objects.filter(id=share_id).update(**wrong)


# ---- reading ---------------------------------------------------------------------------------------------------------


def test_view__member__reads_lists_days_details_and_files(
    olga: SignedInClient, mia: SignedInClient, event: Event, share: Callable[..., UUID]
) -> None:
    share()
    owner = f"owner={of(olga)}"

    assert titles(mia.get(f"{EVENTS}?{owner}&{DAY}")) == ["Board meeting"]
    assert titles(mia.get(f"{EVENTS}?{owner}&q=board")) == ["Board meeting"]
    days = mia.get(f"{DAYS}?{owner}&{DAY}").json()
    assert [shown["title"] for shown in days["days"]["2026-11-20"]] == ["Board meeting"]
    detail = mia.get(f"{EVENTS}/{event.id}")
    assert (detail.status_code, list(detail.json()["_links"])) == (200, ["self"])
    assert b"SUMMARY:Board meeting" in mia.get(f"{EXPORT}?{owner}").content
    assert titles(mia.get(EVENTS)) == []


def test_view__occurrence_of_a_series__is_read(
    olga: SignedInClient, mia: SignedInClient, share: Callable[..., UUID]
) -> None:
    series = services.create_event(
        actor=olga.principal, title="Daily", starts_at=NINE, ends_at=NINE + timedelta(hours=1),
        recurrence="FREQ=DAILY;COUNT=5",
    )  # fmt: skip
    share()

    assert mia.get(f"{EVENTS}/{series.id}:20261121T090000Z").json()["starts_at"] == "2026-11-21T09:00:00Z"


@pytest.mark.parametrize("path", [EVENTS, DAYS, EXPORT, f"{EVENTS}?{DAY}"])
def test_view__stranger__is_404_with_a_decision(olga: SignedInClient, stranger: SignedInClient, path: str) -> None:
    join = "&" if "?" in path else "?"

    response = stranger.get(f"{path}{join}owner={of(olga)}")

    entry = AuditEntry.objects.get(decision_id=response["X-Gigvora-Decision-Id"])
    assert (response.status_code, response.json()["decision_id"]) == (404, entry.decision_id)
    assert (entry.action, entry.target_type, entry.target_id) == ("share.denied", "calendar", of(olga))


def test_view__owner_named_by_themselves__is_their_own(olga: SignedInClient, event: Event) -> None:
    assert titles(olga.get(f"{EVENTS}?owner={of(olga)}")) == ["Board meeting"]


def test_view__member__changes_nothing(
    olga: SignedInClient, mia: SignedInClient, event: Event, share: Callable[..., UUID]
) -> None:
    share()

    assert mia.patch(f"{EVENTS}/{event.id}", {"title": "Mine"}, format="json").status_code == 404
    assert mia.delete(f"{EVENTS}/{event.id}").status_code == 404
    assert mia.post(f"{EVENTS}/{event.id}/cancel", {"reason": "x"}, format="json").status_code == 404
    new = {"title": "Trap", "starts_at": "2026-11-20T10:00:00Z", "ends_at": "2026-11-20T11:00:00Z"}
    assert mia.post(f"{EVENTS}?owner={of(olga)}", new, format="json").status_code == 404
    event.refresh_from_db()
    assert (event.title, event.status, Event.objects.count()) == ("Board meeting", "confirmed", 1)


# ---- editing ---------------------------------------------------------------------------------------------------------


def test_edit__member__changes_the_owners_calendar_on_record(
    olga: SignedInClient, mia: SignedInClient, event: Event, share: Callable[..., UUID]
) -> None:
    share_id = share("edit")
    new = {"title": "Lunch", "starts_at": "2026-11-20T12:00:00Z", "ends_at": "2026-11-20T13:00:00Z"}

    created = mia.post(f"{EVENTS}?owner={of(olga)}", new, format="json")
    changed = mia.patch(f"{EVENTS}/{event.id}", {"title": "Board dinner"}, format="json")

    assert (created.status_code, changed.status_code) == (201, 200)
    assert titles(olga.get(f"{EVENTS}?{DAY}")) == ["Board dinner", "Lunch"]
    assert titles(mia.get(EVENTS)) == []
    assert "update" in mia.get(f"{EVENTS}/{event.id}").json()["_links"]
    granted = AuditEntry.objects.get(decision_id=changed["X-Gigvora-Decision-Id"])
    assert (granted.action, granted.user_id, granted.target_id) == ("access.granted", mia.principal.user_id, of(olga))
    assert granted.details["note"] == f"share {share_id}"
    updated = OutboxEvent.objects.get(name="calendar.event.updated")
    assert (updated.actor_id, updated.payload["owner_id"]) == (mia.principal.user_id, of(olga))


# ---- the end, at once ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["owner", "member", "staff", "expiry", "suspension"])
def test_end__by_anybody_or_time__holds_at_once_also_for_kept_bodies(  # noqa: PLR0917
    olga: SignedInClient, mia: SignedInClient, staff: User, event: Event, share: Callable[..., UUID], who: str
) -> None:
    share_id = share("edit", expires_at=(timezone.now() + timedelta(days=1)).isoformat())
    path = f"{EVENTS}?owner={of(olga)}&{DAY}"
    tag = [mia.get(path)["ETag"] for _ in range(3)][-1]
    assert mia.get(path, headers={"If-None-Match": tag}).status_code == 304

    with time_machine.travel(timezone.now() + (timedelta(days=1, seconds=1) if who == "expiry" else timedelta())):
        if who in {"owner", "member"}:
            assert {"owner": olga, "member": mia}[who].delete(f"{SHARES}/{share_id}").status_code == 204
        elif who == "staff":
            browser = Client()
            browser.force_login(staff)
            screen = f"/{settings.STAFF_PATH}calendar_app/calendarshare/"
            assert "mia@example.com" in browser.get(screen).content.decode()
            browser.post(screen, {"action": "end", "_selected_action": [str(share_id)]})
        elif who == "suspension":
            User.objects.filter(email="olga@example.com").update(is_active=False)
        client = SignedInClient(fresh(mia)) if who == "expiry" else mia

        assert client.get(path, headers={"If-None-Match": tag}).status_code == 404
        assert client.get(path).status_code == 404
        assert client.get(f"{EVENTS}/{event.id}").status_code == 404
        assert client.patch(f"{EVENTS}/{event.id}", {"title": "x"}, format="json").status_code == 404
    if who not in {"expiry", "suspension"}:
        assert not CalendarShareGrant.objects.exists()
        assert AuditEntry.objects.filter(action="share.ended", target_id=of(olga)).count() == 1


def fresh(client: SignedInClient) -> SignedIn:
    return actors.sign_in(User.objects.get(id=client.signed_in.session.user_id))


# ---- the price -------------------------------------------------------------------------------------------------------


def test_price__people_without_shares__pay_nothing(
    olga: SignedInClient, mia: SignedInClient, event: Event, share: Callable[..., UUID]
) -> None:
    def queries(client: SignedInClient, path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    before = queries(olga, f"{EVENTS}?{DAY}&limit=7")
    share()
    after = queries(olga, f"{EVENTS}?{DAY}&limit=8")
    shared = queries(mia, f"{EVENTS}?{DAY}&owner={of(olga)}&limit=8")
    for number in range(20):
        services.create_event(
            actor=olga.principal, title=f"More {number}", starts_at=NINE, ends_at=NINE + timedelta(hours=1)
        )
    more = queries(mia, f"{EVENTS}?{DAY}&owner={of(olga)}&limit=30")

    assert before == after
    assert shared == more == after + 1
