"""`/metrics`, `/livez` and `/readyz` of a worker."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol

from aiohttp import web
from multidict import CIMultiDict
from prometheus_client import CollectorRegistry, ProcessCollector

from callpulse.edges.connections import Connections
from callpulse.edges.listening import address, certificate, listen, shown_by
from callpulse.edges.scrape_door import CHALLENGE, REFUSED, admits
from callpulse.edges.tls import OwnCertificate
from callpulse.edges.whose import of_site
from callpulse.settings.tables import Metrics
from callpulse.stream.metrics.exposition import Told, chosen, pressed, texts, weights
from callpulse.stream.metrics.turns import in_turns

IDLE_S = 75.0  # a connection on which nothing is asked: longer than scrapes are apart
MOST_CONNECTIONS = 256
SHUTDOWN_S = 1.0  # for requests that are still being answered
FRESH = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

OPEN = Metrics()
Reasons = Callable[[], list[str]]


class Gatherer(Protocol):
    """Asked at each scrape."""

    async def gather(self) -> Told:
        """What there is to tell now."""
        ...


class Endpoint:
    """Serves one worker inside the running event loop.

    `reasons()` says, each time it is asked, why the worker is not ready, one reason per line; an empty list = ready.
    It and the collector can be exchanged: a worker that waits for Kafka has less to say than one that works.
    `section`: of the settings, in which host and port stand. `or_another`: take any free port when the one named is
    taken. `access`: its certificate, and what is asked of who reads /metrics; the other two, for probes, ask nobody and
    tell no figure. `site`: whose it is, for who looks for another one here.
    """

    def __init__(  # noqa: PLR0913 - what is served, where, to whom and whose it is
        self,
        collector: Gatherer,
        reasons: Reasons,
        *,
        host: str,
        port: int,
        section: str = "metrics",
        or_another: bool = False,
        access: Metrics = OPEN,
        site: str = "",
    ) -> None:
        self.tell(collector, reasons)
        self._host, self._port, self._section = host, port, section
        self._or_another, self._access = or_another, access
        self._whose = of_site(site)
        self._process = CollectorRegistry()
        ProcessCollector(registry=self._process)
        self._one_at_a_time = asyncio.Lock()
        self._runner: web.AppRunner | None = None
        self.own: OwnCertificate | None = None  # once it has been started

    def tell(self, collector: Gatherer, reasons: Reasons) -> None:
        """From now on."""
        self._collector = collector
        self._reasons = reasons

    @property
    def url(self) -> str:
        """Where it is served, without a path."""
        return address(self._host, self._port, tls=bool(self._access.cert_file))

    async def start(self) -> None:
        """Listen. Raises EndpointError, SettingsError."""
        self.own = shown_by(certificate("metrics", self._access))
        connections = Connections(MOST_CONNECTIONS)
        app = web.Application(middlewares=[connections.asked])
        app.add_routes(
            [web.get("/metrics", self._metrics), web.get("/livez", _livez), web.get("/readyz", self._readyz)]
        )
        runner = web.AppRunner(
            app, handle_signals=False, access_log=None, shutdown_timeout=SHUTDOWN_S, keepalive_timeout=IDLE_S
        )
        await runner.setup()
        try:
            self._port = await listen(
                runner, self._section, self._host, self._port, own=self.own, or_another=self._or_another,
                connections=connections,
            )  # fmt: skip
        except BaseException:
            await runner.cleanup()
            raise
        self._runner = runner

    async def stop(self) -> None:
        """Stop listening; what is being answered gets a second. Harmless when it is not running."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _metrics(self, request: web.Request) -> web.Response:
        if self._access.asks and not admits(self._access, request.headers.get("Authorization", "")):
            return refused()
        async with self._one_at_a_time:
            return await exposed(request, await self._collector.gather(), self._process)

    async def _readyz(self, _: web.Request) -> web.Response:
        reasons = [" ".join(reason.split()) for reason in self._reasons()]
        if not reasons:
            return _plain("ready\n", 200, self._whose)
        return _plain("".join(f"{reason}\n" for reason in reasons), 503, self._whose)


def refused() -> web.Response:
    """To who reads /metrics without what is asked for."""
    headers = CIMultiDict((("WWW-Authenticate", way) for way in CHALLENGE), **FRESH)
    return web.Response(text=REFUSED, status=401, headers=headers)


async def exposed(request: web.Request, told: Told, process: CollectorRegistry) -> web.Response:
    """A scrape, in the text that is asked for, pressed where that is taken. `process`: figures of the process."""
    form = chosen(request.headers.get("Accept", ""))
    pieces = texts(told, form, process)
    headers = {**FRESH, "Content-Type": form.content_type, "Vary": "Accept, Accept-Encoding"}
    if weights(request.headers.get("Accept-Encoding", "")).get("gzip", 0.0) > 0:
        pieces = pressed(pieces)
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=in_turns([piece async for piece in pieces]), headers=headers)


async def _livez(_: web.Request) -> web.Response:
    """An answer at all says that the event loop turns."""
    return _plain("alive\n", 200)


def _plain(text: str, status: int, more: Mapping[str, str] = {}) -> web.Response:
    return web.Response(text=text, status=status, headers={**FRESH, **more})
