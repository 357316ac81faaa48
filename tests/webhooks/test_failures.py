"""What becomes of receivers that fail in every way (promise R6), and of senders that are killed."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as configured
from django.core import mail
from django.utils import timezone
from pytest_django import Settings

from access.models import AuditEntry
from access.types import Principal
from accounts.events import FreelancerVerified
from accounts.models import User
from core.outbound import client
from core.testing.races import race
from events import services as events
from tests.fakes.https import Reply
from tests.webhooks.receiver import Receiver
from tests.webhooks.test_sending import happen, try_again
from webhooks import exchange, services
from webhooks.models import Attempt, Delivery, Endpoint
from webhooks.services import sending
from webhooks.services.noting import note
from webhooks.types import Outcome

pytestmark = pytest.mark.django_db


def verify(user: User) -> str:
    return str(happen(FreelancerVerified(aggregate_id=user.id)))


def test_r6__receiver_is_silent_or_drips__is_left_in_time_and_tried_again(
    receiver: Receiver, endpoint: Endpoint, agency: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "TIMEOUT", 0.4)
    verify(agency)
    receiver.hang = 3.0
    services.deliver_due()
    receiver.recover()
    receiver.fault, receiver.drip = Reply(200, b"x" * 100), 0.05
    try_again()

    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempts) == ("pending", 2)
    assert delivery.error.startswith("no answer: ")
    assert all(350 <= entry.latency_ms < 2000 for entry in Attempt.objects.all())


def test_r6__answer_without_end__is_not_read(receiver: Receiver, endpoint: Endpoint, agency: User) -> None:
    receiver.fault = Reply(200, b"x" * 70_000)
    verify(agency)
    services.deliver_due()

    assert Delivery.objects.get().error == "the answer is larger than 64 KB, or compressed"


def test_r6__gone__disables_at_once_gives_up_what_waits_and_tells_the_owner(
    receiver: Receiver, endpoint: Endpoint, agency: User
) -> None:
    receiver.fault = Reply(410)
    verify(agency)
    services.deliver_due()
    events.dispatch()

    endpoint.refresh_from_db()
    assert (endpoint.status, endpoint.disabled_reason) == ("disabled", "gone")
    assert set(Delivery.objects.values_list("status", flat=True)) == {"failed"}
    [message] = mail.outbox
    assert (message.to, message.subject) == ([agency.email], "Your webhook endpoint was disabled")
    assert receiver.address in message.body
    assert "410" in message.body
    assert AuditEntry.objects.filter(action="webhook.disabled").count() == 1


def test_r6__everything_fails_for_three_days__is_switched_off_and_what_was_missed_can_be_replayed(
    receiver: Receiver, endpoint: Endpoint, agency: User, actor: Principal
) -> None:
    receiver.fault = Reply(500)
    began = timezone.now()
    ids = [verify(agency) for _ in range(3)]
    with time_machine.travel(began) as clock:
        while Endpoint.objects.filter(status="active").exists():  # the breaker lets one of them through at times
            client.breaker.forget()
            services.deliver_due()
            clock.shift(timedelta(hours=27))
        ids.append(verify(agency))  # while it is disabled
    events.dispatch()

    endpoint.refresh_from_db()
    assert (endpoint.status, endpoint.disabled_reason) == ("disabled", "failing")
    assert sorted(Delivery.objects.values_list("attempts", "status")) == [
        (0, "failed"), (10, "failed"), (10, "failed"), (10, "failed"),
    ]  # fmt: skip
    assert len(receiver.requests) == 30
    assert mail.outbox[-1].to == [agency.email]

    receiver.recover()
    services.enable_endpoint(actor=actor, endpoint_id=endpoint.id)
    assert services.replay_failed(actor=actor, endpoint_id=endpoint.id, since=began) == 4
    try_again()
    assert receiver.deliveries == dict.fromkeys(ids, 1)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_r6__receiver_asks_for_time__gets_it_for_everything(
    receiver: Receiver, endpoint: Endpoint, agency: User, status: int
) -> None:
    receiver.fault = Reply(status, headers={"Retry-After": "120"})
    verify(agency)
    services.deliver_due()
    waiting = Delivery.objects.get()
    receiver.recover()
    verify(agency)
    client.breaker.forget()

    assert services.deliver_due() == 0
    assert timedelta(seconds=110) < waiting.due_at - timezone.now() <= timedelta(seconds=120)
    with time_machine.travel(timezone.now() + timedelta(seconds=121)):
        services.deliver_due()
        assert len(receiver.events) == 2


def test_retry_after__as_a_date__is_read() -> None:
    with time_machine.travel("2026-11-21T10:00:00Z", tick=False):
        assert exchange.retry_after({"retry-after": "Sat, 21 Nov 2026 10:01:00 GMT"}) == 60.0
    assert exchange.retry_after({"retry-after": "soon"}) == 0.0
    assert exchange.retry_after({"retry-after": "9" * 40}) == 86_400.0
    assert exchange.retry_after({}) == 0.0


def test_row_53__address_turns_private_after_it_was_registered__nothing_is_sent(
    receiver: Receiver, endpoint: Endpoint, agency: User, settings: Settings
) -> None:
    verify(agency)
    settings.OUTBOUND_PRIVATE_HOSTS = frozenset()  # now the name leads to loopback, as after DNS rebinding
    Endpoint.objects.update(url="https://localhost/hooks")
    services.deliver_due()

    delivery = Delivery.objects.get()
    assert delivery.error.startswith("url_not_allowed")
    assert (delivery.status, receiver.connections) == ("pending", 0)


def test_r6__sender_dies_with_a_lease__is_sent_again_under_the_same_id(
    receiver: Receiver, endpoint: Endpoint, agency: User
) -> None:
    event_id = verify(agency)
    [lost] = sending.claims(1)
    exchange.exchange(lost)  # it arrived, and nobody noted it

    assert services.deliver_due() == 0  # the lease holds
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert services.deliver_due() == 1

    assert receiver.deliveries == {event_id: 2}
    assert list(receiver.events) == [event_id]  # the receiver did its work once


def test_r6__lease_was_lost__its_late_note_changes_nothing(
    receiver: Receiver, endpoint: Endpoint, agency: User
) -> None:
    verify(agency)
    [lost] = sending.claims(1)
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        services.deliver_due()
    note(claim=lost, outcome=Outcome(status=500, error="answered 500"))

    assert Delivery.objects.get().status == "delivered"
    assert Attempt.objects.count() == 1


def test_bound__many_due__four_fly_to_one_endpoint_at_once(
    receiver: Receiver, endpoint: Endpoint, agency: User
) -> None:
    for _ in range(6):
        verify(agency)

    assert len(list(sending.claims(16))) == sending.MOST_AT_ONCE
    assert list(sending.claims(16)) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
@pytest.mark.skipif("postgresql" not in configured.DATABASES["default"]["ENGINE"], reason="needs row locks")
def test_r6__two_workers_at_once__deliver_each_once(receiver: Receiver, endpoint: Endpoint, agency: User) -> None:
    receiver.hang = 0.05
    ids = [verify(agency) for _ in range(12)]

    made = race(services.deliver_due, services.deliver_due)

    assert sum(made) == 12  # type: ignore[arg-type]
    assert receiver.deliveries == dict.fromkeys(ids, 1)
    assert set(Delivery.objects.values_list("status", "attempts")) == {("delivered", 1)}
