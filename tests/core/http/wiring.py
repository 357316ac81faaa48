"""People to list, and a caller who lists them."""

import json
from typing import Any
from uuid import UUID

from django.test import Client

from accounts.models import User
from core.db.ids import uuid7


def people(*names: str) -> list[User]:
    return [
        User.objects.create(full_name=name, email=f"{name.lower().replace(' ', '.')}@example.com") for name in names
    ]


class Caller:
    """A signed-in client of the test collection."""

    def __init__(self, *scopes: str, user_id: UUID | None = None, access_version: str = "1") -> None:
        self.user_id = user_id or uuid7()
        granted = ",".join(scopes or ("people:edit",))
        self.headers = {"Authorization": f"Test {self.user_id} {granted} {access_version}"}

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, **headers)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client().generic(
            method,
            path,
            b"" if body is None else _json(body),
            content_type="application/json",
            headers={**self.headers, **named},
        )


def _json(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()
