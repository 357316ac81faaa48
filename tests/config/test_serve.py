"""What a process becomes, and in which environment."""

import os
import sys
from pathlib import Path

import pytest

from config import serve
from config.env import read_environment


def _started(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> list[str]:
    """The command that this process would become; its environment is `os.environ`."""
    commands: list[list[str]] = []
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setattr(os, "execv", lambda program, command: commands.append([program, *command[1:]]))
    serve.main(list(arguments))
    return commands[0]


def test_web__starts__granian_over_the_loaded_application(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _started(monkeypatch, "web") == [sys.executable, "-m", "config.web"]
    assert os.environ["GIGVORA_PROCESS"] == "web"


def test_web__starts__keeps_one_arena_of_memory_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    _started(monkeypatch, "web")
    assert os.environ["MALLOC_ARENA_MAX"] == "1"

    monkeypatch.setenv("MALLOC_ARENA_MAX", "4")
    _started(monkeypatch, "web")
    assert os.environ["MALLOC_ARENA_MAX"] == "4"


def test_all__no_broker_named__does_its_own_jobs_also_beside_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:6379/0")
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)
    _started(monkeypatch, "all")
    assert os.environ["CELERY_BROKER_URL"] == ""


def test_all__broker_named__leaves_jobs_to_workers_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://127.0.0.1:6379/3")
    _started(monkeypatch, "all")
    assert os.environ["CELERY_BROKER_URL"] == "redis://127.0.0.1:6379/3"
    assert "config.serve worker" in capsys.readouterr().out


def test_web__no_broker_named__rings_workers_over_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:6379/0")
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)
    _started(monkeypatch, "web")
    assert "CELERY_BROKER_URL" not in os.environ
    assert read_environment().celery_broker_url == "redis://127.0.0.1:6379/0"


def test_beat__starts__keeps_its_schedule_under_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GIGVORA_HOME", str(tmp_path))

    command = _started(monkeypatch, "beat")

    assert command[command.index("--schedule") + 1] == str(tmp_path / "celerybeat-schedule")


def test_admin__hosts__include_localhost_for_those_who_come_through_a_tunnel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "api.example.com")

    monkeypatch.setenv("GIGVORA_PROCESS", "web")
    assert read_environment().allowed_hosts == ("api.example.com",)
    monkeypatch.setenv("GIGVORA_PROCESS", "admin")
    assert read_environment().allowed_hosts == ("api.example.com", "localhost")


def test_drain_file__unless_set__lies_under_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GIGVORA_HOME", str(tmp_path))
    monkeypatch.delenv("DRAIN_FILE", raising=False)
    assert read_environment().drain_file == tmp_path / "draining"

    monkeypatch.setenv("DRAIN_FILE", "/tmp/leaving")  # noqa: S108  a name, and no file
    assert read_environment().drain_file == Path("/tmp/leaving")  # noqa: S108


def test_web__empty_directory_of_metrics__is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")

    _started(monkeypatch, "web")

    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ
