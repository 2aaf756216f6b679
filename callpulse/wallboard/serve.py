"""`callpulse wallboard` as a process: reads Redis and serves pages until it is told to stop."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from callpulse.alerts.commanding import Ask
from callpulse.current.connection import connect
from callpulse.ending import end_at_sigterm, ended
from callpulse.listening import certificate, context_of, listen
from callpulse.settings import Settings
from callpulse.wallboard.app import app_of
from callpulse.wallboard.hub import Hub
from callpulse.wallboard.logos import Logo

SHUTDOWN_S = 1.0
IDLE_S = 30.0  # a connection on which nothing is asked

log = logging.getLogger("callpulse.wallboard")


def quietly() -> dict[str, Any]:
    """How aiohttp is to serve: connections on which nothing is asked are closed. And to log: no address (a link may
    hold a key), and nothing of a request that is none, which it would quote in a traceback."""
    server = logging.getLogger("callpulse.wallboard.http")
    server.addFilter(_is_ours)
    return {"access_log": None, "logger": server, "keepalive_timeout": IDLE_S}


def _is_ours(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


async def serve(
    settings: Settings,
    local_name: str = "",
    ask: Ask | None = None,
    *,
    logos: Mapping[str, Logo] = {},
    another_port: bool = False,
) -> None:
    """Until SIGTERM or SIGINT. `local_name`: who it is that sits at this machine; `ask`: how
    what a supervisor asks for gets to the alerts worker; `logos`: by board.

    Raises EndpointError, RedisUrlError, SettingsError."""
    end_at_sigterm()
    wall = settings.wallboard
    tls = context_of(certificate("wallboard", wall))
    redis = connect(settings.redis)
    hub = Hub(settings, redis)
    app = app_of(hub, local_name, ask, logos)
    runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=SHUTDOWN_S, **quietly())
    await runner.setup()
    reading = asyncio.create_task(hub.run())
    try:
        await listen(runner, "wallboard", wall.host, wall.port, tls=tls, or_another=another_port)
        log.info("boards at http%s://%s:%s/", "s" * (tls is not None), *runner.addresses[0][:2])
        await reading
    finally:
        await ended(reading)
        await runner.cleanup()
        await redis.aclose()
