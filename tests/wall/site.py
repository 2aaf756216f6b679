"""A small server that shows the page and plays a script on the line to it: what to say, when to be silent."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import msgspec
from aiohttp import web

import callpulse.wallboard
from callpulse.wallboard.answers import SECURE, SECURE_PICTURE
from callpulse.wallboard.boards import LOGO_PATH
from callpulse.wallboard.desk_answers import PATH as QUEUE_PATH
from callpulse.wallboard.logos import recognised
from callpulse.wallboard.shown import Wall
from callpulse.wallboard.texts import text_of
from tests.wall.figures import AT_MS
from tests.wall.looked import looked_back, printed_day
from tests.wall.near import near

STATIC = Path(callpulse.wallboard.__file__).parent / "static"
CSP = "Content-Security-Policy"


class Site:
    """Serves `wall` as board `desk`. `now_ms` = its clock: the time of the data, and on."""

    def __init__(self, wall: Wall, cadence_ms: int = 5000, ttl_ms: int = 30_000, shape: str = "wall") -> None:
        self.wall = wall
        self.shape = shape
        self.logo = b""
        self.boards: list[dict[str, Any]] = []
        self.asked: list[str] = []  # whose events
        self.listed = 0  # how often the list was asked for
        self.instead: list[str] = []  # what comes at first in its place
        self.near: list[str] = []  # which queues were asked for
        self.near_status = 200
        self.cadence_ms = cadence_ms
        self.ttl_ms = ttl_ms
        self.version = "1"
        self.silent = False
        self.refuses = False
        self.refused = asyncio.Event()
        self.url = ""
        self.role = "viewer"
        self.posted: list[tuple[str, Any, str]] = []  # path, body, where it came from
        self.answer: tuple[int, str] = (202, '{"id":"sent1234"}')
        self.looked: list[tuple[str, int]] = []
        self._lines: set[asyncio.Queue[bytes | None]] = set()
        self._began = time.monotonic()

    @property
    def now_ms(self) -> int:
        return AT_MS + int((time.monotonic() - self._began) * 1000)

    def change(self, **part: Any) -> None:
        """Says what changed."""
        self._say("change", {"now_ms": self.now_ms, "wall": part})

    def say_all(self) -> None:
        """The whole wall, to everybody."""
        self._say("wall", self._whole())

    def hang_up(self) -> None:
        """Ends all lines."""
        for line in self._lines:
            line.put_nowait(None)

    @classmethod
    @asynccontextmanager
    async def open(cls, wall: Wall, **settings: Any) -> AsyncIterator[Self]:
        site = cls(wall, **settings)
        app = web.Application()
        app.add_routes([web.get("/b/desk", site._page), web.get("/events/{name}", site._events)])
        app.add_routes([web.get("/api/boards", site._names)])
        app.add_routes([web.get("/api/me", site._me), web.post("/api/{what:.*}", site._take)])
        app.router.add_get("/api/boards/{name}", site._board)
        app.router.add_get("/api/boards/{name}/text", site._text)
        app.add_routes([web.get("/b/desk/day", site._day_page), web.get("/api/boards/desk/day", site._day)])
        app.add_routes([web.get("/api/boards/{name}/queues/{queue}/intervals/{start}", site._interval)])
        app.router.add_get("/api/boards/{name}/intervals/{start}", site._interval)
        app.router.add_get(QUEUE_PATH, site._queue)
        app.router.add_get(LOGO_PATH, site._logo)
        app.router.add_static("/static", STATIC)
        app.on_response_prepare.append(_strict)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        site.url = f"http://127.0.0.1:{runner.addresses[0][1]}/b/desk"
        try:
            yield site
        finally:
            site.hang_up()
            await runner.cleanup()

    def _whole(self) -> dict[str, Any]:
        times = {"now_ms": self.now_ms, "cadence_ms": self.cadence_ms, "ttl_ms": self.ttl_ms}
        logo = {"logo": LOGO_PATH.format(name="desk"), "alt": "Acme Bank"} if self.logo else {}
        look = {"shape": self.shape, "theme": "dark", **logo}
        return {"wall": self.wall, "look": look, "version": self.version, **times}

    def _say(self, event: str, message: object) -> None:
        if not self.silent:
            for line in self._lines:
                line.put_nowait(_framed(event, message))

    async def _page(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / "wall.html")

    async def _logo(self, request: web.Request) -> web.Response:
        return web.Response(body=self.logo, content_type=recognised(self.logo).kind)

    async def _names(self, request: web.Request) -> web.Response:
        self.listed += 1
        if self.listed <= len(self.instead):
            return _spoilt(self.instead[self.listed - 1])
        return web.json_response(self.boards)

    async def _board(self, request: web.Request) -> web.Response:
        return web.Response(body=msgspec.json.encode(self._whole()), content_type="application/json")

    async def _me(self, request: web.Request) -> web.Response:
        return web.json_response({"name": "Ans", "role": self.role})

    async def _queue(self, request: web.Request) -> web.Response:
        """The made queue, under the name that was asked for; one that the wall knows nothing of has no data."""
        name = request.match_info["queue"]
        self.near.append(name)
        if self.near_status != 200:
            return web.Response(status=self.near_status)
        found = near(name, self.wall.rows[name].state, self.wall.language)
        return web.Response(body=msgspec.json.encode(found), content_type="application/json")

    async def _text(self, request: web.Request) -> web.Response:
        return web.Response(text=f"{request.match_info['name']}\n{text_of(self.wall)}")

    async def _interval(self, request: web.Request) -> web.Response:
        """Of a made day: one an hour and a half ago is not known any more."""
        self.looked.append((request.match_info.get("queue", ""), int(request.match_info["start"])))
        found = looked_back(*self.looked[-1], "nl" if request.query["lang"] == "nl" else "en")
        if found is None:
            return web.Response(status=503, text="no interval begins then")  # a 404 would be a complaint
        return web.Response(body=msgspec.json.encode(found), content_type="application/json")

    async def _day_page(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / "day.html")

    async def _day(self, request: web.Request) -> web.Response:
        found = printed_day("nl" if request.query.get("lang") == "nl" else "en")
        return web.Response(body=msgspec.json.encode(found), content_type="application/json")

    async def _take(self, request: web.Request) -> web.Response:
        self.posted.append((request.path_qs, await request.json(), request.headers.get("Origin", "")))
        status, text = self.answer
        return web.Response(status=status, text=text)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.match_info["name"])
        if self.refuses:
            self.refused.set()
            raise web.HTTPServiceUnavailable
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        line: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._lines.add(line)
        try:
            await self._speak(response, line)
        except ConnectionResetError:
            pass
        finally:
            self._lines.discard(line)
        return response

    async def _speak(self, response: web.StreamResponse, line: asyncio.Queue[bytes | None]) -> None:
        if not self.silent:
            await response.write(_framed("wall", self._whole()))
        while True:
            try:
                said = await asyncio.wait_for(line.get(), self.cadence_ms / 2000)
            except TimeoutError:
                said = _framed("ping", {"now_ms": self.now_ms})
            if said is None:
                return
            if not self.silent:
                await response.write(said)


def _spoilt(how: str) -> web.Response:
    return web.Response(text=how, status=503 if how == "503" else 200)


def _framed(event: str, message: object) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (event.encode(), msgspec.json.encode(message))


async def _strict(request: web.Request, response: web.StreamResponse) -> None:
    response.headers[CSP] = (SECURE_PICTURE if request.path.startswith("/logos/") else SECURE)[CSP]
