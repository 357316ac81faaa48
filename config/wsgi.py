"""The WSGI application: the API and, in processes of their own, the staff screens."""

import gc
import os
from collections.abc import Callable, Iterable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config.startup import without_extras

with without_extras():
    from django.core.checks import run_checks
    from django.core.wsgi import get_wsgi_application

    from core.lanes import lanes, patient_lanes

    django = get_wsgi_application()
    if problems := run_checks(tags=["access"]):
        raise SystemExit("\n".join(str(problem) for problem in problems))
# What is loaded by now stays for good. Looking through it for garbage again and again takes a tenth of the time.
gc.freeze()
gc.set_threshold(10_000, 10, 10)


SMALL_BODY = 64 * 1024  # bytes


def may_wait(environ: dict[str, Any]) -> bool:
    """Whether a request may have to wait for a password to be hashed: most of what signs people in."""
    path, length = environ["PATH_INFO"], announced_length(environ)
    return (
        environ["REQUEST_METHOD"] == "POST"
        and ("/auth/" in path or path.endswith("/login/"))
        and not path.endswith("/refresh")
        and length is not None
        and length <= SMALL_BODY
    )


def announced_length(environ: dict[str, Any]) -> int | None:
    """The bytes of a body, where it says how many."""
    length = environ.get("CONTENT_LENGTH", "")
    return int(length) if length.isascii() and length.isdecimal() else None


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request in a lane. What is not a stream is finished there, and needs no second look at the end."""
    with (patient_lanes if may_wait(environ) else lanes).taken():
        response: Any = django(environ, start_response)
        if getattr(response, "streaming", True):
            return response  # type: ignore[no-any-return]
        body = [response.content]
        response.close()
        return body
