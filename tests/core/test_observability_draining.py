"""Leaving a running server: readiness turns traffic away first, and no request is dropped."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.live.server import ROOT, LiveServer, prepared

pytestmark = [pytest.mark.xdist_group("observability"), pytest.mark.slow]

DRAIN_SECONDS = 2
LIMIT = 30  # seconds; a slow shared machine, not a promise


@pytest.mark.parametrize("process", ["web", "all"])
def test_entrypoint__sigterm_under_load__drains_and_drops_nothing(process: str, tmp_path: Path) -> None:
    with prepared(tmp_path, WEB_CONCURRENCY="1", DRAIN_SECONDS=str(DRAIN_SECONDS), GIGVORA_PROCESS=process) as env:
        running = _enter(env)
        server = LiveServer(f"http://127.0.0.1:{env['PORT']}", tmp_path, env, running)
        _wait(lambda: _status(server, "/readiness") == 200)

        outcomes: list[tuple[float, int]] = []
        asking = threading.Thread(target=_ask, args=(server, outcomes), daemon=True)
        asking.start()
        time.sleep(0.3)
        running.send_signal(signal.SIGTERM)
        left = time.monotonic()

        _wait(lambda: _status(server, "/readiness") == 503)
        assert running.wait(timeout=LIMIT) == 0
        asking.join(LIMIT)
        before_the_end = left + DRAIN_SECONDS - 0.3  # the last moments are the closing door itself
        assert [status for moment, status in outcomes if moment < before_the_end and status != 200] == []
        assert len([moment for moment, status in outcomes if moment > left and status == 200]) > 10


def test_entrypoint__command_given__becomes_it(tmp_path: Path) -> None:
    shared = tmp_path / "metrics"
    shared.mkdir()
    (shared / "counter_1.db").touch()
    (tmp_path / "draining").touch()
    env = {**os.environ, "GIGVORA_HOME": str(tmp_path), "PROMETHEUS_MULTIPROC_DIR": str(shared)}

    told = subprocess.run(
        [ROOT / "deploy" / "entrypoint", "echo", "migrated"], env=env, capture_output=True, text=True, check=True
    )

    assert told.stdout == "migrated\n"
    assert list(shared.iterdir()) == []
    assert not (tmp_path / "draining").exists()


def test_entrypoint__mark_of_its_own__leaves_that_of_its_neighbours_in_the_same_home(tmp_path: Path) -> None:
    own, neighbours = tmp_path / "own", tmp_path / "draining"
    own.touch()
    neighbours.touch()
    env = {**os.environ, "GIGVORA_HOME": str(tmp_path), "DRAIN_FILE": str(own)}

    subprocess.run([ROOT / "deploy" / "entrypoint", "true"], env=env, check=True)

    assert not own.exists()
    assert neighbours.exists()


def _enter(env: dict[str, str]) -> "subprocess.Popen[bytes]":
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.Popen([ROOT / "deploy" / "entrypoint"], cwd=ROOT, env={**env, "PATH": path})


def _ask(server: LiveServer, outcomes: list[tuple[float, int]]) -> None:
    """One request after the other, each on a connection of its own, until the server is gone."""
    while server.process.poll() is None:
        outcomes.append((time.monotonic(), _status(server, "/health")))
        time.sleep(0.02)


def _status(server: LiveServer, path: str) -> int:
    """The status answered; 0 when there was no answer."""
    try:
        return httpx.get(f"{server.url}{path}", timeout=5).status_code
    except httpx.TransportError:
        return 0


def _wait(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
