"""A network as phones know it: between client and server requests and answers get lost, late, cut or doubled.

Real sockets on both sides. What happens to which request is drawn from a seed, so that a run can be repeated.
"""

import http.client
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

# Out of a thousand requests; the others pass.
FATES = {
    "request_lost": 40,
    "answer_lost": 60,
    "answer_cut": 30,
    "answer_late": 60,
    "sent_twice": 60,
    "overloaded": 20,
    "limited": 20,
    "garbled": 10,
}
_UPSTREAM_PATIENCE = 30  # seconds
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}

Answer = tuple[int, list[tuple[str, str]], bytes]


class UnreliableProxy:
    """Passes requests on to `target`, as far as it does.

    Attributes:
        counts: what became of the requests so far.
    """

    def __init__(self, target: str, *, seed: int = 7, late: float = 0.5, fates: Mapping[str, int] = FATES) -> None:
        parts = urlsplit(target)
        assert parts.hostname
        self.host, self.port = parts.hostname, parts.port
        self.late = late  # seconds
        self.fates = dict(fates)
        self.counts: Counter[str] = Counter()
        self._random, self._lock = random.Random(seed), threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def fate(self) -> str:
        """What is to become of the next request."""
        kinds, shares = [*self.fates, "passed"], [*self.fates.values(), 1000 - sum(self.fates.values())]
        with self._lock:
            fate = self._random.choices(kinds, shares)[0]
            self.counts[fate] += 1
            return fate

    def forward(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        upstream = http.client.HTTPConnection(self.host, self.port, timeout=_UPSTREAM_PATIENCE)
        try:
            upstream.request(method, path, body, dict(headers))
            answer = upstream.getresponse()
            kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in _HOP_BY_HOP]
            return answer.status, kept, answer.read()
        finally:
            upstream.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: UnreliableProxy

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
        fate = self.proxy.fate()
        if fate == "request_lost":
            self._hang_up()
            return
        if fate in {"overloaded", "limited"}:
            self._send((503 if fate == "overloaded" else 429, [("Retry-After", "0")], b""))
            return
        answer = self.proxy.forward(self.command, self.path, headers, body)
        if fate == "sent_twice":
            answer = self.proxy.forward(self.command, self.path, headers, body)
        if fate == "answer_lost":
            self._hang_up()
            return
        if fate == "answer_late":
            time.sleep(self.proxy.late)
        self._send((answer[0], answer[1], b"<html>") if fate == "garbled" else answer, cut=fate == "answer_cut")

    def _send(self, answer: Answer, *, cut: bool = False) -> None:
        status, headers, body = answer
        try:
            self.send_response_only(status)
            for name, value in (*headers, ("Content-Length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if cut else body)
            self.wfile.flush()
        except OSError:  # the client has lost its patience
            self.close_connection = True
        if cut:
            self._hang_up()

    def _hang_up(self) -> None:
        """Reset the connection, as a phone that leaves the network sees it."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.shutdown(socket.SHUT_RDWR) if self.connection.fileno() >= 0 else None

    def log_message(self, *arguments: object) -> None:
        """Nothing: tests look at `counts`."""
