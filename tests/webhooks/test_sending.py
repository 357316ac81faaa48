"""What arrives at a receiver that verifies with the published library, and what becomes of failures."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from access.types import Principal
from accounts.events import FreelancerProfileUpdated, FreelancerReinstated, FreelancerVerified
from accounts.models import User
from core import context
from core.contributions.events import DomainEvent
from core.outbound import client
from core.testing.jobs import CapturedJobs
from events import services as events
from events.models import OutboxEvent
from tests.fakes.https import Reply
from tests.webhooks.receiver import Receiver
from webhooks import exchange, services
from webhooks.models import Attempt, Delivery, Endpoint
from webhooks.services import noting

pytestmark = pytest.mark.django_db


def happen(event: DomainEvent) -> UUID:
    """Publish an event from a phone and let its subscribers hear of it; returns its id."""
    with context.scope(context.Context(channel=context.Channel.IOS, trace_id="c" * 32)), transaction.atomic():
        events.publish(event)
    events.dispatch()
    return OutboxEvent.objects.filter(name=event.name).latest("id").id


def try_again() -> None:
    """Let the time pass until whatever waits is due, and send it."""
    Delivery.objects.filter(status="pending").update(due_at=timezone.now())
    Endpoint.objects.update(paused_until=None)
    client.breaker.forget()
    services.deliver_due()


def test_deliver__event_of_a_member__arrives_signed_thin_and_with_its_channel(
    receiver: Receiver, endpoint: Endpoint, agency: User
) -> None:
    event_id = happen(FreelancerProfileUpdated(aggregate_id=agency.id, changed="locale timezone"))

    assert services.deliver_due() == 1

    occurred = OutboxEvent.objects.get(id=event_id).occurred_at
    assert receiver.events == {
        str(event_id): {
            "type": "freelancer.profile_updated",
            "timestamp": occurred.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "channel": "mobile-ios",
            "data": {"id": str(agency.id), "changed": "locale timezone"},
        }
    }
    [request] = receiver.requests
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("Gigvora/")
    assert request.headers["traceparent"].split("-")[1] == "c" * 32
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.status_code, delivery.error) == ("delivered", 1, 204, "")
    assert services.deliver_due() == 0


def test_fan_out__others_events_and_unchosen_ones__go_nowhere(
    receiver: Receiver, endpoint: Endpoint, other_freelancer: User, agency: User
) -> None:
    happen(FreelancerVerified(aggregate_id=other_freelancer.id))
    happen(FreelancerReinstated(aggregate_id=agency.id))

    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "fault", [Reply(500), Reply(302, headers={"Location": "https://example.com/"}), Reply(404), Reply(401)]
)
def test_deliver__receiver_refuses__is_tried_again_by_the_schedule(
    receiver: Receiver, endpoint: Endpoint, agency: User, fault: Reply
) -> None:
    receiver.fault = fault
    event_id = happen(FreelancerVerified(aggregate_id=agency.id))
    services.deliver_due()

    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.status_code) == ("pending", 1, fault.status)
    assert timedelta(seconds=3) < delivery.due_at - timezone.now() < timedelta(seconds=6)
    assert len(receiver.requests) == 1  # and nothing was followed

    receiver.recover()
    try_again()

    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("delivered", 2)
    assert receiver.deliveries == {str(event_id): 1}
    assert [entry.status_code for entry in Attempt.objects.order_by("number")] == [fault.status, 204]
    endpoint.refresh_from_db()
    assert endpoint.failing_since is None


def test_schedule__whole__takes_75_hours() -> None:
    assert 75 <= sum(noting.SCHEDULE) / 3600 < 76
    assert len(noting.SCHEDULE) == 10


def test_deliver__secret_is_rotated__both_sign_for_a_day(
    receiver: Receiver, endpoint: Endpoint, actor: Principal, agency: User
) -> None:
    former = receiver.secrets[0]
    fresh = services.rotate_secret(actor=actor, endpoint_id=endpoint.id).secret
    assert fresh != former

    for number, known in enumerate(([former], [fresh]), start=1):
        receiver.secrets = known
        happen(FreelancerVerified(aggregate_id=agency.id))
        services.deliver_due()
        assert len(receiver.events) == number
    assert [len(request.headers["webhook-signature"].split()) for request in receiver.requests] == [2, 2]

    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1)):
        receiver.secrets = [former]
        happen(FreelancerVerified(aggregate_id=agency.id))
        services.deliver_due()
    assert len(receiver.requests[-1].headers["webhook-signature"].split()) == 1
    assert Delivery.objects.filter(status_code=401).count() == 1


def test_stored_secrets__any__are_sealed(endpoint: Endpoint) -> None:
    stored = bytes(Endpoint.objects.get().sealed_secret)

    assert endpoint.secret.startswith("whsec_")
    assert endpoint.secret.encode() not in stored


def test_job__rung_twice__sends_once(
    receiver: Receiver, endpoint: Endpoint, agency: User, enqueued_jobs: CapturedJobs
) -> None:
    happen(FreelancerVerified(aggregate_id=agency.id))
    enqueued_jobs.calls.append(("webhooks.deliver", ()))
    enqueued_jobs.run()

    assert len(receiver.requests) == 1
    assert json.loads(receiver.requests[0].body)["type"] == "freelancer.verified"


def test_module__timeout__is_fifteen_seconds() -> None:
    assert exchange.TIMEOUT == 15.0
