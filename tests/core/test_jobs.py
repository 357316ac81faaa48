"""Declaring, enqueueing and running jobs, whatever carries the bell."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import override_settings

from core import context, jobs
from core.testing.jobs import CapturedJobs


@pytest.fixture(autouse=True)
def _no_other_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_jobs", {})


def refuse(name: str, args: tuple[Any, ...], headers: dict[str, str]) -> None:
    raise ConnectionError("no broker")


@pytest.mark.django_db(transaction=True)
def test_enqueue__inside_a_transaction__rings_after_the_commit(enqueued_jobs: CapturedJobs) -> None:
    with transaction.atomic():
        jobs.enqueue("test.job", 1)
        assert enqueued_jobs.calls == []

    assert enqueued_jobs.calls == [("test.job", (1,))]


@pytest.mark.django_db(transaction=True)
def test_enqueue__rolled_back__rings_never(enqueued_jobs: CapturedJobs) -> None:
    with transaction.atomic():
        jobs.enqueue("test.job", 1)
        transaction.set_rollback(True)

    assert enqueued_jobs.calls == []


@pytest.mark.django_db(transaction=True)
def test_enqueue__broker_down__neither_fails_nor_is_silent(caplog: pytest.LogCaptureFixture) -> None:
    counted = jobs.NOT_ENQUEUED.labels("test.job")
    before = counted._value.get()

    with override_settings(JOB_TRANSPORT=f"{__name__}.refuse"):
        jobs.enqueue("test.job")

    assert counted._value.get() == before + 1
    assert "Could not enqueue test.job" in caplog.text


@pytest.mark.django_db
def test_perform__enqueued_under_a_trace__runs_under_it_as_the_system() -> None:
    seen: list[context.Context] = []
    jobs.job(name="test.job")(lambda: seen.append(context.current()))
    with context.scope(context.Context(trace_id="c" * 32, user_id=str(uuid4()))):
        headers = jobs.headers()

    jobs.perform("test.job", (), headers)

    assert [(now.trace_id, now.channel, now.user_id) for now in seen] == [("c" * 32, "system", "")]


def test_job__declared__keeps_the_function_and_its_period() -> None:
    def work() -> str:
        return "done"

    declared = jobs.job(name="test.job", every=timedelta(minutes=1))(work)

    assert declared is work
    assert jobs.jobs() == (jobs.Job("test.job", work, timedelta(minutes=1)),)


def test_job__name_taken_in_another_module__is_refused() -> None:
    jobs.job(name="test.job")(lambda: None)

    def work() -> None: ...

    work.__module__ = "elsewhere"
    with pytest.raises(ValueError, match=r"Two jobs are called 'test\.job'"):
        jobs.job(name="test.job")(work)


def test_captured_jobs__run__runs_each_twice_and_what_it_enqueues(enqueued_jobs: CapturedJobs) -> None:
    ran: list[str] = []

    @jobs.job(name="test.first")
    def first() -> None:
        ran.append("first")
        jobs.ring("test.second", (), {})

    jobs.job(name="test.second")(lambda: ran.append("second"))
    jobs.ring("test.first", (), {})

    enqueued_jobs.run()

    assert ran == ["first", "first", "second", "second", "second", "second"]
