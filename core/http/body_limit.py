"""A limit on request bodies for ASGI, where Django would first spool all of it to disk.

Under WSGI bodies are read only as far as somebody asks for them, so nothing like this is needed there.
"""

from collections.abc import MutableMapping
from typing import Any

from django.http import HttpRequest

from core import context
from core.errors import PayloadTooLarge
from core.http.problems import problem_response
from core.lifespan import Application, Receive, Scope, Send


class BodyLimit:
    """Answers `413` as soon as a body is announced to be, or turns out to be, over the limit."""

    def __init__(self, application: Application, limit: int) -> None:
        self.application = application
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
        elif _announced(scope) > self.limit:
            await _refuse(scope["path"], self.limit, send)
        else:
            await self._counted(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        taken = 0
        answered = False

        async def receive_counted() -> MutableMapping[str, Any]:
            nonlocal taken
            event = await receive()
            if event["type"] == "http.request":
                taken += len(event.get("body", b""))
            # Told that the client has gone, Django drops what it has spooled and answers nothing.
            return {"type": "http.disconnect"} if taken > self.limit else event

        async def send_noted(event: MutableMapping[str, Any]) -> None:
            nonlocal answered
            answered = True
            await send(event)

        await self.application(scope, receive_counted, send_noted)
        if taken > self.limit and not answered:
            await _refuse(scope["path"], self.limit, send)


def _announced(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


async def _refuse(path: str, limit: int, send: Send) -> None:
    request = HttpRequest()
    request.path = path
    with context.scope(context.Context()) as bound:
        answer = problem_response(PayloadTooLarge(f"Request bodies may have {limit:,} bytes."), request)
    headers = {
        **answer.headers,
        "Connection": "close",  # nobody is going to read the rest
        "Content-Length": str(len(answer.content)),
        "Vary": "Origin, Accept-Encoding",
        "X-Trace-Id": bound.trace_id,
    }
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status_code, "headers": raw})
    await send({"type": "http.response.body", "body": answer.content})
