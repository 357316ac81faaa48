"""LaunchDarkly as its server-side SDKs meet it: a stream of settings (server-sent events), and reports taken in."""

import gzip
import json
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

SDK_KEY = "sdk-4f1c0000-0000-4000-8000-000000000000"


class LaunchDarkly(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.flags: dict[str, dict[str, Any]] = {}
        self.reports: queue.Queue[Any] = queue.Queue()
        self.streams: list[queue.Queue[tuple[str, Any]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def set(self, name: str, *, on: bool, rules: list[dict[str, Any]] | None = None) -> None:
        """Publish a boolean flag to everybody who listens; `rules` are clauses that must all match to be true."""
        version = self.flags.get(name, {"version": 0})["version"] + 1
        self.flags[name] = {
            "key": name,
            "version": version,
            "on": on,
            "variations": [True, False],
            "offVariation": 1,
            "fallthrough": {"variation": 1 if rules else 0},
            "rules": [{"id": "rule", "variation": 0, "clauses": rules}] if rules else [],
            "targets": [],
            "prerequisites": [],
            "salt": name,
        }
        for stream in self.streams:
            stream.put(("patch", {"path": f"/flags/{name}", "data": self.flags[name]}))


class _Handler(BaseHTTPRequestHandler):
    server: LaunchDarkly
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.headers["Authorization"] != SDK_KEY or self.path.partition("?")[0] != "/all":
            self.send_response(401 if self.headers["Authorization"] != SDK_KEY else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        stream: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.server.streams.append(stream)
        stream.put(("put", {"path": "/", "data": {"flags": self.server.flags, "segments": {}}}))
        for event, data in iter(stream.get, ("end", None)):
            self._chunk(f"event: {event}\ndata: {json.dumps(data)}\n\n".encode())
        self._chunk(b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.reports.put(json.loads(body))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def launchdarkly() -> Iterator[LaunchDarkly]:
    with LaunchDarkly() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        for stream in server.streams:
            stream.put(("end", None))
        server.shutdown()
        thread.join()
