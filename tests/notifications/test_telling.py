"""From events to inboxes: once each, in the reader's words."""

import string
from dataclasses import replace
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from accounts.models import User
from core.contributions.events import event_types, subscribers_of
from core.contributions.links import find_link
from core.contributions.notices import Category, Recipient, notices
from core.testing.jobs import CapturedJobs
from events.models import Delivery as EventDelivery
from events.services import dispatch, publish
from finance.events import PayoutFailed
from notifications import services
from notifications.models import Delivery, Notification
from notifications.serializers import CategoriesSerializer
from tests.accounts.actors import MakeUser
from tests.notifications.conftest import NOON, payout_paid, published, reminder_due, tell

pytestmark = pytest.mark.django_db


def test_tell__same_event_twice__one_row_and_one_mail(
    reader: User, enqueued_jobs: CapturedJobs, django_capture_on_commit_callbacks: Any
) -> None:
    event = payout_paid(reader)

    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            services.tell(event)

    assert Notification.objects.count() == Delivery.objects.count() == 1
    assert enqueued_jobs.names == ["notifications.send"]


def test_tell__german_reader_in_berlin__is_told_in_german_by_their_clock(make_user: MakeUser) -> None:
    reader = make_user(locale="de-DE", timezone="Europe/Berlin")

    due, paid = tell(reminder_due(reader)), tell(payout_paid(reader))

    assert due.message == "Beginnt in 15 min: 20.11.26, 13:15."
    assert paid.title == "Ausgezahlt: 420,00\xa0$"


def test_tell__unknown_language_and_zone__english_it_is(make_user: MakeUser) -> None:
    reader = make_user(locale="xx", timezone="Asia/Tokyo")

    assert tell(reminder_due(reader)).message == "Begins in 15 min: 11/20/26, 9:15\u202fPM."


def test_tell__title_with_braces__is_taken_as_it_is(reader: User) -> None:
    assert tell(reminder_due(reader, title="{owner_id} {0} {event.id}")).title == "{owner_id} {0} {event.id}"


def test_tell__title_too_long__is_cut(reader: User) -> None:
    title = tell(reminder_due(reader, title="x" * 255)).title

    assert title == "x" * 199 + "…"


def test_tell__moments_of_an_event__are_metadata_with_z(reader: User) -> None:
    said = {
        "mentor_id": str(reader.id), "mentee_id": str(uuid4()), "topic": "Pricing",
        "starts_at": "2026-12-04T17:30:00+00:00", "status": "approved",
    }  # fmt: skip

    session = tell(published("mentor.session.requested", said))

    assert session.metadata["starts_at"] == "2026-12-04T17:30:00Z"
    assert tell(reminder_due(reader)).metadata["starts_at"] == "2026-11-20T12:15:00Z"


def test_tell__unknown_or_closed_account__nothing(reader: User) -> None:
    reader.is_active = False
    reader.save()

    services.tell(payout_paid(reader))
    services.tell(published("finance.payout.paid", {"requested_by": str(uuid4()), "amount": 1, "currency": "USD"}))

    assert not Notification.objects.exists()


def test_tell__session_ended__only_of_a_reuse(reader: User) -> None:
    ended = {"user_id": str(reader.id), "device_id": str(uuid4())}

    services.tell(published("account.session.ended", {**ended, "reason": "logout"}))
    assert not Notification.objects.exists()
    told = tell(published("account.session.ended", {**ended, "reason": "reuse"}))

    assert (told.category, told.urgent, told.metadata["reason"]) == ("security", True, "reuse")
    assert not told.deliveries.exists()  # accounts writes that mail itself


def test_publish__of_a_noticed_event__reaches_the_inbox_through_the_outbox(reader: User) -> None:
    with transaction.atomic():
        publish(
            PayoutFailed(
                aggregate_id=uuid4(),
                requested_by=reader.id,
                workspace_id=uuid4(),
                amount=100,
                currency="EUR",
                reason="Refused by the bank",
            )
        )
    dispatch()

    assert EventDelivery.objects.get(subscriber="notifications.tell").status == EventDelivery.Status.DONE
    told = Notification.objects.get(user=reader)
    assert (told.title, told.message) == (
        "Your payout of €1.00 failed",
        "Refused by the bank. The money is back in your account.",
    )


@pytest.mark.parametrize("notice", notices(), ids=lambda notice: notice.key)
def test_notices__each__fits_its_event_and_leads_somewhere(notice: Any) -> None:
    event = next(kind for kind in event_types() if kind.name == notice.event)
    extra = {"what", "when", "written", "aggregate_id"}
    known = set(event.__dataclass_fields__) | extra
    asked = [notice.deep_link, *(text for words in notice.words.values() for text in (words.title, words.message))]

    assert {name for text in asked for _, name, _, _ in string.Formatter().parse(text) if name} <= known
    assert set(notice.metadata) <= known
    assert find_link(notice.deep_link.partition("{")[0]) is not None
    assert "notifications.tell" in subscribers_of(notice.event)


def test_categories__of_preferences__are_those_of_notices() -> None:
    assert set(CategoriesSerializer().fields) == {category.value for category in Category}


def test_recipient__without_a_zone__reads_utc() -> None:
    assert Recipient(uuid4()).written(NOON) == "11/20/26, 12:00\u202fPM"
    assert Recipient(uuid4(), "en-GB", ZoneInfo("Europe/London")).written(NOON) == "20/11/2026, 12:00"


def test_tell__session_cancelled__both_but_whoever_did_it(reader: User, other_freelancer: User) -> None:
    said = {
        "mentor_id": str(reader.id), "mentee_id": str(other_freelancer.id), "topic": "Pricing",
        "starts_at": NOON.isoformat(), "status": "cancelled",
    }  # fmt: skip
    event = published("mentor.session.cancelled", said)

    services.tell(replace(event, actor_id=reader.id))
    told = Notification.objects.get()
    assert (told.user_id, told.title) == (other_freelancer.id, "A session was cancelled")
    assert told.message == "Pricing: 11/20/26, 12:00\u202fPM."
    services.tell(event)

    assert Notification.objects.filter(event_id=event.id).count() == 2
