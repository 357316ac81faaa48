"""The least that a WSGI server can be asked to do: what granian itself allows on this machine."""

from collections.abc import Callable, Iterable

_BODY = b'{"status": "ok"}'
_HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(_BODY)))]


def application(
    environ: dict[str, object], start_response: Callable[[str, list[tuple[str, str]]], object]
) -> Iterable[bytes]:
    start_response("200 OK", _HEADERS)
    return [_BODY]
