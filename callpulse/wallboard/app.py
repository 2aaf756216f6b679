"""What the wallboard serves: pages, and the events that keep them right."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib import resources
from typing import get_args

import msgspec
from aiohttp import web

from callpulse.alerts.commanding import Ask
from callpulse.board.words import Language
from callpulse.current.fields import CADENCE_MS
from callpulse.wallboard.acting import Acting
from callpulse.wallboard.asked import Asked
from callpulse.wallboard.door import Door
from callpulse.wallboard.guard import PERSON, Guard
from callpulse.wallboard.hub import MOST_WATCHERS, Hub, Message, Watcher

SECURE = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".html": "text/html"}
PING_S = CADENCE_MS / 1000
WHOLE_EVERY_S = 60.0
TAKEN_WITHIN_S = 30.0  # a tab that sleeps comes back by itself
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HUB = web.AppKey("hub", Hub)
FILES = web.AppKey("files", dict[str, bytes])
GUARD = web.AppKey("guard", Guard)
LARGEST_BODY = 8192


def app_of(hub: Hub, local_name: str = "", ask: Ask | None = None) -> web.Application:
    """Everything under one roof. `local_name`: who it is that sits at this machine; `ask`: how
    what a supervisor asks for gets to the alerts worker."""
    app = web.Application(middlewares=[_secured, _guarded], client_max_size=LARGEST_BODY)
    wallboard = hub.settings.wallboard
    open_ = frozenset({_livez, _readyz, _static, _sign_in})
    app[HUB], app[FILES] = hub, _static_files()
    app[GUARD] = Guard(Door(wallboard, local_name), open_, language=hub.settings.site.language, port=wallboard.port)
    app.add_routes(
        [
            web.get("/", _list),
            web.get("/b/{name}", _page),
            web.get("/events/{name}", _events),
            web.get("/api/boards", _names),
            web.get("/api/boards/{name}", _board),
            web.get("/api/me", _me),
            web.post("/sign-in", _sign_in),
            *Asked(hub, app[GUARD], Acting(ask, hub.settings.calendar())).routes(),
            web.get("/static/{file}", _static),
            web.get("/livez", _livez),
            web.get("/readyz", _readyz),
        ]
    )
    return app


@web.middleware
async def _secured(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        response = await handler(request)
    except web.HTTPException as refused:
        refused.headers.update(SECURE)
        raise
    if not response.prepared:
        response.headers.update(SECURE)
    return response


@web.middleware
async def _guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    return await request.app[GUARD].admit(request, handler)


def _static_files() -> dict[str, bytes]:
    """Read once: a page is a handful of small files, and no path of a request ever touches the disk."""
    folder = resources.files("callpulse.wallboard").joinpath("static")
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}


async def _list(request: web.Request) -> web.Response:
    """With one board there is nothing to choose."""
    hub = request.app[HUB]
    if len(hub.boards) == 1:
        raise web.HTTPFound(f"/b/{next(iter(hub.boards))}")
    return _file(request, "list.html")


async def _page(request: web.Request) -> web.Response:
    _known(request)
    return _file(request, "wall.html")


async def _static(request: web.Request) -> web.Response:
    return _file(request, request.match_info["file"])


def _file(request: web.Request, name: str) -> web.Response:
    body = request.app[FILES].get(name)
    kind = KINDS.get("." + name.rpartition(".")[2])
    if body is None or kind is None:
        raise web.HTTPNotFound(text="no such page\n")
    response = web.Response(body=body, content_type=kind, charset="utf-8")
    response.enable_compression()
    return response


async def _sign_in(request: web.Request) -> web.StreamResponse:
    return await request.app[GUARD].sign_in(request)


async def _me(request: web.Request) -> web.Response:
    """Who asks, and what they may do."""
    person = request[PERSON]
    return _json({"name": person.name, "role": person.role})


async def _names(request: web.Request) -> web.Response:
    boards = request.app[HUB].boards.values()
    return _json([{"name": each.name, "title": each.title} for each in boards])


async def _board(request: web.Request) -> web.Response:
    """As it is shown now, for a program."""
    hub, name = request.app[HUB], _known(request)
    shown = hub.shown(name, _language(request, hub, name))
    if shown is None:
        raise web.HTTPServiceUnavailable(text="nothing has been read yet\n")
    return _json({"wall": shown, **hub.around()})


async def _events(request: web.Request) -> web.StreamResponse:
    hub, name = request.app[HUB], _known(request)
    if len(hub.watchers) >= MOST_WATCHERS:
        raise web.HTTPServiceUnavailable(text=f"{MOST_WATCHERS} browsers watch already\n")
    response = web.StreamResponse(headers={**SECURE, "Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
    await response.prepare(request)
    watcher = hub.watch(name, _language(request, hub, name))
    try:
        await _tell(response, hub, watcher)
    except (ConnectionError, TimeoutError):
        pass  # it is gone, or has taken nothing for long
    finally:
        hub.leave(watcher)
    return response


async def _tell(response: web.StreamResponse, hub: Hub, watcher: Watcher) -> None:
    """Until it goes away. Something is heard once a cadence in any case, all of the board once a minute."""
    loop = asyncio.get_running_loop()
    whole_s = loop.time() + WHOLE_EVERY_S
    while True:
        try:
            async with asyncio.timeout(PING_S):
                message = await watcher.inbox.get()
        except TimeoutError:
            message = Message("", "ping", msgspec.json.encode({"now_ms": hub.now_ms}))
        async with asyncio.timeout(TAKEN_WITHIN_S):
            await response.write(_as_event(message))
        if loop.time() >= whole_s:
            whole_s = loop.time() + WHOLE_EVERY_S
            hub.catch_up(watcher)


def _as_event(message: Message) -> bytes:
    head = f"id: {message.id}\n" if message.id else ""
    return f"{head}event: {message.event}\ndata: ".encode() + message.body + b"\n\n"


async def _livez(_: web.Request) -> web.Response:
    return web.Response(text="alive\n")


async def _readyz(request: web.Request) -> web.Response:
    """Ready to show what there is: also that Redis does not answer."""
    hub = request.app[HUB]
    if not hub.walls:
        return web.Response(text="nothing has been read yet\n", status=503)
    return web.Response(text="ready\n" if hub.away_since_ms is None else "ready; Redis does not answer\n")


def _known(request: web.Request) -> str:
    name = request.match_info["name"]
    if name not in request.app[HUB].boards:
        known = ", ".join(request.app[HUB].boards)
        raise web.HTTPNotFound(text=f"no board of that name; there are: {known}\n")
    return name


def _language(request: web.Request, hub: Hub, name: str) -> Language:
    asked = request.query.get("lang")
    return asked if asked in get_args(Language) else hub.language(name)  # type: ignore[return-value]  # one of them


def _json(value: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json", charset="utf-8")
