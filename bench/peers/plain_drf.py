"""The same calendar in plain DRF, on the same granian with the same number of workers and threads."""

import json
import secrets
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench import dataset, postgres
from bench.dataset import PASSWORD, SeedUser
from bench.load import TOKEN, Plan, Request
from bench.peers import Caller
from bench.servers import HOST, Server
from bench.workloads import WINDOW_END, WINDOW_START, Workload

FOLDER = Path(__file__).parent.parent / "plain_drf"
DATABASE = "bench_drf"
JSON = {"Content-Type": "application/json"}


@dataclass(slots=True)
class PlainDrf:
    base_url: str
    port: int
    home: Path
    name: str = "drf"
    id_field: str = "id"
    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def title(self) -> str:
        return f"plain DRF {version('djangorestframework')}"

    @property
    def database_url(self) -> str:
        return postgres.url_of(self.base_url, DATABASE)

    def prepare(self) -> None:
        postgres.create(self.base_url, DATABASE)
        self._manage("migrate", "--verbosity=0")

    def server(self) -> Server:
        granian = Path(sys.executable).with_name("granian")
        options = ["--interface", "wsgi", "--workers", "2", "--blocking-threads", "2", "--no-ws"]
        return Server(
            name="plain-drf",
            command=[granian, *options, "--host", HOST, "--port", str(self.port), "tutorial.wsgi:application"],
            port=self.port,
            ready_path="/api/events/",
            ready_status=401,
            log=self.home / "plain-drf.log",
            cwd=FOLDER,
            env=self._environment,
        )

    def seed(self) -> None:
        people = [
            {"email": user.email, "password": PASSWORD, "events": list(dataset.events(user))}
            for user in dataset.users()
        ]
        self._manage("seed", text=json.dumps(people))
        postgres.settle(self.database_url)

    def sign_in(self) -> list[Caller]:
        """Tokens are minted by the project itself: its default hash allows ten sign-ins a second."""
        minted = json.loads(self._manage("mint_tokens"))
        return [_caller(user, minted[user.email]) for user in dataset.users()]

    def plan(self, workload: Workload, callers: Sequence[Caller]) -> Plan | None:
        if workload is Workload.REFRESH:
            request = Request("POST", "/api/token/refresh/", JSON, json.dumps({"refresh": TOKEN}))
            return Plan([request], tokens=[c.refresh_token for c in callers], successor='"refresh":"([^"]+)"')
        makers: dict[Workload, Callable[[Caller], Request]] = {
            Workload.LIST: _get,
            Workload.WINDOW: lambda caller: _get(caller, f"?from={WINDOW_START}&to={WINDOW_END}"),
            Workload.LIST_UNCHANGED: _get,
            Workload.ONE: lambda caller: _get(caller, f"{caller.event_id}/"),
            Workload.CREATE: _create,
            Workload.LOGIN: _login,
        }
        make = makers.get(workload)
        return Plan([make(caller) for caller in callers], numbered=workload is Workload.WINDOW) if make else None

    def listed(self, body: Any) -> list[Mapping[str, Any]]:
        return list(body["results"])

    def discard(self) -> None:
        postgres.drop(self.base_url, DATABASE)

    @property
    def _environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database_url,
            "SECRET_KEY": self.secret_key,
            "DJANGO_SETTINGS_MODULE": "tutorial.settings",
        }

    def _manage(self, *arguments: str, text: str = "") -> str:
        command = [sys.executable, "manage.py", *arguments]
        finished = subprocess.run(
            command, cwd=FOLDER, env=self._environment, input=text, capture_output=True, text=True, check=False
        )
        if finished.returncode:
            raise RuntimeError(f"{' '.join(arguments)} failed:\n{finished.stderr[-2000:]}")
        return finished.stdout


def _caller(user: SeedUser, tokens: Mapping[str, str]) -> Caller:
    # Rows were inserted in the order of the data set into an empty table.
    event_id = str(user.number * dataset.EVENTS_PER_USER + 1)
    return Caller(user, tokens["access"], tokens["refresh"], event_id)


def _headers(caller: Caller) -> dict[str, str]:
    return {"Authorization": f"Bearer {caller.access_token}"}


def _create(caller: Caller) -> Request:
    body = json.dumps(dataset.new_event(caller.user))
    return Request("POST", "/api/events/", {**_headers(caller), **JSON}, body)


def _get(caller: Caller, rest: str = "") -> Request:
    return Request("GET", f"/api/events/{rest}", _headers(caller))


def _login(caller: Caller) -> Request:
    body = json.dumps({"username": caller.user.email, "password": PASSWORD})
    return Request("POST", "/api/token/", JSON, body)
