"""The published document against the running server: thousands of requests, valid and not, find no lie."""

import os
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from tests.live.openapi_hooks import PERSON
from tests.live.server import ROOT, LiveServer, serve

pytestmark = [pytest.mark.xdist_group("openapi"), pytest.mark.slow]
# Only the server can know a cursor, a time zone or a used Idempotency-Key, so that "valid by its schema" is not
# yet acceptable; everything else is checked.
LEFT_OUT = "positive_data_acceptance"
# The document tells what apps get there; whoever does not ask for JSON by name gets a page with a form.
PAGES = r"/verify-email/\{token\}$"


@pytest.fixture(scope="module")
def unlimited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with serve(tmp_path_factory.mktemp("openapi"), RATE_LIMIT_SCALE="0") as server:
        httpx.post(f"{server.url}/v1/auth/register", json=PERSON).raise_for_status()
        yield server


def test_document__fuzzed__server_keeps_to_it(unlimited: LiveServer) -> None:
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{unlimited.url}/v1/openapi.json"),
        *("--phases", "examples,coverage,fuzzing", "--max-examples", "5", "--seed", "1"),
        *(
            "--exclude-path-regex",
            PAGES,
            "--exclude-checks",
            LEFT_OUT,
            "--continue-on-failure",
            "--no-color",
            "--warnings",
            "off",
        ),
    ]
    env = {**os.environ, "SCHEMATHESIS_HOOKS": "tests.live.openapi_hooks", "FUZZED_URL": unlimited.url}
    run = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2_000:]
