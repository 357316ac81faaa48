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

    from core.lanes import lanes

    django = get_wsgi_application()
    if problems := run_checks(tags=["access"]):
        raise SystemExit("\n".join(str(problem) for problem in problems))
# What is loaded by now stays for good. Looking through it for garbage again and again takes a tenth of the time.
gc.freeze()
gc.set_threshold(10_000, 10, 10)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request in a lane. What is not a stream is finished there, and needs no second look at the end."""
    with lanes.taken():
        response: Any = django(environ, start_response)
        if getattr(response, "streaming", True):
            return response  # type: ignore[no-any-return]
        body = [response.content]
        response.close()
        return body
