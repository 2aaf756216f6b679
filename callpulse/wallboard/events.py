"""The stream of events of one browser, from when it comes until it goes."""

import asyncio

import msgspec
from aiohttp import web

from callpulse.current.fields import CADENCE_MS
from callpulse.wallboard.answers import SECURE, board_of, language_of, takes_gzip
from callpulse.wallboard.hub import Hub
from callpulse.wallboard.watching import GZIP_HEAD, MOST_WATCHERS, Message, Watcher

PING_S = CADENCE_MS / 1000
WHOLE_EVERY_S = 60.0
TAKEN_WITHIN_S = 30.0  # a tab that sleeps comes back by itself
STREAMED = {**SECURE, "Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}


async def events(request: web.Request, hub: Hub) -> web.StreamResponse:
    """All of the board, then what changes."""
    name = board_of(request, hub)
    if name in hub.broken:
        raise web.HTTPServiceUnavailable(text="this board cannot be shown; the wallboard's log says why\n")
    if len(hub.audience.watchers) >= MOST_WATCHERS:
        raise web.HTTPServiceUnavailable(text=f"{MOST_WATCHERS} browsers watch already\n")
    pressed = takes_gzip(request)
    response = web.StreamResponse(headers={**STREAMED, **({"Content-Encoding": "gzip"} if pressed else {})})
    await response.prepare(request)
    watcher = hub.watch(name, language_of(request, hub, name))
    try:
        if pressed:
            await response.write(GZIP_HEAD)
        await _tell(response, hub, watcher, pressed=pressed)
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()  # it takes nothing: an orderly end would wait for it for ever
    except ConnectionError:
        pass  # it is gone
    finally:
        hub.audience.leave(watcher)
    return response


async def _tell(response: web.StreamResponse, hub: Hub, watcher: Watcher, *, pressed: bool) -> None:
    """Until it goes away. Something is heard once a cadence in any case, all of the board once a minute."""
    loop = asyncio.get_running_loop()
    whole_s = loop.time() + WHOLE_EVERY_S
    while True:
        try:
            async with asyncio.timeout(PING_S):
                message = await watcher.inbox.get()
        except TimeoutError:
            if watcher.name in hub.broken:
                return
            message = Message("", "ping", msgspec.json.encode({"now_ms": hub.now_ms}))
        async with asyncio.timeout(TAKEN_WITHIN_S):
            await response.write(message.pressed if pressed else message.framed)
        if loop.time() >= whole_s:
            whole_s = loop.time() + WHOLE_EVERY_S
            hub.catch_up(watcher)
