"""A receiver, an agency that has an endpoint there, and ways to let time pass."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from access.types import Principal
from accounts.models import User
from core.http.access import Audience
from core.outbound import client
from tests.accounts.actors import PrincipalOf, SignedInClient, SignIn
from tests.fakes.https import authority_file
from tests.webhooks.receiver import Receiver
from webhooks import services
from webhooks.models import Endpoint

EVENTS = ["freelancer.profile_updated", "freelancer.verified"]


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """Loopback is no place for webhooks, but for this one."""
    settings.OUTBOUND_CA_FILE = authority_file()
    client.breaker.forget()
    with Receiver() as server:
        settings.OUTBOUND_PRIVATE_HOSTS = frozenset({f"localhost:{server.port}"})
        yield server
    client.breaker.forget()
    client._strangers.cache_clear()


@pytest.fixture
def actor(agency: User, principal_of: PrincipalOf) -> Principal:
    return principal_of(agency, Audience.WEB)


@pytest.fixture
def endpoint(actor: Principal, receiver: Receiver) -> Endpoint:
    """The agency's endpoint at the receiver, which knows its secret."""
    made = services.register_endpoint(actor=actor, url=receiver.address, events=EVENTS)
    receiver.secrets.append(made.secret)
    return made


@pytest.fixture
def api_client(agency: User, sign_in: SignIn) -> SignedInClient:
    return sign_in(agency)
