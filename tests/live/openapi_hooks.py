"""Loaded by schemathesis: joins as somebody new, and once more for every request to a route that ends sessions.

Nobody signs in twice: schemathesis sends what it has read in answers, the caller's own address among it, and whoever
guesses at an address slows its owner down.
"""

import os
import re
from typing import Any
from uuid import uuid4

import httpx
import schemathesis

BASE_URL = os.environ.get("FUZZED_URL", "")
ENDS_SESSIONS = re.compile(r"/(logout|reset-password|sessions/\{id\}|devices/\{id\})$")


def join() -> str:
    person = {"email": f"{uuid4()}@example.com", "password": "correct horse battery staple"}
    answer = httpx.post(f"{BASE_URL}/v1/auth/register", json=person, timeout=20)
    return str(answer.raise_for_status().json()["access_token"])


class Bearer:
    """A session for all that leaves it alive."""

    def get(self, case: Any, context: Any) -> str:
        return join()

    def set(self, case: Any, data: str, context: Any) -> None:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@schemathesis.auth(refresh_interval=None).apply_to(path_regex=ENDS_SESSIONS.pattern)
class OwnSession(Bearer):
    """A session for one request."""


@schemathesis.auth(refresh_interval=300).skip_for(path_regex=ENDS_SESSIONS.pattern)
class SharedSession(Bearer):
    """A session for five minutes."""
