"""Alertmanager, API v2. It knows no events, only alerts that stand until `endsAt`: what stands is sent again and again,
what is over for some minutes more, all of it to every member of a cluster (members do not share alerts).
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec
from aiohttp import ClientSession
from msgspec import Meta

from callpulse.alerts.channels.channel import Address
from callpulse.alerts.channels.sending import Request, send
from callpulse.alerts.core.message import Message
from callpulse.alerts.core.notice import Notice
from callpulse.alerts.core.outcome import Delivered, Outcome, Permanent, Temporary
from callpulse.alerts.core.standing import Alert, Standing
from callpulse.alerts.core.timestamps import rfc3339

PATH = "/api/v2/alerts"
MOST_AT_ONCE = 64
TAKEN = frozenset({200})
LIVES = 4  # resends that may be missed before an alert is over by itself


class Alertmanager(Address, frozen=True, kw_only=True):
    """`urls`: every member of the cluster, without the API's path. `evaluation_s`: how often rules are looked at."""

    urls: Annotated[tuple[str, ...], Meta(min_length=1)]
    resend_s: Annotated[float, Meta(ge=15, le=60)] = 30.0
    evaluation_s: float = 10.0

    @property
    def life_ms(self) -> int:
        """How long an alert stands after it was last sent."""
        return round(LIVES * max(self.evaluation_s, self.resend_s) * 1000)


class Cluster:
    """The members, and what stands there as far as we have told them."""

    def __init__(self, address: Alertmanager) -> None:
        self._address = address
        self.standing = Standing()

    async def notify(self, session: ClientSession, notice: Notice, message: Message, now_ms: int) -> Outcome:
        """Delivered when one member has it; the others hear it at the next resend."""
        self.standing.hold(notice, message, now_ms)
        return await self._send(session, self.standing.of(notice.id), now_ms)

    async def resend(self, session: ClientSession, now_ms: int) -> Outcome:
        """All that stands and what has ended lately."""
        return await self._send(session, self.standing.all(now_ms), now_ms)

    async def keep_sending(
        self,
        session: ClientSession,
        *,
        now_ms: Callable[[], int],
        told: Callable[[Outcome], None],
        refresh: Callable[[Standing], None] = lambda _: None,
    ) -> None:
        """Until cancelled: let `refresh` change what stands (the heartbeat), resend, tell how that went, wait."""
        while True:
            refresh(self.standing)
            told(await self.resend(session, now_ms()))
            await asyncio.sleep(self._address.resend_s)

    async def _send(self, session: ClientSession, alerts: Sequence[Alert], now_ms: int) -> Outcome:
        told = payload(alerts, now_ms, self._address.life_ms)
        bodies = [msgspec.json.encode(told[at : at + MOST_AT_ONCE]) for at in range(0, len(told), MOST_AT_ONCE)]
        return best(await asyncio.gather(*(self._member(session, url, bodies, now_ms) for url in self._address.urls)))

    async def _member(self, session: ClientSession, url: str, bodies: Sequence[bytes], now_ms: int) -> Outcome:
        """The first trouble there was; what it does not take stops nothing but itself, silence stops the rest."""
        trouble: Outcome = Delivered()
        for body in bodies:
            request = Request(url=url.rstrip("/") + PATH, body=body, timeout_s=self._address.timeout_s, taken=TAKEN)
            outcome = await send(session, request, now_ms)
            trouble = outcome if isinstance(trouble, Delivered) else trouble
            if isinstance(outcome, Temporary):
                break
        return trouble


def payload(alerts: Sequence[Alert], now_ms: int, life_ms: int) -> list[dict[str, Any]]:
    """As the API takes them. What stands ends `life_ms` from now unless it is sent again; what is over has ended, and
    never before it began, which Alertmanager would refuse with everything that is sent beside it."""
    return [_alert(alert, now_ms, life_ms) for alert in alerts]


def best(outcomes: Sequence[Outcome]) -> Outcome:
    """One member that has it is enough; otherwise it is tried again as long as one may take it."""
    return min(outcomes, key=_disappointment)


def _disappointment(outcome: Outcome) -> int:
    return [Delivered, Temporary, Permanent].index(type(outcome))


def _alert(alert: Alert, now_ms: int, life_ms: int) -> dict[str, Any]:
    starts_ms = min(alert.starts_ms, now_ms)
    ends_ms = now_ms + life_ms if alert.ended_ms is None else max(starts_ms, min(alert.ended_ms, now_ms))
    told: dict[str, Any] = {
        "labels": alert.labels,
        "annotations": alert.annotations,
        "startsAt": rfc3339(starts_ms),
        "endsAt": rfc3339(ends_ms),
    }
    return told | ({"generatorURL": alert.url} if alert.url else {})
