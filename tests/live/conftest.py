"""One server for all tests of this folder: they share it as strangers share a deployment."""

from collections.abc import Iterator

import pytest

from tests.live.server import LiveServer, serve


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with serve(tmp_path_factory.mktemp("live")) as running:
        yield running
