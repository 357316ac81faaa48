"""A small HTTPS server with a certificate of a made-up authority, which can also misbehave on demand."""

import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import orjson
import trustme

JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, document: Any, status: int = 200) -> "Reply":
        return cls(status, orjson.dumps(document), JSON)


Route = Callable[[Request], Reply]


@cache
def authority() -> trustme.CA:
    return trustme.CA()


@cache
def authority_file() -> str:
    """Where the authority's certificate lies, for clients that are to trust it."""
    path = Path(tempfile.mkdtemp(prefix="authority-")) / "ca.pem"
    authority().cert_pem.write_to_path(str(path))
    return str(path)


def trusting() -> ssl.SSLContext:
    """What a client of the fakes verifies their certificates with."""
    return ssl.create_default_context(cafile=authority_file())


class HttpsServer:
    """Serves `routes`, by method and path, on a free port of localhost.

    Attributes:
        requests: what has arrived, oldest first.
        fault: answers in place of the routes, where set.
        hang: seconds of silence before each answer.
        drip: sends answers byte by byte, with this many seconds between two of them.
    """

    def __init__(self, routes: Mapping[tuple[str, str], Route], *names: str) -> None:
        self.routes = dict(routes)
        self.requests: list[Request] = []
        self.connections = 0
        self.fault: Reply | None = None
        self.hang = 0.0
        self.drip = 0.0
        self._stopping = threading.Event()
        self._server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"fake": self}))
        self._server.trust(names or ("localhost",))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_port)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def calls(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    def recover(self) -> None:
        self.fault, self.hang, self.drip = None, 0.0, 0.0

    def answer(self, request: Request) -> Reply:
        self.requests.append(request)
        if self.hang:
            self._stopping.wait(self.hang)
        if self.fault is not None:
            return self.fault
        route = self.routes.get((request.method, request.path))
        return route(request) if route else Reply.json({"error": "not_found"}, 404)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def trust(self, names: tuple[str, ...]) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority().issue_cert(*names).configure_cert(context)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: HttpsServer

    def setup(self) -> None:
        self.fake.connections += 1
        super().setup()

    def do_GET(self) -> None:
        self._send(self.fake.answer(self._read()))

    def do_POST(self) -> None:
        self._send(self.fake.answer(self._read()))

    def _read(self) -> Request:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = urlsplit(self.path)
        is_form = self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded")
        return Request(
            method=str(self.command),
            path=parts.path,
            query=dict(parse_qsl(parts.query)),
            form=dict(parse_qsl(body.decode())) if is_form else {},
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if not self.fake.drip:
            self.wfile.write(reply.body)
            return
        for byte in reply.body:
            self.wfile.write(bytes([byte]))
            time.sleep(self.fake.drip)

    def log_message(self, *arguments: object) -> None:
        """Nothing: tests look at `requests`."""
