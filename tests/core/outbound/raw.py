"""A peer over real TLS that sends any bytes whatever, as no server that means well would."""

import socket
import ssl
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.fakes.https import authority


class RawServer:
    """Answers each connection's first request with `answer`, verbatim, and hangs up."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self._trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority().issue_cert("localhost").configure_cert(self._trust)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # closing alone would not wake who accepts
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                accepted, _ = self._listener.accept()
                with suppress(OSError), accepted, self._trust.wrap_socket(accepted, server_side=True) as stream:
                    stream.settimeout(5)
                    stream.recv(65_536)
                    stream.sendall(self.answer)
                    stream.unwrap()
