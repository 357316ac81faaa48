"""One server for the clients of this folder."""

from collections.abc import Iterator

import pytest

from tests.live.server import LiveServer, serve


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with serve(tmp_path_factory.mktemp("clients")) as running:
        yield running
