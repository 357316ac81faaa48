"""The examples, run as their readers run them: by Node, against a live server."""

import os
import secrets
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.live.server import ROOT, LiveServer

PASSWORD = "correct horse battery staple"
NODE = shutil.which("node")

pytestmark = [
    pytest.mark.xdist_group("live"),
    pytest.mark.skipif(NODE is None, reason="Node.js is not installed; the examples are written in JavaScript"),
]


def _run(example: str, server: LiveServer) -> subprocess.CompletedProcess[str]:
    email = f"{secrets.token_hex(6)}@example.com"
    body = {"email": email, "password": PASSWORD, "full_name": "Ada Lovelace"}
    httpx.post(f"{server.url}/v1/auth/register", json=body).raise_for_status()
    env = {**os.environ, "BASE_URL": server.url, "EMAIL": email, "PASSWORD": PASSWORD}
    command = [str(NODE), str(Path(ROOT) / "examples" / example)]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_api_versioning__old_and_new_release_on_one_server__each_in_its_own_words(server: LiveServer) -> None:
    run = _run("api-versioning.js", server)

    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == [
        '2024.06  title: "Kick-off", status: "confirmed", is_completed: false',
        '2024.09  title: "Kick-off", status: "confirmed"',
        '2024.09  title: "Kick-off", status: "completed"',
        '2024.06  title: "Kick-off", is_completed: false',
        "2024.05  426 upgrade_required: https://play.google.com/store/apps/details?id=com.gigvora.app",
        "Both releases work side by side.",
    ]
