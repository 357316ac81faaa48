"""One receiver, whatever it does, and one delivery, whatever is wrong with it, take no other delivery with them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import DatabaseError
from django.utils import timezone

from access.types import Principal
from accounts.models import User
from core.outbound import client
from tests.fakes.https import Reply
from tests.webhooks.conftest import EVENTS
from tests.webhooks.receiver import Receiver
from tests.webhooks.test_failures import verify
from tests.webhooks.test_sending import try_again
from webhooks import exchange, services, signatures
from webhooks.models import Attempt, Delivery, Endpoint
from webhooks.services import noting, sending
from webhooks.types import Claim, DeliveryStatus, Outcome

pytestmark = pytest.mark.django_db

FAR = "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"


@pytest.fixture
def healthy(endpoint: Endpoint) -> Endpoint:
    return endpoint


@pytest.fixture
def poisoned(actor: Principal, receiver: Receiver, healthy: Endpoint) -> Endpoint:
    """Another endpoint of the same agency, whose deliveries wait longest: they are claimed first."""
    return services.register_endpoint(actor=actor, url=receiver.address, events=EVENTS)


def happen_to(agency: User, first: Endpoint) -> None:
    """One event for each endpoint; that of `first` has waited longest."""
    verify(agency)
    Delivery.objects.filter(endpoint=first).update(due_at=timezone.now() - timedelta(minutes=1))


def fate(endpoint: Endpoint) -> tuple[str, int, str]:
    delivery = Delivery.objects.get(endpoint=endpoint)
    return delivery.status, delivery.attempts, delivery.error


@pytest.mark.parametrize(
    "asked",
    [FAR, "Mon, 01 Jan 2027 00:00:00 +99999999999999999999", "-5", "1.5", "\xb2", "(", ",", "x" * 50_000, "1, 2"],
)
def test_retry_after__that_nobody_can_read__asks_for_nothing(asked: str) -> None:
    assert exchange.retry_after({"retry-after": asked}) == 0.0


def test_retry_after__past_or_absurdly_far__is_within_a_day() -> None:
    assert exchange.retry_after({"retry-after": "Mon, 01 Jan 1990 00:00:00 GMT"}) == 0.0
    assert exchange.retry_after({"retry-after": "Mon, 01 Jan 2990 00:00:00 GMT"}) == 86_400.0
    assert exchange.retry_after({"retry-after": "Fri, 31 Dec 9999 23:59:59 -2359"}) == 86_400.0
    assert exchange.retry_after({"retry-after": "9" * 5_000}) == 86_400.0
    assert max(noting.SCHEDULE) == exchange.LONGEST_WAIT


def test_deliver__retry_after_overflows__is_tried_again_by_the_schedule(
    receiver: Receiver, healthy: Endpoint, agency: User
) -> None:
    receiver.fault = Reply(503, headers={"Retry-After": FAR})
    verify(agency)

    assert services.deliver_due() == 1

    assert fate(healthy) == ("pending", 1, "answered 503")
    assert timedelta(seconds=3) < Delivery.objects.get().due_at - timezone.now() < timedelta(seconds=6)


@pytest.mark.parametrize("location", ["https://xn--a/", "https://[v1.ab]/", "//xn--zzzzzz"])
def test_deliver__redirect_that_nobody_can_read__is_a_refusal_like_others(
    receiver: Receiver, healthy: Endpoint, agency: User, location: str
) -> None:
    receiver.fault = Reply(302, headers={"Location": location})
    verify(agency)
    services.deliver_due()

    assert fate(healthy) == ("pending", 1, "answered 302")


@pytest.mark.parametrize("url", ["https://[v1.ab]/x", "https://[example.com]/", "https://999.1.1.1/"])
def test_deliver__address_of_an_older_release_is_broken__fails_alone(
    receiver: Receiver, healthy: Endpoint, poisoned: Endpoint, agency: User, url: str
) -> None:
    Endpoint.objects.filter(id=poisoned.id).update(url=url)
    happen_to(agency, first=poisoned)

    assert services.deliver_due() == 2

    assert fate(healthy) == ("delivered", 1, "")
    assert fate(poisoned) == ("pending", 1, "url_not_allowed: the address does not lead to the public internet")
    assert Delivery.objects.get(endpoint=poisoned).due_at > timezone.now()
    poisoned.refresh_from_db()
    assert poisoned.failing_since is not None


@pytest.mark.usefixtures("receiver")
def test_deliver__library_fails__fails_alone_and_says_so(
    healthy: Endpoint,
    poisoned: Endpoint,
    agency: User,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    real = exchange._sent

    def sent(claim: Claim) -> Any:
        return 1 // 0 if claim.endpoint_id == poisoned.id else real(claim)

    monkeypatch.setattr(exchange, "_sent", sent)
    happen_to(agency, first=poisoned)

    assert services.deliver_due() == 2

    assert fate(healthy) == ("delivered", 1, "")
    assert fate(poisoned) == ("pending", 1, "failed: ZeroDivisionError")
    assert Attempt.objects.get(delivery__endpoint=poisoned).error == "failed: ZeroDivisionError"
    [entry] = [record for record in caplog.records if record.name == "webhooks.exchange"]
    assert entry.levelname == "ERROR"
    assert entry.exc_info is not None


def test_deliver__exchange_raises_after_all__fails_alone(
    receiver: Receiver, healthy: Endpoint, poisoned: Endpoint, agency: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = exchange.exchange

    def raising(claim: Claim) -> Outcome:
        if claim.endpoint_id == poisoned.id:
            raise SystemExit
        return real(claim)

    monkeypatch.setattr(sending, "exchange", raising)
    happen_to(agency, first=poisoned)

    assert services.deliver_due() == 2

    assert fate(healthy) == ("delivered", 1, "")
    assert fate(poisoned) == ("pending", 1, "failed: SystemExit")


def test_deliver__outcome_cannot_be_noted__others_are(
    receiver: Receiver, healthy: Endpoint, poisoned: Endpoint, agency: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = noting.note

    def note(*, claim: Claim, outcome: Outcome) -> None:
        if claim.endpoint_id == poisoned.id:
            raise DatabaseError
        real(claim=claim, outcome=outcome)

    monkeypatch.setattr(sending, "note", note)
    happen_to(agency, first=poisoned)

    assert services.deliver_due() == 2

    assert fate(healthy) == ("delivered", 1, "")
    assert fate(poisoned) == ("pending", 1, "")
    assert Delivery.objects.flying(timezone.now()).count() == 1  # until its lease runs out


def test_deliver__claiming_fails__what_flies_is_noted(
    receiver: Receiver, healthy: Endpoint, agency: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sending.claims

    def claims(room: int) -> Iterator[Claim]:
        yield from real(room)
        raise DatabaseError

    monkeypatch.setattr(sending, "claims", claims)
    verify(agency)

    with pytest.raises(DatabaseError):
        services.deliver_due()

    assert fate(healthy) == ("delivered", 1, "")


def test_deliver__secret_cannot_be_opened__fails_alone(
    receiver: Receiver, healthy: Endpoint, poisoned: Endpoint, agency: User
) -> None:
    foreign = signatures.sealed(signatures.new_secret(), endpoint_id=healthy.id)
    Endpoint.objects.filter(id=poisoned.id).update(sealed_secret=foreign)
    happen_to(agency, first=poisoned)

    assert services.deliver_due() == 2

    assert fate(healthy) == ("delivered", 1, "")
    assert fate(poisoned) == ("pending", 1, "failed: InvalidTag")


def test_r6__sender_is_killed_every_time__is_given_up_after_the_schedule(
    receiver: Receiver, healthy: Endpoint, poisoned: Endpoint, agency: User, actor: Principal
) -> None:
    verify(agency)
    Delivery.objects.filter(endpoint=healthy).update(due_at=timezone.now() + timedelta(minutes=20))
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in noting.SCHEDULE:
            assert len(list(sending.claims(16))) == 1  # and then it dies
            clock.shift(timedelta(seconds=61))
        Delivery.objects.filter(endpoint=healthy).update(due_at=timezone.now() + timedelta(microseconds=-1))

        assert [claim.endpoint_id for claim in sending.claims(16)] == [healthy.id]

    lost = Delivery.objects.get(endpoint=poisoned)
    assert (lost.status, lost.attempts, lost.fence, lost.leased_until) == ("failed", 10, 10, None)
    assert (lost.error, lost.finished_at is None) == ("given up: it is not known how the last attempt went", False)
    poisoned.refresh_from_db()
    assert (poisoned.status, poisoned.failing_since) == ("active", None)  # that was not its fault
    receiver.secrets.append(poisoned.secret)
    assert services.replay_failed(actor=actor, endpoint_id=poisoned.id, since=lost.created_at) == 1
    try_again()
    assert fate(poisoned)[:2] == ("delivered", 1)


def test_note__nothing_was_sent_but_a_replay_has_begun_to_count_anew__stays_at_none(
    receiver: Receiver, healthy: Endpoint, agency: User
) -> None:
    verify(agency)
    [lost] = sending.claims(1)
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        services.again(Delivery.objects.all())
        noting.note(claim=lost, outcome=Outcome(error="left alone", wait=1.0, was_sent=False))

    assert fate(healthy)[:2] == (DeliveryStatus.PENDING, 0)


def test_deliver__receiver_sets_a_cookie__no_other_delivery_has_it(
    receiver: Receiver, healthy: Endpoint, poisoned: Endpoint, agency: User
) -> None:
    receiver.fault = Reply(200, headers={"Set-Cookie": "tenant=one; Path=/; Secure"})
    verify(agency)
    services.deliver_due()
    client.breaker.forget()
    verify(agency)
    services.deliver_due()

    assert [request.headers.get("cookie") for request in receiver.requests] == [None] * 4


def test_claim__shown__tells_no_secret(receiver: Receiver, healthy: Endpoint, agency: User) -> None:
    verify(agency)
    [claim] = sending.claims(1)

    assert isinstance(claim.delivery_id, UUID)
    assert receiver.secrets[0] not in repr(claim)
