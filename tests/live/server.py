"""A real server in a process of its own, on a database of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.live.databases import migrated_copy

ROOT = Path(__file__).resolve().parent.parent.parent
START_LIMIT = 30  # seconds; a slow shared machine, not a promise


@dataclass(frozen=True, slots=True)
class LiveServer:
    url: str
    home: Path
    env: dict[str, str]
    process: subprocess.Popen[bytes]

    @property
    def mails(self) -> list[str]:
        """The mails sent so far, oldest first."""
        folder = self.home / "outbox" / "mail"
        return [path.read_text() for path in sorted(folder.glob("*"))] if folder.exists() else []

    def manage(self, *arguments: str) -> str:
        """Run a management command against the same database."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self.env, check=True, capture_output=True, text=True).stdout


@contextmanager
def prepared(home: Path, **overrides: str) -> Iterator[dict[str, str]]:
    """The environment of a server to be: a migrated database of its own and a free port."""
    with migrated_copy(home) as database:
        env = {**os.environ, "GIGVORA_HOME": str(home), "PORT": str(_free_port()), "ENVIRONMENT": "test", **overrides}
        yield {**env, **database}


@contextmanager
def serve(home: Path, process: str = "all", **overrides: str) -> Iterator[LiveServer]:
    """Take a migrated database without rows, start `process` on a free port and stop it again."""
    with prepared(home, **overrides) as env, _running(home, process, env) as server:
        yield server


@contextmanager
def beside(server: LiveServer, process: str = "all") -> Iterator[LiveServer]:
    """One more process on the database of `server`, from nothing until it is healthy."""
    env = {**server.env, "PORT": str(_free_port())}
    with _running(server.home, process, env) as fresh:
        yield fresh


@contextmanager
def _running(home: Path, process: str, env: dict[str, str]) -> Iterator[LiveServer]:
    running = subprocess.Popen([sys.executable, "-m", "config.serve", process], cwd=ROOT, env=env)
    server = LiveServer(f"http://127.0.0.1:{env['PORT']}", home, env, running)
    try:
        _wait_until_healthy(server)
        yield server
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(timeout=START_LIMIT)


def _wait_until_healthy(server: LiveServer) -> None:
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise RuntimeError(f"The server ended with status {server.process.returncode}.")
        try:
            if httpx.get(f"{server.url}/health", timeout=2).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise TimeoutError("The server did not become healthy.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
