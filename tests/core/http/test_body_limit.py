"""Under ASGI, too, a body over the limit is refused while it arrives and not when it is all there."""

import asyncio
import json
from typing import Any

import pytest

from core.http.body_limit import BodyLimit

LIMIT = 1000


async def drain(scope: Any, receive: Any, send: Any) -> None:
    """Reads like Django: until the end, or until the client has gone."""
    length = 0
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            return
        length += len(event["body"])
        if not event["more_body"]:
            break
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(length).encode()})


def post(chunks: list[bytes], headers: list[tuple[bytes, bytes]]) -> tuple[list[Any], int]:
    """The events sent, and how many chunks were left unread."""
    waiting = [
        {"type": "http.request", "body": chunk, "more_body": index < len(chunks) - 1}
        for index, chunk in enumerate(chunks)
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return waiting.pop(0)

    async def send(event: Any) -> None:
        sent.append(event)

    scope: Any = {"type": "http", "path": "/v1/orders", "headers": headers}
    asyncio.run(BodyLimit(drain, LIMIT)(scope, receive, send))
    return sent, len(waiting)


def refusal(sent: list[Any]) -> dict[str, Any]:
    start, body = sent
    assert start["status"] == 413
    assert (b"content-type", b"application/problem+json") in start["headers"]
    assert (b"connection", b"close") in start["headers"]
    problem: dict[str, Any] = json.loads(body["body"])
    return problem


def test_body_limit__announced_over_the_limit__refused_unread() -> None:
    sent, unread = post([b"x" * 600] * 3, [(b"content-length", b"1800")])

    assert unread == 3
    problem = refusal(sent)
    assert (problem["code"], problem["instance"]) == ("payload_too_large", "/v1/orders")
    assert problem["detail"] == "Request bodies may have 1,000 bytes."


def test_body_limit__chunked_over_the_limit__refused_on_the_way() -> None:
    sent, unread = post([b"x" * 600] * 5, [(b"transfer-encoding", b"chunked")])

    assert unread == 3
    assert refusal(sent)["code"] == "payload_too_large"


@pytest.mark.parametrize("announced", [[], [(b"content-length", b"1000")], [(b"content-length", b"nonsense")]])
def test_body_limit__at_the_limit__passes(announced: list[tuple[bytes, bytes]]) -> None:
    sent, unread = post([b"x" * 500] * 2, announced)

    assert unread == 0
    assert [event.get("status") or event["body"] for event in sent] == [200, b"1000"]


def test_body_limit__other_than_http__passes_untouched() -> None:
    seen: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope, receive, send))

    scope: Any = {"type": "websocket"}
    call: Any = (scope, object(), object())
    asyncio.run(BodyLimit(application, LIMIT)(*call))

    assert seen == [call]
