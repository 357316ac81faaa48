"""Celery as the transport of jobs: what a broker's outage costs, and what workers and beat are told."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from celery import Celery
from django.conf import settings
from kombu.exceptions import OperationalError

from config import celery
from core import jobs

with_broker = pytest.mark.skipif(not settings.CELERY_BROKER_URL, reason="needs a broker: set REDIS_URL")


@pytest.fixture
def silent_broker() -> Iterator[Celery]:
    """A broker that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        app = Celery(broker=f"redis://127.0.0.1:{server.getsockname()[1]}/0", set_as_current=False)
        app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
        yield app


@pytest.mark.redis
@with_broker
def test_breaker__broker_silent__costs_under_a_second_once_and_then_nothing(silent_broker: Celery) -> None:
    breaker = celery.Breaker(silent_broker)

    first, second = time_to_fail(breaker), time_to_fail(breaker)

    assert first < 1.0
    assert second < 0.01


def time_to_fail(breaker: celery.Breaker) -> float:
    started = monotonic()
    with pytest.raises((OperationalError, ConnectionError)):
        breaker.ring("test.job", (), {"trace_id": "0" * 32})
    return monotonic() - started


@pytest.mark.redis
@with_broker
def test_ring__broker_up__sends_the_job_with_its_trace() -> None:
    with celery.app.connection_for_write() as connection, connection.SimpleQueue("celery") as messages:
        messages.clear()
        celery.ring("test.job", (1,), {"trace_id": "d" * 32})
        message = messages.get(timeout=2)
        message.ack()

    assert message.headers["task"] == "test.job"
    assert message.headers["trace_id"] == "d" * 32
    assert message.payload[0] == [1]


def test_worker__every_declared_job__is_a_task_and_periodic_ones_are_scheduled() -> None:
    periodic = {job.name: job.every for job in jobs.jobs() if job.every is not None}

    assert {job.name for job in jobs.jobs()} <= set(celery.app.tasks)
    assert periodic["events.dispatch"] == timedelta(seconds=10)
    assert {name: entry["schedule"] for name, entry in celery.app.conf.beat_schedule.items()} == periodic


@pytest.mark.django_db
def test_task__run_by_a_worker__runs_the_job_under_the_trace_of_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    performed: list[Any] = []
    monkeypatch.setattr(jobs, "perform", lambda *call: performed.append(call))

    celery.app.tasks["events.dispatch"].apply(headers={"trace_id": "e" * 32})

    assert performed == [("events.dispatch", (), {"trace_id": "e" * 32})]
