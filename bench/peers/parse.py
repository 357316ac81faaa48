"""Parse Server on the same PostgreSQL, with sessions, ACLs and class-level permissions, as its users run it."""

import json
import secrets
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from bench import dataset, marketplace, postgres
from bench.dataset import PASSWORD, SeedUser
from bench.load import Plan, Request
from bench.peers import Caller
from bench.servers import HOST, Server
from bench.workloads import PAGE, WINDOW_END, WINDOW_START, Workload

FOLDER = Path(__file__).parent.parent / "parse"
DATABASE = "bench_parse"
JSON = {"Content-Type": "application/json"}
_SIGNED_IN = {"requiresAuthentication": True}
_TYPES: dict[type, str] = {
    str: "String",
    bool: "Boolean",
    int: "Number",
    float: "Number",
    dict: "Object",
    list: "Array",
}
COUNTS = ("views", "likes", "saves", "applications", "shares")


@dataclass(slots=True)
class Parse:
    base_url: str
    port: int
    home: Path
    processes: int = 2
    name: str = "parse"
    id_field: str = "objectId"
    master_key: str = field(default_factory=secrets.token_urlsafe)
    _event_ids: dict[int, str] = field(default_factory=dict)
    _user_ids: dict[int, str] = field(default_factory=dict)
    _callers: list[Caller] = field(default_factory=list)

    @property
    def title(self) -> str:
        installed = json.loads((FOLDER / "node_modules/parse-server/package.json").read_text())
        return f"Parse Server {installed['version']}"

    @property
    def database_url(self) -> str:
        return postgres.url_of(self.base_url, DATABASE)

    def prepare(self) -> None:
        if shutil.which("npm") is None:
            raise FileNotFoundError("node and npm are needed to run Parse Server.")
        if not (FOLDER / "node_modules").exists():
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=FOLDER, check=True)
        postgres.create(self.base_url, DATABASE)
        with replace(self, processes=1).server():
            # By one process alone: two that meet an empty database race to create its tables, and one of them dies.
            self._create_class()

    def server(self) -> Server:
        return Server(
            name=f"parse-{self.processes}",
            command=["node", "server.js"],
            port=self.port,
            ready_path="/parse/health",
            log=self.home / "parse.log",
            cwd=FOLDER,
            env={
                "DATABASE_URL": self.database_url,
                "MASTER_KEY": self.master_key,
                "NODE_ENV": "production",
                "PORT": str(self.port),
                "PROCESSES": str(self.processes),
            },
        )

    def seed(self) -> None:
        with self._client(self.master_key) as client:
            people = dataset.users()
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda user: self._seed_user(client, user), people))
            self._seed_listings(client)
        # What anybody would add who lists by owner; without it every list scans the table.
        postgres.execute(self.database_url, 'CREATE INDEX event_owner ON "Event" ("owner", "starts_at")')
        postgres.execute(self.database_url, 'CREATE INDEX listing_newest ON "Listing" ("status", "published_at" DESC)')
        postgres.settle(self.database_url)

    def _create_class(self) -> None:
        with self._client(self.master_key) as client:
            _created(client.post("/schemas/Event", json=_schema()))
            _created(client.post("/schemas/Listing", json=_listing_schema()))

    def _seed_user(self, client: httpx.Client, user: SeedUser) -> None:
        account = {"username": user.email, "email": user.email, "password": PASSWORD}
        owner = str(_created(client.post("/users", json=account))["objectId"])
        stored = [_created(client.post("/classes/Event", json=_stored(event, owner))) for event in dataset.events(user)]
        self._user_ids[user.number] = owner
        self._event_ids[user.number] = stored[0]["objectId"]

    def _seed_listings(self, client: httpx.Client) -> None:
        def store(listing: Mapping[str, Any]) -> None:
            _created(client.post("/classes/Listing", json=_stored_listing(listing)))

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(store, marketplace.listings()))

    def sign_in(self) -> list[Caller]:
        """Once: Parse's sessions last a year."""
        if not self._callers:
            with self._client() as client, ThreadPoolExecutor(4) as pool:
                self._callers = list(pool.map(lambda user: self._sign_in(client, user), dataset.users()))
        return self._callers

    def _sign_in(self, client: httpx.Client, user: SeedUser) -> Caller:
        answer = client.post("/login", json={"username": user.email, "password": PASSWORD}).raise_for_status().json()
        return Caller(user, answer["sessionToken"], "", self._event_ids[user.number])

    def plan(self, workload: Workload, callers: Sequence[Caller]) -> Plan | None:
        makers: dict[Workload, Callable[[Caller], Request]] = {
            Workload.LIST: self._list,
            Workload.LIST_UNCHANGED: self._list,
            Workload.WINDOW: lambda caller: self._list(
                caller, ends_at=_later(WINDOW_START), starts_at=_before(WINDOW_END)
            ),
            Workload.LIST_CONDITIONAL: self._conditional,
            Workload.ONE: lambda caller: Request("GET", f"/parse/classes/Event/{caller.event_id}", _headers(caller)),
            Workload.CREATE: self._create,
            Workload.LOGIN: _login,
            Workload.LISTINGS: _listings,
        }
        make = makers.get(workload)
        return Plan([make(caller) for caller in callers], numbered=workload is Workload.WINDOW) if make else None

    def listed(self, body: Any) -> list[Mapping[str, Any]]:
        return list(body["results"])

    def discard(self) -> None:
        postgres.drop(self.base_url, DATABASE)

    def _list(self, caller: Caller, **conditions: Any) -> Request:
        where = {"owner": _pointer(self._user_ids[caller.user.number]), **conditions}
        query = f"where={quote(json.dumps(where, separators=(',', ':')), safe='@')}&order=starts_at&limit={PAGE}"
        return Request("GET", f"/parse/classes/Event?{query}", _headers(caller))

    def _conditional(self, caller: Caller) -> Request:
        request = self._list(caller)
        tag = httpx.get(f"http://{HOST}:{self.port}{request.path}", headers=dict(request.headers)).headers["etag"]
        return Request("GET", request.path, {**request.headers, "If-None-Match": tag})

    def _create(self, caller: Caller) -> Request:
        body = _stored(dataset.new_event(caller.user), self._user_ids[caller.user.number])
        return Request("POST", "/parse/classes/Event", {**_headers(caller), **JSON}, json.dumps(body))

    def _client(self, master_key: str = "") -> httpx.Client:
        headers = {"X-Parse-Application-Id": "bench"} | ({"X-Parse-Master-Key": master_key} if master_key else {})
        return httpx.Client(base_url=f"http://{HOST}:{self.port}/parse", headers=headers, timeout=30)


def _headers(caller: Caller) -> dict[str, str]:
    return {"X-Parse-Application-Id": "bench", "X-Parse-Session-Token": caller.access_token}


def _login(caller: Caller) -> Request:
    body = json.dumps({"username": caller.user.email, "password": PASSWORD})
    return Request("POST", "/parse/login", {"X-Parse-Application-Id": "bench", **JSON}, body)


def _stored(event: Mapping[str, Any], owner: str) -> dict[str, Any]:
    """An event as Parse takes it: dates typed, the owner a pointer, nobody else allowed."""
    dates = {name: {"__type": "Date", "iso": event[name]} for name in ("starts_at", "ends_at")}
    acl = {owner: {"read": True, "write": True}}
    return {**event, **dates, "source": "manual", "version": 1, "owner": _pointer(owner), "ACL": acl}


def _later(moment: str) -> dict[str, Any]:
    return {"$gt": {"__type": "Date", "iso": moment}}


def _before(moment: str) -> dict[str, Any]:
    return {"$lt": {"__type": "Date", "iso": moment}}


def _pointer(owner: str) -> dict[str, str]:
    return {"__type": "Pointer", "className": "_User", "objectId": owner}


def _schema() -> dict[str, Any]:
    example = dataset.new_event(dataset.users()[0])
    fields: dict[str, dict[str, str]] = {name: {"type": _TYPES[type(value)]} for name, value in example.items()}
    for name in ("starts_at", "ends_at", "completed_at", "cancelled_at"):
        fields[name] = {"type": "Date"}
    for name in ("source", "recurrence", "cancellation_reason"):
        fields[name] = {"type": "String"}
    fields["version"] = {"type": "Number"}
    fields["owner"] = {"type": "Pointer", "targetClass": "_User"}
    permissions = dict.fromkeys(("find", "count", "get", "create", "update", "delete"), _SIGNED_IN)
    return {"className": "Event", "fields": fields, "classLevelPermissions": {**permissions, "addField": {}}}


def _stored_listing(listing: Mapping[str, Any]) -> dict[str, Any]:
    """A listing as Parse takes it, with the counts that ours are shown with."""
    published = {"__type": "Date", "iso": listing["published_at"]}
    return {**listing, "published_at": published, **dict.fromkeys(COUNTS, 0)}


def _listing_schema() -> dict[str, Any]:
    example = next(marketplace.listings())
    fields = {name: {"type": _TYPES[type(value)]} for name, value in example.items()}
    fields["published_at"] = {"type": "Date"}
    fields |= {name: {"type": "Number"} for name in COUNTS}
    permissions = dict.fromkeys(("find", "count", "get"), _SIGNED_IN)
    return {"className": "Listing", "fields": fields, "classLevelPermissions": {**permissions, "addField": {}}}


def _listings(caller: Caller) -> Request:
    where = quote(json.dumps({"status": "open"}, separators=(",", ":")))
    query = f"where={where}&order=-published_at&limit={PAGE}"
    return Request("GET", f"/parse/classes/Listing?{query}", _headers(caller))


def _created(response: httpx.Response) -> Any:
    if response.is_error:
        raise RuntimeError(f"{response.request.url} answers {response.status_code}: {response.text[:500]}")
    return response.json()
