"""The published document against the running server: thousands of requests, valid and not, find no lie."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from tests.live.server import ROOT, LiveServer, serve

# A group of more than one test is begun early, so that no other process has to wait for the longest in the end.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("openapi")]
SURFACES = {"v1": r"^/v1/", "others": r"^/(?!v1/)"}
CONFIG = Path(__file__).with_name("schemathesis.toml")
# Only the server can know a cursor, a time zone or a used Idempotency-Key, so that "valid by its schema" is not
# yet acceptable; everything else is checked.
LEFT_OUT = "positive_data_acceptance"
# The document tells what apps get there; whoever does not ask for JSON by name gets a page with a form.
PAGES = r"/verify-email/\{token\}$"


@pytest.fixture
def unlimited(tmp_path: Path) -> Iterator[LiveServer]:
    with serve(tmp_path, RATE_LIMIT_SCALE="0") as server:
        yield server


@pytest.mark.parametrize("surface", SURFACES)
def test_document__fuzzed__server_keeps_to_it(unlimited: LiveServer, surface: str) -> None:
    # Every shape of input is thousands of requests. They are tried once: on the stricter database, and on `/v1`, as the
    # other surfaces are the same views with keys in another case.
    is_thorough = surface == "v1" and connection.vendor == "postgresql"
    phases = "examples,coverage,fuzzing" if is_thorough else "examples,fuzzing"
    command = [
        *(sys.executable, "-m", "schemathesis.cli"),
        *("--config-file", str(CONFIG), "run", f"{unlimited.url}/v1/openapi.json"),
        *("--phases", phases, "--max-examples", "5", "--seed", "1"),
        *("--include-path-regex", SURFACES[surface], "--exclude-path-regex", PAGES, "--exclude-checks", LEFT_OUT),
        *("--continue-on-failure", "--no-color", "--warnings", "off"),
    ]
    env = {**os.environ, "SCHEMATHESIS_HOOKS": "tests.live.openapi_hooks", "FUZZED_URL": unlimited.url}
    run = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2_000:]
