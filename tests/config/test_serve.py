"""What a process becomes, and in which environment."""

import os
import sys

import pytest

from config import serve


def _started(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> list[str]:
    """The command that this process would become; its environment is `os.environ`."""
    commands: list[list[str]] = []
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setattr(os, "execv", lambda program, command: commands.append([program, *command[1:]]))
    serve.main(list(arguments))
    return commands[0]


def test_web__starts__granian_with_two_blocking_threads_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    command = _started(monkeypatch, "web")

    assert command[:6] == [sys.executable, "-m", "granian", "--interface", "wsgi", "config.wsgi:application"]
    assert command[command.index("--blocking-threads") + 1] == "2"
    assert os.environ["GIGVORA_PROCESS"] == "web"


def test_web__starts__hands_large_blocks_of_memory_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MALLOC_MMAP_THRESHOLD_", raising=False)

    _started(monkeypatch, "web")

    assert os.environ["MALLOC_MMAP_THRESHOLD_"] == "1048576"


def test_web__threshold_is_chosen_outside__is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_MMAP_THRESHOLD_", "262144")

    _started(monkeypatch, "web")

    assert os.environ["MALLOC_MMAP_THRESHOLD_"] == "262144"
