"""The ASGI lifespan protocol, which Django does not speak: what runs for as long as the application does."""

from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]
Background = Callable[[], AbstractAsyncContextManager[None]]


class Lifespan:
    """Wraps an application; each background is entered at startup and left, in reverse order, at shutdown."""

    def __init__(self, application: Application, *backgrounds: Background) -> None:
        self._application = application
        self._backgrounds = backgrounds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._application(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()  # lifespan.startup
        async with AsyncExitStack() as stack:
            for background in self._backgrounds:
                await stack.enter_async_context(background())
            await send({"type": "lifespan.startup.complete"})
            await receive()  # lifespan.shutdown
        await send({"type": "lifespan.shutdown.complete"})
