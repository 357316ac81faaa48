"""Abuse case 54, at the receiver: the forged, the old and the re-serialised is refused; the repeated is done once."""

import json
from datetime import timedelta

import httpx
import pytest
import time_machine
from django.utils import timezone

from accounts.models import User
from tests.fakes.https import Request, trusting
from tests.webhooks.receiver import Receiver
from tests.webhooks.test_failures import verify
from webhooks import services, signatures
from webhooks.models import Endpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def genuine(receiver: Receiver, endpoint: Endpoint, agency: User) -> Request:
    """A request of ours as the receiver has got it, once."""
    verify(agency)
    services.deliver_due()
    [request] = receiver.requests
    return request


def send(receiver: Receiver, request: Request, body: bytes | None = None, **changed: str) -> int:
    own = {name: value for name, value in request.headers.items() if name.startswith("webhook-")}
    headers = own | {name.replace("_", "-"): value for name, value in changed.items()}
    content = request.body if body is None else body
    return httpx.post(receiver.address, content=content, headers=headers, verify=trusting()).status_code


def test_row_54__forged_signature__is_refused(receiver: Receiver, genuine: Request) -> None:
    forged = signatures.sign(
        signatures.new_secret(),
        message_id=genuine.headers["webhook-id"],
        timestamp=int(genuine.headers["webhook-timestamp"]),
        body=genuine.body,
    )

    assert send(receiver, genuine, webhook_signature=forged) == 401
    assert send(receiver, genuine, webhook_id="another") == 401
    assert send(receiver, genuine, webhook_timestamp=str(int(genuine.headers["webhook-timestamp"]) + 1)) == 401
    assert receiver.deliveries.total() == 1


def test_row_54__old_timestamp__is_refused(receiver: Receiver, genuine: Request) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert send(receiver, genuine) == 401


def test_row_54__body_re_serialised__is_refused(receiver: Receiver, genuine: Request) -> None:
    again = json.dumps(json.loads(genuine.body)).encode()  # the same, with spaces

    assert again != genuine.body
    assert send(receiver, genuine, again) == 401


def test_row_54__genuine_one_repeated__is_processed_once(receiver: Receiver, genuine: Request) -> None:
    assert send(receiver, genuine) == 204
    assert receiver.deliveries == {genuine.headers["webhook-id"]: 2}
    assert len(receiver.events) == 1


def test_signature__published_vector__is_the_same() -> None:
    # the example of the specification's own libraries
    signed = signatures.sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
