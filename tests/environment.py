"""The environment of a test process, set before Django reads it."""

import os
import tempfile
from urllib.parse import urlsplit


def prepare() -> None:
    os.environ.setdefault("ENVIRONMENT", "test")
    os.environ.setdefault("GIGVORA_HOME", tempfile.mkdtemp(prefix="gigvora-test-"))
    os.environ.setdefault("RATE_LIMIT_SCALE", "0")  # tests of limits turn them on
    if os.environ.get("REDIS_URL"):
        # Parallel processes inherit this environment, so each counts from the address that was given at first.
        given = os.environ.setdefault("TEST_REDIS_URL", os.environ["REDIS_URL"])
        os.environ["REDIS_URL"] = _own_redis(given, os.environ.get("PYTEST_XDIST_WORKER", "gw0"))


def _own_redis(url: str, worker: str) -> str:
    """A Redis database for each parallel test process, so that they may clear theirs."""
    parts = urlsplit(url)
    first = int(parts.path.strip("/") or 0)
    return parts._replace(path=f"/{(first + int(worker.removeprefix('gw'))) % 16}").geturl()
