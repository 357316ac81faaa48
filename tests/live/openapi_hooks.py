"""Loaded by schemathesis: signs in, and once more for every request to a route that ends sessions."""

import os
import re
from typing import Any

import httpx
import schemathesis

BASE_URL = os.environ.get("FUZZED_URL", "")
PERSON = {"email": "fuzz@example.com", "password": "correct horse battery staple"}
ENDS_SESSIONS = re.compile(r"/(logout|reset-password|sessions/\{id\}|devices/\{id\})$")


def sign_in() -> str:
    answer = httpx.post(f"{BASE_URL}/v1/auth/login", json=PERSON, timeout=20)
    return str(answer.raise_for_status().json()["access_token"])


class Bearer:
    """A session for all that leaves it alive."""

    def get(self, case: Any, context: Any) -> str:
        return sign_in()

    def set(self, case: Any, data: str, context: Any) -> None:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@schemathesis.auth(refresh_interval=None).apply_to(path_regex=ENDS_SESSIONS.pattern)
class OwnSession(Bearer):
    """A session for one request."""


@schemathesis.auth(refresh_interval=300).skip_for(path_regex=ENDS_SESSIONS.pattern)
class SharedSession(Bearer):
    """A session for five minutes."""
