"""People before a running server: those of the demo, strangers who register, and the apps they hold."""

import base64
import json
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx

from tests.live.server import LiveServer

DEMO_PASSWORD = "demo-Pass-2026!"
PASSWORD = "correct horse battery staple"
PLATFORMS = ("android", "ios", "web")
Found = TypeVar("Found")


class App(httpx.Client):
    """An app on one device, signed in; it sends its token and the fingerprint of its device."""

    def __init__(self, server: LiveServer, path: str, email: str, password: str, platform: str) -> None:
        self.fingerprint = secrets.token_hex(8)
        super().__init__(base_url=server.url, timeout=30, headers={"X-Device-Fingerprint": self.fingerprint})
        device = {"platform": platform, "name": f"Own {platform}", "fingerprint": self.fingerprint}
        answer = self.post(f"/api/auth/{path}", json={"email": email, "password": password, "device": device})
        assert answer.status_code in {200, 201}, answer.text
        self.take(answer.json())

    def take(self, tokens: Any) -> None:
        self.tokens = tokens
        self.headers["Authorization"] = f"Bearer {tokens['accessToken']}"

    @property
    def scopes(self) -> set[str]:
        return set(self.tokens["scope"].split())

    @property
    def user_id(self) -> str:
        return str(self.tokens["user"]["id"])

    @property
    def claims(self) -> Any:
        """What the access token says; nobody verifies it here."""
        body = self.tokens["accessToken"].split(".")[1]
        return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))

    def read(self, path: str, **parameters: Any) -> Any:
        answer = self.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()


def demo_app(server: LiveServer, mailbox: str, platform: str = "android") -> App:
    return App(server, "login", f"{mailbox}@demo.gigvora.com", DEMO_PASSWORD, platform)


def new_app(server: LiveServer, platform: str = "android") -> App:
    """The app of somebody who has just registered."""
    return App(server, "register", f"new.{secrets.token_hex(6)}@example.com", PASSWORD, platform)


def same_person(server: LiveServer, app: App, platform: str) -> App:
    """Another device of who registered as `app`."""
    return App(server, "login", app.tokens["user"]["email"], PASSWORD, platform)


def run_python(server: LiveServer, code: str) -> str:
    """Run a few lines against the server's database, for what no client can do."""
    return server.manage("shell", "--verbosity", "0", "--no-imports", "--command", code).strip()


def grant(server: LiveServer, app: App, role: str) -> None:
    call = f"grant_role(actor=None, user_id=UUID('{app.user_id}'), role='{role}', reason='smoke')"
    run_python(server, f"from uuid import UUID\nfrom access.services import grant_role\n{call}")


def eventually(look: Callable[[], Found], seconds: float = 20) -> Found:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "It did not come."
        time.sleep(0.2)
    return found


def days_from_now(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat().replace("+00:00", "Z")
