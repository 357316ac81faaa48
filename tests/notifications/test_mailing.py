"""Mail as the second channel: what its reader wants, when they want it, and whatever dies meanwhile."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts.models import User
from notifications import services
from notifications.models import Delivery, Notification, Preferences
from notifications.quiet import quiet_until
from notifications.services import mailing
from notifications.tasks import send
from notifications.types import DeliveryStatus, QuietHours
from tests.accounts.actors import MakeUser, PrincipalOf
from tests.notifications.conftest import NOON, payout_paid, reminder_due, tell

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

BERLIN = ZoneInfo("Europe/Berlin")


def wish(reader: User, **columns: Any) -> None:
    Preferences.objects.update_or_create(user=reader, defaults=columns)


def status_of(told: Notification) -> str:
    return Delivery.objects.get(notification=told).status


def test_send__due__is_mailed_once_and_counts_as_delivered(reader: User) -> None:
    told = tell(payout_paid(reader))

    for _ in range(2):
        send()

    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["rita@example.com"], "Paid out: $420.00")
    assert "$420.00 were sent to your bank account." in sent.body
    assert f"/l/{told.deep_link}" in sent.body
    told.refresh_from_db()
    assert (told.delivered_at, status_of(told)) == (NOON, DeliveryStatus.SENT)


def test_send__title_with_markup__is_written_as_text(reader: User) -> None:
    tell(reminder_due(reader, title="<script>alert(1)</script>\r\nBcc: all@example.com"))

    send()

    [sent] = mail.outbox
    assert sent.subject == "<script>alert(1)</script> Bcc: all@example.com"
    assert "<script>" not in str(vars(sent)["alternatives"][0][0])


@pytest.mark.parametrize(
    "given", [{"email_verified_at": None}, {"is_active": False}], ids=["address not confirmed", "account closed"]
)
def test_send__nobody_to_write_to__is_given_up(reader: User, given: dict[str, Any]) -> None:
    told = tell(payout_paid(reader))
    User.objects.filter(id=reader.id).update(**given)

    send()

    assert (mail.outbox, status_of(told)) == ([], DeliveryStatus.UNREACHABLE)


def test_send__turned_off_or_read_before__stays_in_the_inbox(reader: User, principal_of: PrincipalOf) -> None:
    wish(reader, choices={"calendar": {"email": False}})
    unwanted, read = tell(reminder_due(reader)), tell(payout_paid(reader))
    services.mark_read(actor=principal_of(reader), notification_id=read.id)

    send()

    assert mail.outbox == []
    assert status_of(unwanted) == status_of(read) == DeliveryStatus.UNWANTED


def test_send__in_quiet_hours__waits_for_their_end(reader: User, clock: time_machine.Traveller) -> None:
    wish(reader, quiet_from=time(12), quiet_until=time(14), quiet_zone="Europe/Berlin")
    told = tell(payout_paid(reader))

    send()
    assert (mail.outbox, Delivery.objects.get().due_at) == ([], NOON + timedelta(hours=1))
    clock.shift(timedelta(hours=1))
    send()

    assert (len(mail.outbox), status_of(told)) == (1, DeliveryStatus.SENT)


def test_send__reminder_that_would_come_too_late__expires(reader: User) -> None:
    wish(reader, quiet_from=time(11), quiet_until=time(14), quiet_zone="UTC")
    told = tell(reminder_due(reader))

    send()

    assert (mail.outbox, status_of(told)) == ([], DeliveryStatus.EXPIRED)


def test_send__more_than_the_reader_wants_in_a_day__stops_until_the_next(
    reader: User, clock: time_machine.Traveller
) -> None:
    wish(reader, max_per_day=2)
    today = [tell(payout_paid(reader)) for _ in range(3)]
    send()
    assert [status_of(told) for told in today] == ["sent", "sent", "limited"]

    clock.shift(timedelta(hours=24, seconds=1))
    tomorrow = tell(payout_paid(reader))
    send()

    assert status_of(tomorrow) == "sent"


def test_send__mail_server_down__is_tried_again_ever_later_and_given_up(
    reader: User, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tell(payout_paid(reader))

    def refuse(*_: Any, **__: Any) -> None:
        raise ConnectionRefusedError("no server")

    monkeypatch.setattr("core.mail.deliver", refuse)
    send()
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.due_at) == ("pending", NOON + timedelta(seconds=30))
    assert delivery.error == "ConnectionRefusedError: no server"
    for _ in range(mailing.MAX_ATTEMPTS):
        clock.shift(timedelta(hours=2))
        send()

    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("failed", mailing.MAX_ATTEMPTS)
    told.refresh_from_db()
    assert told.delivered_at is None


def test_send__killed_while_sending__goes_out_after_the_lease_under_the_same_message_id(
    reader: User, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(payout_paid(reader))

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(mailing, "_finish", die)
        with pytest.raises(KeyboardInterrupt):
            send()
    send()
    assert len(mail.outbox) == 1  # the lease holds
    clock.shift(mailing.LEASE)
    send()

    first, second = mail.outbox
    assert first.extra_headers == second.extra_headers
    assert Delivery.objects.get().status == DeliveryStatus.SENT


def test_send__batches__leave_nobody_out(reader: User, make_user: MakeUser) -> None:
    readers = [reader, make_user(email_verified_at=timezone.now())]
    for number in range(mailing.BATCH + 3):
        tell(payout_paid(readers[number % 2]))

    send()

    assert len(mail.outbox) == mailing.BATCH + 3


@pytest.mark.parametrize(
    ("hours", "moment", "end"),
    [
        ((22, 7), "2026-11-20T21:30+00:00", "2026-11-21T06:00+00:00"),
        ((22, 7), "2026-11-21T05:59+00:00", "2026-11-21T06:00+00:00"),
        ((22, 7), "2026-11-21T06:00+00:00", None),
        ((22, 7), "2026-11-20T20:59+00:00", None),
        ((13, 15), "2026-11-20T12:30+00:00", "2026-11-20T14:00+00:00"),
        ((22, 7), "2026-10-24T22:30+00:00", "2026-10-25T06:00+00:00"),  # the night of 25 hours
        ((22, 7), "2027-03-27T22:30+00:00", "2027-03-28T05:00+00:00"),  # the night of 23
        ((7, 7), "2026-11-20T12:00+00:00", None),
    ],
)
def test_quiet_until__clock_on_the_wall__also_when_it_is_changed(
    hours: tuple[int, int], moment: str, end: str | None
) -> None:
    quiet = QuietHours(time(hours[0]), time(hours[1]), BERLIN)

    assert quiet_until(quiet, datetime.fromisoformat(moment)) == (datetime.fromisoformat(end) if end else None)
    assert quiet_until(None, datetime.now(UTC)) is None
