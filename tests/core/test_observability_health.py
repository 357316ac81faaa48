"""Liveness and readiness: what they ask, how long they take, and what a failing dependency changes."""

import threading
from pathlib import Path
from time import perf_counter

import pytest
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from core.observability import readiness
from core.observability.readiness import register_check


@pytest.fixture(autouse=True)
def alone(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No answers, checks or files of other tests; neither cache nor broker."""
    monkeypatch.setattr(readiness, "_runs", {})
    monkeypatch.setattr(readiness, "_registered", {})
    settings.DRAIN_FILE = tmp_path / "draining"
    settings.REDIS_URL = settings.CELERY_BROKER_URL = ""


@pytest.mark.django_db
def test_health__always__depends_on_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        response = Client().get("/health")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/health", "/readiness"])
@pytest.mark.django_db
def test_probe__head__same_status_without_a_body(path: str) -> None:
    response = Client().head(path)

    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("path", ["/health", "/readiness", "/metrics"])
def test_probe__unsafe_method__is_refused(path: str) -> None:
    assert Client().post(path).status_code == 405


@pytest.mark.django_db
def test_readiness__everything_works__ok() -> None:
    response = Client().get("/readiness")

    assert response.status_code == 200
    assert response.json() == {"status": "ok", "checks": {"database": "ok", "migrations": "ok"}}


@pytest.mark.django_db
def test_readiness__registered_check_fails__unavailable() -> None:
    register_check("change_feed", lambda: False)

    response = Client().get("/readiness")

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert response.json() == {
        "status": "unavailable",
        "checks": {"database": "ok", "migrations": "ok", "change_feed": "failing"},
    }


@pytest.mark.django_db
def test_readiness__check_raises__is_a_failure_and_no_500() -> None:
    def explode() -> bool:
        raise ConnectionError("postgres://app:hunter2@db is gone")

    register_check("change_feed", explode)

    response = Client().get("/readiness")

    assert response.status_code == 503
    assert response.json()["checks"]["change_feed"] == "failing"
    assert b"hunter2" not in response.content


@pytest.mark.django_db
def test_readiness__check_hangs__answers_within_a_second_and_starts_it_once() -> None:
    release, started = threading.Event(), []

    def hang() -> bool:
        started.append(1)
        return release.wait(10)

    register_check("slow", hang)
    for _ in range(2):
        before = perf_counter()
        response = Client().get("/readiness")
        assert perf_counter() - before < 1
        assert response.status_code == 503
        assert response.json()["checks"] == {"database": "ok", "migrations": "ok", "slow": "timeout"}

    release.set()
    assert len(started) == 1


@pytest.mark.django_db
def test_readiness__asked_often__asks_the_database_once_a_second() -> None:
    asked: list[int] = []

    def count() -> bool:
        asked.append(1)
        return True

    register_check("counted", count)

    for _ in range(5):
        assert Client().get("/readiness").status_code == 200

    assert len(asked) == 1


@pytest.mark.django_db
def test_readiness__cache_and_broker_lost__degraded_and_serving(settings: Settings) -> None:
    settings.REDIS_URL = settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"

    response = Client().get("/readiness")

    assert response.status_code == 200
    assert response.json() == {
        "status": "degraded",
        "checks": {"database": "ok", "migrations": "ok", "cache": "failing", "broker": "failing"},
    }


@pytest.mark.django_db
def test_readiness__migrations_missing__unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "TIMEOUT", 30.0)  # a slow machine loads migrations for longer than a probe waits
    monkeypatch.setattr(readiness._Migrations, "seen", False)
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *arguments: ["0002"])

    response = Client().get("/readiness")

    assert response.status_code == 503
    assert response.json()["checks"] == {"database": "ok", "migrations": "failing"}


def test_readiness__database_lost__unavailable_and_health_still_ok() -> None:
    # Without the database mark any query raises, as it does when the server is gone.
    response = Client().get("/readiness")

    assert response.status_code == 503
    assert response.json()["checks"]["database"] == "failing"
    assert Client().get("/health").status_code == 200


@pytest.mark.django_db
def test_readiness__draining__turns_traffic_away(settings: Settings) -> None:
    settings.DRAIN_FILE.touch()

    response = Client().get("/readiness")

    assert response.status_code == 503
    assert response.json() == {"status": "draining", "checks": {"database": "ok", "migrations": "ok"}}
    assert Client().get("/health").status_code == 200
