"""`callpulse wallboard` as a process: reads Redis and serves pages until it is told to stop."""

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from callpulse.alerts.commanding import Ask
from callpulse.current.connection import connect
from callpulse.edges.connections import Connections
from callpulse.edges.listening import address, certificate, listen, shown_by
from callpulse.edges.strangers import Strangers
from callpulse.ending import end_at_sigterm, ended
from callpulse.reloading import Reloads
from callpulse.settings import Settings, SettingsError
from callpulse.settings.live import OF_WALLBOARD
from callpulse.wallboard.app import app_of
from callpulse.wallboard.hub import Hub
from callpulse.wallboard.logos import Logo, LogoError, logos_of
from callpulse.wallboard.watching import MOST_WATCHERS

SHUTDOWN_S = 1.0
MOST_CONNECTIONS = 2 * MOST_WATCHERS
IDLE_S = 30.0  # a connection on which nothing is asked

STRANGERS = Strangers()

log = logging.getLogger("callpulse.wallboard")


def quietly() -> dict[str, Any]:
    """How aiohttp is to serve: connections on which nothing is asked are closed. And to log: no address (a link may
    hold a key), and nothing that a request which is none has sent."""
    server = logging.getLogger("callpulse.wallboard.http")
    server.addFilter(STRANGERS)
    return {"access_log": None, "logger": server, "keepalive_timeout": IDLE_S}


async def serve(
    settings: Settings,
    local_name: str = "",
    ask: Ask | None = None,
    *,
    logos: Mapping[str, Logo] = {},
    file: Path | None = None,
    another_port: bool = False,
) -> None:
    """Until SIGTERM or SIGINT. `local_name`: who it is that sits at this machine; `ask`: how what a supervisor asks for
    gets to the alerts worker; `logos`: by board; `file`: where the settings are read again.

    Raises EndpointError, RedisUrlError, SettingsError."""
    end_at_sigterm()
    reloads = Reloads(settings, file, OF_WALLBOARD, log)
    reloads.at_sighup()
    wall = settings.wallboard
    own = shown_by(certificate("wallboard", wall))
    reloads.renew(own)
    redis = connect(settings.redis)
    hub, shown = Hub(settings, redis), dict(logos)
    app, connections = app_of(hub, local_name, ask, shown, lambda: reloads.loaded), Connections(MOST_CONNECTIONS)
    app.middlewares.insert(0, connections.asked)

    def follow(changed: Settings) -> None:
        found = _logos(changed)
        shown.clear()
        shown.update(found)
        hub.follow(changed)

    reloads.follow(follow)
    runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=SHUTDOWN_S, **quietly())
    await runner.setup()
    reading, watching = asyncio.create_task(hub.run()), asyncio.create_task(reloads.watch())
    try:
        await listen(
            runner, "wallboard", wall.host, wall.port, own=own, or_another=another_port, connections=connections
        )
        log.info("boards at %s/", address(*runner.addresses[0][:2], tls=own is not None))
        await reading
    finally:
        await ended(reading, watching)
        await runner.cleanup()
        await redis.aclose()


def _logos(settings: Settings) -> Mapping[str, Logo]:
    """Raises SettingsError for files that are no pictures."""
    try:
        return logos_of(settings)
    except LogoError as error:
        raise SettingsError(str(error)) from None
