"""Server processes: start, wait for the first answer, weigh, stop. Not here: what they serve (`bench/peers/`)."""

import contextlib
import http.client
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
START_TIMEOUT = 60.0  # seconds
STOP_TIMEOUT = 10.0  # seconds
POLL_INTERVAL = 0.004  # seconds
IDLE_INTERVAL = 0.1  # seconds; ten of the clock's ticks
_TICKS = os.sysconf("SC_CLK_TCK")


class ServerFailed(Exception):
    """A server did not start; carries the end of its log."""


@dataclass(slots=True)
class Server:
    """One process tree under a session of its own, so that it can be weighed and ended as a whole."""

    name: str
    command: Sequence[str | Path]
    port: int
    ready_path: str
    log: Path
    cwd: Path
    env: Mapping[str, str] = field(default_factory=dict)
    ready_status: int = 200
    startup_seconds: float = 0.0
    _process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        started = time.perf_counter()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(part) for part in self.command],
                cwd=self.cwd,
                env={**os.environ, **self.env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self._wait_until_ready(started + START_TIMEOUT)
        except BaseException:
            self.stop()
            raise
        self.startup_seconds = time.perf_counter() - started
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        if self._process is None:
            return
        self._signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_TIMEOUT)
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._process = None

    def memory_mb(self) -> float:
        """Proportional set size of the whole tree: shared pages are counted once."""
        return sum(_pss_kb(pid) for pid in self._pids()) / 1024

    def cpu_seconds(self) -> float:
        return sum(_cpu_ticks(pid) for pid in self._pids()) / _TICKS

    def wait_until_idle(self) -> None:
        """Let it finish what abandoned connections had asked for, so that the next run does not pay for it."""
        deadline = time.perf_counter() + START_TIMEOUT
        before, now = -1.0, self.cpu_seconds()
        while now > before and time.perf_counter() < deadline:
            time.sleep(IDLE_INTERVAL)
            before, now = now, self.cpu_seconds()

    def _pids(self) -> Iterator[int]:
        assert self._process is not None
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and _session(int(entry.name)) == self._process.pid:
                yield int(entry.name)

    def _signal(self, number: int) -> None:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def _wait_until_ready(self, deadline: float) -> None:
        assert self._process is not None
        while time.perf_counter() < deadline:
            if self._process.poll() is not None:
                break
            if _status(self.port, self.ready_path) == self.ready_status:
                return
            time.sleep(POLL_INTERVAL)
        tail = self.log.read_text(errors="replace")[-2000:]
        raise ServerFailed(f"{self.name} did not answer {self.ready_path} on port {self.port}.\n{tail}")


def _status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the command's name, or nothing if the process has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _session(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[3]) if fields else 0


def _cpu_ticks(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[11]) + int(fields[12]) if fields else 0


def _pss_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
