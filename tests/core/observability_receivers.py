"""Receivers on loopback that stand in for Sentry and for an OpenTelemetry collector."""

import gzip
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE = 15  # seconds until what is sent in the background must have come


@dataclass(slots=True)
class Receiver:
    """Keeps every body that was posted to it, unpacked."""

    url: str
    received: list[tuple[str, bytes]] = field(default_factory=list)

    def wait_for(self, arrived: Callable[[list[tuple[str, bytes]]], bool]) -> list[tuple[str, bytes]]:
        deadline = time.monotonic() + PATIENCE
        while not arrived(self.received):
            assert time.monotonic() < deadline, f"It never came; {len(self.received)} others did."
            time.sleep(0.02)
        return list(self.received)


@contextmanager
def receiver() -> Iterator[Receiver]:
    """An HTTP server in this process, on a free port, that accepts whatever is posted."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.received.append((self.path, _unpacked(body, self.headers.get("Content-Encoding", ""))))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *arguments: object) -> None:
            """Nothing: what matters is what was received."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept = Receiver(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()


def _unpacked(body: bytes, encoding: str) -> bytes:
    if encoding == "gzip":
        return gzip.decompress(body)
    if encoding == "deflate":
        return zlib.decompress(body)
    if encoding == "br":
        import brotli  # noqa: PLC0415  Sentry's client uses it where it is installed

        return bytes(brotli.decompress(body))
    return body
