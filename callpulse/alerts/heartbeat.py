"""The dead man's switch: a sign of life that somebody else misses when it stays out.

Alertmanager ends the alerts of a dead monitor by itself, which looks like recovery; so an alert that always stands says
that the monitor lives, and a URL is asked for regularly. Both stop when the monitor only pretends to live: `alive` is
asked each time.
"""

import asyncio
from collections.abc import Callable
from typing import Annotated

from aiohttp import ClientSession
from msgspec import Meta

from callpulse.alerts.channels.channel import Address
from callpulse.alerts.channels.sending import Request, send
from callpulse.alerts.core.outcome import Outcome
from callpulse.alerts.core.standing import Alert, Standing

ALERT = "CallpulseAlive"


class Heartbeat(Address, frozen=True, kw_only=True):
    """`url`: asked for every `every_s` seconds, for a service that raises the alarm when nobody asks."""

    url: str
    every_s: Annotated[float, Meta(ge=5, le=3600)] = 30.0


def always(site: str, since_ms: int) -> Alert:
    """The alert that always stands. Route it to whoever notices when it no longer comes, never to people."""
    labels = {"alertname": ALERT, "site": site, "severity": "none"}
    return Alert(
        id=f"{ALERT} {site}",
        labels={key: value for key, value in labels.items() if value},
        annotations={"summary": "callpulse watches this site. Raise the alarm when this alert is NOT there."},
        starts_ms=since_ms,
    )


def show_life(standing: Standing, site: str, since_ms: int, alive: bool) -> None:
    """Let the alert stand while the monitor lives; otherwise it is no longer sent and ends by itself."""
    alert = always(site, since_ms)
    if alive:
        standing.keep(alert)
    else:
        standing.drop(alert.id)


async def beat(heartbeat: Heartbeat, session: ClientSession, now_ms: int) -> Outcome:
    """Ask for the URL once."""
    return await send(session, Request(url=heartbeat.url, method="GET", timeout_s=heartbeat.timeout_s), now_ms)


async def keep_beating(
    heartbeat: Heartbeat,
    session: ClientSession,
    *,
    alive: Callable[[], bool],
    now_ms: Callable[[], int],
    told: Callable[[Outcome], None],
) -> None:
    """Until cancelled: ask while the monitor lives, and tell how that went."""
    while True:
        if alive():
            told(await beat(heartbeat, session, now_ms()))
        await asyncio.sleep(heartbeat.every_s)
