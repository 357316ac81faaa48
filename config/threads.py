"""Which thread of a worker answers which request.

Two of granian's threads run the API: more would fight over the interpreter lock, and handing it from thread to thread
took a quarter of the time. So nothing may keep one of them waiting. While a body is under way another thread takes
over (`config/crew.py`). Whoever may have to wait for a hash is handed over to threads that can (`config/wsgi.py` says
who), and so is every stream, as its reader decides how long it takes.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO, RawIOBase
from typing import Any

from granian.server import mp

from config.crew import Crew
from config.vanishing import give_up_on_vanished
from config.wsgi import SMALL_BODY, announced_length, may_wait
from core.lanes import LANES, lanes

MOST = 128  # of granian's threads: all but two rest, or wait for a body
PATIENT = 24  # all but one wait, for their lane or for a hash
SENDERS = 128  # one for each stream under way: its reader decides how long it takes
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})
Answer = Callable[[Any, dict[str, Any]], Any]
_logger = logging.getLogger(__name__)


def install() -> None:
    """Let granian's workers, which are forked later, answer like this."""
    mp._wsgi_call_wrap = partial(handing_over, mp._wsgi_call_wrap)  # type: ignore[attr-defined]


def handing_over(wrap: Callable[..., Answer], *arguments: Any) -> Answer:
    """What granian calls for each request, around what it makes of the application by `wrap`.

    granian sends what its protocol object is given, from whichever thread, but has no public way to say so. Only the
    body has to be read in the thread that was called.
    """
    answer = wrap(*arguments)
    crew = Crew(LANES)
    patient = ThreadPoolExecutor(PATIENT, thread_name_prefix="patient")
    senders = ThreadPoolExecutor(SENDERS, thread_name_prefix="sender")

    def run(protocol: Any, scope: dict[str, Any]) -> None:
        give_up_on_vanished()
        protocol = _Protocol(protocol, senders)
        body = scope["wsgi.input"] = Body(scope, crew)
        if body.is_small:
            try:
                scope["wsgi.input"] = BytesIO(body.read(body.length))
            except BodyCutShort:
                protocol.response_bytes(400, [], b"")  # to nobody
                return
        if may_wait(scope):
            patient.submit(_logged, answer, protocol, scope)
        else:
            answer(protocol, scope)
        if body.is_at_end:  # else the connection stands still until granian is told that nobody reads on
            crew.rest()

    return run


class BodyCutShort(OSError):
    """The line broke within a body. What had come is not all, though granian hands it over as if it were."""


class Body(RawIOBase):
    """granian's, but waiting for it keeps neither a lane nor one of the two threads."""

    def __init__(self, scope: dict[str, Any], crew: Crew) -> None:
        self._source, self._crew = scope["wsgi.input"], crew
        self._taken = 0
        self.length = announced_length(scope)
        self.is_small = self.length is not None and 0 < self.length <= SMALL_BODY
        self.is_at_end = self.length == 0 or (self.length is None and _has_no_body(scope))

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        wanted = None if size is None or size < 0 else size
        with self._crew.waiting(), lanes.left():
            data: bytes = self._source.read(wanted)
        self._taken += len(data)
        is_over = wanted is None or len(data) < wanted
        if is_over and self.length is not None and self._taken < self.length:
            raise BodyCutShort
        self.is_at_end = is_over or self._taken == self.length
        return data


def _has_no_body(scope: dict[str, Any]) -> bool:
    """HTTP/1 says that there is one; under HTTP/2 it may come unannounced."""
    is_silent = scope["SERVER_PROTOCOL"].startswith("HTTP/1") and "HTTP_TRANSFER_ENCODING" not in scope
    return is_silent and scope["REQUEST_METHOD"] in _BODILESS


class _Protocol:
    """granian's, but streams are sent by other threads than the one that began them."""

    __slots__ = ("_protocol", "_senders", "response_bytes")

    def __init__(self, protocol: Any, senders: ThreadPoolExecutor) -> None:
        self._protocol, self._senders = protocol, senders
        self.response_bytes = protocol.response_bytes

    def response_iter(self, *arguments: Any) -> None:
        self._senders.submit(_logged, self._protocol.response_iter, *arguments)


def _logged(work: Callable[..., Any], *arguments: Any) -> None:
    """Do some work out of sight of granian, which answers `500` to what was given no answer."""
    try:
        work(*arguments)
    except BaseException:
        _logger.exception("A request failed outside of Django")
        raise
