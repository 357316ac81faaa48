"""Global Privacy Control: the header `Sec-GPC: 1`, a browser's standing word against sale and sharing.

Only the value 1 counts (https://www.w3.org/TR/gpc/, section 3.1), and its absence takes nothing back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

HEADER = "HTTP_SEC_GPC"
OPT_OUT = "1"

_signalled: ContextVar[bool] = ContextVar("gpc", default=False)


def is_signalled() -> bool:
    """Whether the request being answered says so. It holds from the first line on, before anything is stored."""
    return _signalled.get()


@contextmanager
def signalled() -> Iterator[None]:
    token = _signalled.set(True)
    try:
        yield
    finally:
        _signalled.reset(token)
