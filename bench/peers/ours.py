"""This server in production shape: granian over WSGI, PostgreSQL, Redis, every check switched on."""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bench import dataset, marketplace, postgres
from bench.dataset import PASSWORD, SeedUser
from bench.load import NUMBER, TOKEN, Plan, Request
from bench.peers import Caller
from bench.peers.ours_seed import event_id
from bench.servers import HOST, Server
from bench.workloads import PAGE, WINDOW_END, WINDOW_START, Workload

ROOT = Path(__file__).parent.parent.parent
DATABASE = "bench_ours"
EVENTS = "/v1/calendar/events"
LISTINGS = "/v1/explorer/listings"
HOME = "/mobile/v2/launchpad"
SESSIONS = "/v1/sessions"
# The host is part of every validator: under a new one nothing kept fits, and all the rest stays the same.
HOST_SUFFIX = ".bench.example"
NUMBERED = frozenset({Workload.LIST, Workload.WINDOW, Workload.LISTINGS, Workload.SEARCH})
JSON = {"Content-Type": "application/json"}
# The rows behind one list, for pgbench: what PostgreSQL itself allows.
LIST_QUERY = f"""
\\set user random(1, {dataset.USERS})
SELECT * FROM calendar_app_event
WHERE owner_id = (SELECT id FROM bench_owner WHERE number = :user)
ORDER BY starts_at, id LIMIT {PAGE + 1};
"""
_NUMBER_OWNERS = """
CREATE TABLE bench_owner AS SELECT row_number() OVER ()::int AS number, id FROM accounts_user;
CREATE UNIQUE INDEX ON bench_owner (number);
"""


def _signing_key() -> str:
    return (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


@dataclass(slots=True)
class Ours:
    base_url: str
    port: int
    home: Path
    redis_url: str
    name: str = "ours"
    id_field: str = "id"
    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    signing_key: str = field(default_factory=_signing_key)

    @property
    def title(self) -> str:
        return "this server"

    @property
    def database_url(self) -> str:
        return postgres.url_of(self.base_url, DATABASE)

    def prepare(self) -> None:
        postgres.create(self.base_url, DATABASE)
        self._python("manage.py", "migrate", "--verbosity=0")

    def server(self) -> Server:
        return Server(
            name="ours",
            command=[sys.executable, "-m", "config.serve", "web"],
            port=self.port,
            ready_path="/health",
            log=self.home / "ours.log",
            cwd=ROOT,
            env=self._environment,
        )

    def embedded_server(self) -> Server:
        """The laptop's default: one ASGI process on SQLite, nothing else beside it."""
        return Server(
            name="ours-embedded",
            command=[sys.executable, "-m", "config.serve", "all"],
            port=self.port,
            ready_path="/health",
            log=self.home / "ours-embedded.log",
            cwd=ROOT,
            env=self._embedded_environment,
        )

    def prepare_embedded(self) -> None:
        self._python("manage.py", "migrate", "--verbosity=0", env=self._embedded_environment)

    def seed(self) -> None:
        self._python("-m", "bench.peers.ours_seed")
        postgres.execute(self.database_url, _NUMBER_OWNERS)
        postgres.settle(self.database_url)

    def sign_in(self) -> list[Caller]:
        base_url = f"http://{HOST}:{self.port}"
        with httpx.Client(base_url=base_url, timeout=30) as client, ThreadPoolExecutor(4) as pool:
            return list(pool.map(lambda user: _sign_in(client, user), dataset.users()))

    def plan(self, workload: Workload, callers: Sequence[Caller]) -> Plan | None:
        if workload is Workload.REFRESH:
            request = Request("POST", "/v1/auth/refresh", JSON, json.dumps({"refresh_token": TOKEN}))
            return Plan([request], tokens=[c.refresh_token for c in callers], successor='"refresh_token":"([^"]+)"')
        makers: dict[Workload, Callable[[Caller], Request]] = {
            Workload.LIST: lambda caller: _fresh(caller, f"{EVENTS}?limit={PAGE}"),
            Workload.WINDOW: lambda caller: _get(caller, f"?limit={PAGE}&from={WINDOW_START}&to={WINDOW_END}"),
            Workload.LIST_UNCHANGED: lambda caller: _get(caller, f"?limit={PAGE}"),
            Workload.LIST_CONDITIONAL: self._conditional,
            Workload.ONE: lambda caller: _get(caller, f"/{caller.event_id}"),
            Workload.CREATE: _create,
            Workload.LOGIN: lambda caller: _login(caller.user, id=caller.device_id),
            Workload.LISTINGS: lambda caller: _fresh(caller, f"{LISTINGS}?limit={PAGE}"),
            Workload.SEARCH: _search,
        }
        return Plan([makers[workload](caller) for caller in callers], numbered=workload in NUMBERED)

    def listed(self, body: Any) -> list[Mapping[str, Any]]:
        return list(body["data"])

    def discard(self) -> None:
        postgres.drop(self.base_url, DATABASE)

    def _conditional(self, caller: Caller) -> Request:
        request = _get(caller, f"?limit={PAGE}")
        answer = httpx.get(f"http://{HOST}:{self.port}{request.path}", headers=dict(request.headers))
        return Request("GET", request.path, {**request.headers, "If-None-Match": answer.headers["etag"]})

    @property
    def _environment(self) -> dict[str, str]:
        return {
            "ENVIRONMENT": "production",
            "GIGVORA_HOME": str(self.home / "ours"),
            "SECRET_KEY": self.secret_key,
            "JWT_SIGNING_KEYS": self.signing_key,
            "ALLOWED_HOSTS": f"{HOST},{HOST_SUFFIX}",
            # Each caller stands behind the proxy with an address of its own, so limits per network stay on.
            "TRUSTED_PROXIES": HOST,
            # Every limit is still charged for every request, and none is reached.
            "RATE_LIMIT_SCALE": "1000",
            "DATABASE_URL": self.database_url,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "REDIS_URL": self.redis_url,
            "HOST": HOST,
            "PORT": str(self.port),
            "WEB_CONCURRENCY": "2",
        }

    @property
    def _embedded_environment(self) -> dict[str, str]:
        chosen = {"ENVIRONMENT": "development", "GIGVORA_HOME": str(self.home / "embedded"), "PORT": str(self.port)}
        return {**chosen, "DATABASE_URL": "", "REDIS_URL": "", "CELERY_BROKER_URL": ""}

    def _python(self, *arguments: str, env: Mapping[str, str] | None = None) -> None:
        environment = {**os.environ, **(env or self._environment)}
        command = [sys.executable, *arguments]
        finished = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if finished.returncode:
            raise RuntimeError(f"{' '.join(arguments)} failed:\n{finished.stderr[-2000:]}")


def _sign_in(client: httpx.Client, user: SeedUser) -> Caller:
    request = _login(user)
    while (response := client.post(request.path, headers=dict(request.headers), content=request.body)).is_server_error:
        time.sleep(int(response.headers["retry-after"]))  # what a storm has left behind is still in the queue
    answer = response.raise_for_status().json()
    event = str(event_id(user, 0))
    caller = Caller(user, answer["access_token"], answer["refresh_token"], event, answer["device"]["id"])
    # Nobody has more than ten sessions: what the rounds before have left would be ended by each login that is measured.
    client.delete(SESSIONS, headers=_headers(caller)).raise_for_status()
    return caller


def _headers(caller: Caller) -> dict[str, str]:
    return {"Authorization": f"Bearer {caller.access_token}", "X-Forwarded-For": caller.user.address}


def _get(caller: Caller, rest: str, **headers: str) -> Request:
    return Request("GET", EVENTS + rest, {**_headers(caller), **headers})


def _fresh(caller: Caller, path: str) -> Request:
    """Asked of another host every time."""
    return Request("GET", path, {**_headers(caller), "Host": f"{NUMBER}{HOST_SUFFIX}"})


def _search(caller: Caller) -> Request:
    words = marketplace.SEARCHES[caller.user.number % len(marketplace.SEARCHES)]
    return _fresh(caller, f"{LISTINGS}?limit={PAGE}&q={quote(words)}")


def me(caller: Caller) -> Request:
    return Request("GET", "/v1/auth/me", _headers(caller))


def home(caller: Caller) -> Request:
    """The caller's home screen."""
    return Request("GET", HOME, _headers(caller))


def _create(caller: Caller) -> Request:
    return Request("POST", EVENTS, {**_headers(caller), **JSON}, json.dumps(dataset.new_event(caller.user)))


def _login(user: SeedUser, **known: str) -> Request:
    device = {"platform": "android", "name": "Bench", **known}
    body = json.dumps({"email": user.email, "password": PASSWORD, "device": device})
    return Request("POST", "/v1/auth/login", {"X-Forwarded-For": user.address, **JSON}, body)
