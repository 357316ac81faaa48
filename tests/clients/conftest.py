"""One server for the clients of this folder."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.node import HERE, NPM
from tests.live.server import LiveServer, serve


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with serve(tmp_path_factory.mktemp("clients")) as running:
        yield running


@pytest.fixture
def unlimited_server(tmp_path: Path) -> Iterator[LiveServer]:
    """One that lets a single client ask as often as it likes."""
    with serve(tmp_path, RATE_LIMIT_SCALE="0") as running:
        yield running


@pytest.fixture(scope="session")
def packages() -> None:
    """What `javascript/package-lock.json` names, fetched unless it is there."""
    if (HERE / "node_modules").exists():
        return
    command = [str(NPM), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    fetched = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=180, check=False)
    if fetched.returncode:
        pytest.skip(f"npm ci in {HERE} failed, so its packages are missing: {fetched.stderr.strip()[-300:]}")
