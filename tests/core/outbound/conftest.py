"""A peer over real HTTPS, and a breaker that remembers nothing of the test before."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from core.outbound import client
from tests.fakes.https import HttpsServer, Reply, Request, authority_file


def echo(request: Request) -> Reply:
    return Reply.json({"method": request.method, "query": dict(request.query), "form": dict(request.form)})


@pytest.fixture(autouse=True)
def _trusting(settings: Settings) -> Iterator[None]:
    settings.OUTBOUND_CA_FILE = authority_file()
    client.breaker.forget()
    yield
    client.breaker.forget()
    client._providers.cache_clear()  # connections outlive the peer that a test has made
    client._strangers.cache_clear()


@pytest.fixture
def peer() -> Iterator[HttpsServer]:
    """Answers on `/echo`, as localhost and as `hooks.example.com`."""
    with HttpsServer({("GET", "/echo"): echo, ("POST", "/echo"): echo}, "localhost", "hooks.example.com") as server:
        yield server
