"""The runner inside the process: bounded, unshaken by failures, and it finishes what it has begun."""

import asyncio
import os
import queue
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from threading import Event, Semaphore, Thread
from time import monotonic, sleep
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.test import override_settings

from core import jobs, runner
from core.lifespan import Lifespan


@pytest.fixture(autouse=True)
def _only_our_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_jobs", {})


def drain(running: runner.Runner) -> None:
    """Let one thread run what waits."""
    worker = Thread(target=running.work)
    worker.start()
    while not running.is_idle:
        sleep(0.005)
    running.stop()
    worker.join(timeout=5)


def test_ring__job_waits_already__is_queued_once_per_arguments() -> None:
    ran: list[int] = []
    jobs.job(name="test.job")(ran.append)
    running = runner.Runner()
    for number in (1, 1, 2, 1):
        running.ring("test.job", (number,), {})

    drain(running)

    assert ran == [1, 2]


def test_ring__too_many_wait__refuses() -> None:
    running = runner.Runner(capacity=1)
    running.ring("test.job", (1,), {})

    with pytest.raises(queue.Full):
        running.ring("test.job", (2,), {})


def test_work__job_fails__goes_on_with_the_next(caplog: pytest.LogCaptureFixture) -> None:
    ran: list[str] = []
    jobs.job(name="test.bad")(lambda: 1 / 0)
    jobs.job(name="test.good")(lambda: ran.append("good"))
    running = runner.Runner()
    running.ring("test.bad", (), {})
    running.ring("test.good", (), {})

    drain(running)

    assert ran == ["good"]
    assert "The job test.bad failed." in caplog.text


def test_tick__periodic_jobs__ring_at_once_and_then_in_their_period(enqueued_jobs: Any) -> None:
    jobs.job(name="test.often", every=timedelta(milliseconds=20))(lambda: None)
    jobs.job(name="test.seldom", every=timedelta(hours=1))(lambda: None)
    jobs.job(name="test.never")(lambda: None)
    running = runner.Runner()

    running.tick()
    running.tick()
    assert enqueued_jobs.names == ["test.often", "test.seldom"]

    sleep(0.03)
    running.tick()
    assert enqueued_jobs.names == ["test.often", "test.seldom", "test.often"]


def test_ring__no_runner_in_this_process__is_lost_without_a_sound() -> None:
    runner.ring("test.job", (), {})


def test_embedded_jobs__shutdown__finishes_the_running_job_and_drops_the_rest() -> None:
    begun, ran = Semaphore(0), []

    def work(name: str) -> None:
        begun.release()
        sleep(0.3)
        ran.append(name)

    def ring_all() -> None:
        for name in "abcdef":
            jobs.ring("test.slow", (name,), {})

    jobs.job(name="test.slow")(work)

    async def live() -> None:
        async with runner.embedded_jobs():
            with override_settings(JOB_TRANSPORT="core.runner.ring"):
                thread = Thread(target=ring_all)
                thread.start()
                for _ in range(2):  # as many as run at once
                    await asyncio.to_thread(begun.acquire, timeout=5)

    asyncio.run(live())

    assert set(ran) == {"a", "b"}


def test_embedded_jobs__job_calls_into_the_event_loop__runs_on_the_servers_own_loop() -> None:
    loops: list[asyncio.AbstractEventLoop] = []
    done = Event()

    async def note_loop() -> None:
        loops.append(asyncio.get_running_loop())

    def work() -> None:
        async_to_sync(note_loop)()
        done.set()

    jobs.job(name="test.loop")(work)

    async def live() -> asyncio.AbstractEventLoop:
        async with runner.embedded_jobs():
            runner.ring("test.loop", (), {})
            await asyncio.to_thread(done.wait, 5)
        return asyncio.get_running_loop()

    assert loops == [asyncio.run(live())]


def test_lifespan__startup_and_shutdown__enter_and_leave_what_runs_beside() -> None:
    told: list[Any] = []

    class Beside:
        async def __aenter__(self) -> None:
            told.append("entered")

        async def __aexit__(self, *error: object) -> None:
            told.append("left")

    async def application(scope: Any, receive: Any, send: Any) -> None:
        told.append(scope["type"])

    async def live() -> None:
        lifespan = Lifespan(application, Beside)
        incoming: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        for kind in ("startup", "shutdown"):
            incoming.put_nowait({"type": f"lifespan.{kind}"})

        async def send(message: Any) -> None:
            told.append(message["type"])

        await lifespan({"type": "lifespan"}, incoming.get, send)
        await lifespan({"type": "http"}, incoming.get, send)

    asyncio.run(live())

    assert told == ["entered", "lifespan.startup.complete", "left", "lifespan.shutdown.complete", "http"]


@pytest.mark.slow
def test_run_jobs__sigterm__ends_cleanly_and_soon(tmp_path: Path) -> None:
    environment = os.environ | {"GIGVORA_HOME": str(tmp_path), "DATABASE_URL": "", "REDIS_URL": ""}
    command = [sys.executable, "manage.py", "run_jobs"]
    process = subprocess.Popen(
        command, env=environment, cwd=settings.PROJECT_DIR, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    while "Running jobs." not in process.stdout.readline():
        assert process.poll() is None

    asked = monotonic()
    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=10) == 0
    assert monotonic() - asked < 3.0
