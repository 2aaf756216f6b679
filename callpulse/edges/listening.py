"""Listening where the settings say, with TLS where they name a certificate. For workers and the wallboard."""

import asyncio
import contextlib
import errno
import socket

from aiohttp import web

from callpulse.clock import now_ms
from callpulse.edges.connections import Connections, Entrance, entrance
from callpulse.edges.tls import Files, OwnCertificate, expired
from callpulse.settings import Alerts, Settings
from callpulse.settings.tables import Metrics
from callpulse.settings.wallboard import Wallboard, is_loopback


class EndpointError(Exception):
    """It cannot be served where the settings say. Names the setting, what is wrong and what to do."""


async def listen(
    runner: web.AppRunner,
    section: str,
    host: str,
    port: int,
    *,
    own: OwnCertificate | None,
    or_another: bool,
    connections: Connections,
) -> int:
    """The port. `section`: of the settings, in which host and port stand; `or_another`: any free port when the one
    named is taken (for a demo; a real site wants to know). Raises EndpointError."""
    try:
        sockets = await _sockets(host, port, connections)
    except OSError as error:
        if error.errno != errno.EADDRINUSE or not or_another:
            raise EndpointError(_why(section, host, port, error)) from None
        sockets = await _sockets(host, 0, connections)
    for each in sockets:
        await web.SockSite(runner, each, ssl_context=own.context if own is not None else None).start()
    found: int = runner.addresses[0][1]
    return found


def address(host: str, port: int, *, tls: bool) -> str:
    """Where somebody listens, as browsers take it."""
    return f"http{'s' * tls}://{f'[{host}]' if ':' in host else host}:{port}"


async def _sockets(host: str, port: int, connections: Connections) -> list[Entrance]:
    """One an address of the host; all are closed where one cannot be had."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    with contextlib.ExitStack() as opened:
        made = [
            opened.enter_context(entrance(family, address, connections)) for family, _, _, _, address in sorted(found)
        ]
        opened.pop_all()
    return made


def _why(section: str, host: str, port: int, error: OSError) -> str:
    variables = f"CALLPULSE_{section.upper()}"
    where = f"{section}.host = {host!r}, {section}.port = {port}"
    if error.errno == errno.EADDRINUSE:
        return (
            f"{where}: another program listens there; expected a free port. Stop that program, or set another "
            f"port ({variables}_PORT; 0 takes any that is free)"
        )
    return (
        f"{where}: cannot listen there ({error.strerror or error}); expected an address of this machine and a port "
        f"this user may open ({variables}_HOST, {variables}_PORT)"
    )


def certificate(section: str, config: Metrics | Wallboard) -> Files:
    """That of who listens, by its settings."""
    return Files(section, "", config.cert_file, config.key_file, config.key_password)


def shown_by(files: Files) -> OwnCertificate | None:
    """None = without TLS. Raises SettingsError."""
    return OwnCertificate(files) if files.cert else None


def exposed_to(settings: Settings, section: Metrics | Alerts) -> list[str]:
    """What is to be said, at the start, of who may read /metrics and on the way to whom."""
    metrics, said = settings.metrics, []
    if not (section.host == "localhost" or is_loopback(section.host)):
        if not metrics.asks:
            said.append(
                "who reaches that address may read /metrics: metrics.token, or username and password, ask for more"
            )
        elif not metrics.cert_file:
            said.append("what /metrics asks for can be read on its way there: metrics.cert_file would hide it")
    if metrics.cert_file and (over := expired(certificate("metrics", metrics), now_ms())):
        said.append(f"metrics.cert_file = {metrics.cert_file!r}: {over}; whoever verifies it will not come")
    return said
