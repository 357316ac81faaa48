"""Which thread of a worker answers which request.

Two of granian's threads run the API: more would fight over the interpreter lock, and handing it from thread to thread
took a quarter of the time. So nothing may keep one of them waiting. Whoever may have to wait for a hash is handed over
to threads that can (`config/wsgi.py` says who), and so is every stream, as its reader decides how long it takes.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from typing import Any

from granian.server import mp

from config.wsgi import may_wait

PATIENT = 24  # all but one wait, for their lane or for a hash
SENDERS = 24
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
    patient = ThreadPoolExecutor(PATIENT, thread_name_prefix="patient")
    senders = ThreadPoolExecutor(SENDERS, thread_name_prefix="sender")

    def run(protocol: Any, scope: dict[str, Any]) -> None:
        protocol = _Protocol(protocol, senders)
        if may_wait(scope):
            scope["wsgi.input"] = BytesIO(scope["wsgi.input"].read(int(scope["CONTENT_LENGTH"])))
            patient.submit(_logged, answer, protocol, scope)
        else:
            answer(protocol, scope)

    return run


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
