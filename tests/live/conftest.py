"""One server for all tests of this folder: they share it as strangers share a deployment."""

from collections.abc import Iterator

import pytest

from tests.fakes.https import authority_file
from tests.live.people import run_python
from tests.live.server import LiveServer, serve
from tests.webhooks.receiver import Receiver

_FLAGS_OFF = """
from uuid import UUID
from experiments.services import set_flag
from experiments.types import Setting, State
for name in ("mobile_launchpad_v2", "mobile_wallet_insights_v2"):
    set_flag(actor=UUID(int=1), name=name, setting=Setting(state=State.OFF), reason="smoke")
"""


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    """An integrator's server, which the shared server may call although it is on this machine."""
    with Receiver() as running:
        yield running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[LiveServer]:
    """The embedded default: without a broker, its one process does all work, also what is done later."""
    outbound = {"OUTBOUND_CA_FILE": authority_file(), "OUTBOUND_PRIVATE_HOSTS": f"localhost:{receiver.port}"}
    with serve(tmp_path_factory.mktemp("live"), CELERY_BROKER_URL="", **outbound) as running:
        yield running


@pytest.fixture(scope="session")
def demo(server: LiveServer) -> LiveServer:
    """The shared server with its demo people and all that is theirs."""
    server.manage("seed_demo")
    return server


@pytest.fixture(scope="session")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with the limits of production, and both feature flags of the release switched off."""
    home = tmp_path_factory.mktemp("strict")
    with serve(home, RATE_LIMIT_SCALE="1", CELERY_BROKER_URL="") as running:
        run_python(running, _FLAGS_OFF)  # before anybody has asked for a flag
        yield running
