"""The examples, run as their readers run them: by Node, against a live server."""

import os
import re
import secrets
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.fakes.unreliable_proxy import UnreliableProxy
from tests.live.server import ROOT, LiveServer

PASSWORD = "correct horse battery staple"
NODE = shutil.which("node")
# The promise is none in 2,000; fewer are tried by default, as that takes minutes on a small machine.
REFRESHES = int(os.environ.get("REFRESHES", "400"))
PHONES = 5  # half of the sessions that one person may have

pytestmark = [
    pytest.mark.xdist_group("live"),
    pytest.mark.skipif(NODE is None, reason="Node.js is not installed; the examples are written in JavaScript"),
]


def _run(example: str, server: LiveServer, *, timeout: int = 60, **given: str) -> subprocess.CompletedProcess[str]:
    email = f"{secrets.token_hex(6)}@example.com"
    body = {"email": email, "password": PASSWORD, "full_name": "Ada Lovelace"}
    httpx.post(f"{server.url}/v1/auth/register", json=body).raise_for_status()
    env = {**os.environ, "BASE_URL": server.url, "EMAIL": email, "PASSWORD": PASSWORD, **given}
    command = [str(NODE), str(Path(ROOT) / "examples" / example)]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=timeout, check=False)


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


def test_jwt_auth_mobile__against_a_good_network__renews_once_for_all(server: LiveServer) -> None:
    run = _run("jwt-auth-mobile.js", server)

    assert run.returncode == 0, run.stderr
    assert run.stdout == "22 renewals, 0 answers asked for again, 0 times signed out.\n"


@pytest.mark.slow
def test_jwt_auth_mobile__over_an_unreliable_network__is_never_signed_out(unlimited_server: LiveServer) -> None:
    with UnreliableProxy(unlimited_server.url, late=1.0) as network:
        run = _run(
            "jwt-auth-mobile.js",
            unlimited_server,
            timeout=600,
            BASE_URL=network.url,
            PHONES=str(PHONES),
            ROUNDS=str(REFRESHES // PHONES),
            TIMEOUT="800",
        )

    assert run.returncode == 0, run.stderr
    found = re.fullmatch(r"(\d+) renewals, (\d+) answers asked for again, 0 times signed out\.\n", run.stdout)
    assert found, run.stdout
    assert int(found[1]) >= REFRESHES
    assert int(found[2]) > REFRESHES / 10, "this network was too good"
    assert all(network.counts[fate] for fate in (*network.fates, "passed")), network.counts
