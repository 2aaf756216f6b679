"""Alerts to Redis, for boards: a hash of what goes on, kept alive, and a capped stream of what happened.

Boards are derived: they come back by themselves, and a Redis that is away holds up nobody.
"""

import logging
from collections.abc import Sequence
from typing import Any

import msgspec
from redis.asyncio import Redis

from callpulse.alerts.core import joining
from callpulse.alerts.core.engine import Engine
from callpulse.alerts.core.joining import Firing
from callpulse.alerts.core.message import LANGUAGES, brief, over
from callpulse.alerts.core.notice import Notice
from callpulse.alerts.core.queue_alert import Change
from callpulse.alerts.core.stored import ALERT, MUTE, SITE, OfQueue, OfSite
from callpulse.current.alerts import ABOUT, ENDED, Ended
from callpulse.current.connection import FAILURES, reason
from callpulse.current.fields import CADENCE_MS, TTL_MS
from callpulse.current.keys import Keys

KEPT = 10_000  # transitions
MOST_ENDED = 10

log = logging.getLogger(__name__)


class AlertBoard:
    """Writes one site's alerts. `away`: why Redis does not answer, None while it does."""

    def __init__(self, client: Redis, keys: Keys) -> None:
        self.away: str | None = None
        self._client, self._keys = client, keys
        self._shown: dict[str, bytes] = {}
        self._shown_ms = 0
        self._ended: dict[str, Ended] = {}  # by id, the newest first

    async def show(self, engine: Engine, changes: Sequence[Change], now_ms: int, *, news: bool = True) -> None:
        """What is new at once, everything once a cadence; without `news` nothing else is looked at. Never raises for
        Redis."""
        due = not 0 <= now_ms - self._shown_ms < CADENCE_MS
        if not news and not due:
            return
        fields: dict[Any, Any] = {name: msgspec.json.encode(value) for name, value in rows(engine).items()}
        if ended := self._seen_to_end(engine):
            fields[ENDED] = msgspec.json.encode(ended)
        if not changes and fields == self._shown and not due:
            return
        fields[ABOUT] = msgspec.json.encode({"written_at_ms": now_ms})
        try:
            async with self._client.pipeline(transaction=True) as pipe:
                pipe.delete(self._keys.alerts)
                pipe.hset(self._keys.alerts, mapping=fields)
                pipe.pexpire(self._keys.alerts, TTL_MS)
                for change in changes:
                    pipe.xadd(self._keys.transitions, told(change), maxlen=KEPT, approximate=True)
                await pipe.execute()
        except FAILURES as error:
            if self.away is None:
                log.warning("Redis is away (%s); boards do not show alerts, which go on", reason(error))
            self.away = reason(error)
            return
        del fields[ABOUT]
        self.away, self._shown, self._shown_ms = None, fields, now_ms

    def _seen_to_end(self, engine: Engine) -> list[Ended]:
        """What was told to be over since this worker began, with what it heard last of each."""
        for held in engine.held.all():
            if held.latest is not None and held.latest.kind == "resolved":
                self._ended[held.latest.id] = _ended(held.latest)
        newest = sorted(self._ended.values(), key=lambda each: (-each.ended_ms, each.id))[:MOST_ENDED]
        self._ended = {each.id: each for each in newest}
        return newest


def _ended(notice: Notice) -> Ended:
    return Ended(
        id=notice.id,
        queue=notice.labels.queue,
        onset_ms=notice.onset_ms,
        ended_ms=notice.at_ms if notice.ended_ms is None else notice.ended_ms,
        said={language: over(notice, language) for language in LANGUAGES},
    )


def rows(engine: Engine) -> dict[str, dict[str, Any]]:
    """Field -> what boards show: every alert that fires, told or not, and the mutes in force."""
    found: dict[str, dict[str, Any]] = {}
    for queue, held in engine.held.queues.items():
        firing = [Firing(rule, state) for rule, state in held.alert.states.items()]
        row = _row(held, queue, joining.shown(firing), engine.spoken.get(ALERT + queue))
        if row is not None:
            found[ALERT + queue] = row
    for name, site in engine.held.sites.items():
        row = _row(site, "", joining.shown([Firing(name, site.state)]), engine.spoken.get(SITE + name))
        if row is not None:
            found[SITE + name] = {**row, "queues": site.queues}
    for mute in engine.held.mutes.values():
        found[MUTE + mute.id] = msgspec.to_builtins(mute)
    return found


def _row(
    held: OfQueue | OfSite, queue: str, shown: joining.Joined | None, spoken: Notice | None
) -> dict[str, Any] | None:
    trouble = held.incident
    parked, said = dict(held.alert.parked) if isinstance(held, OfQueue) else {}, spoken or held.latest
    if shown is None and trouble is None and not parked:
        return None
    return {
        "queue": queue,
        "severity": shown.severity.name.lower() if shown else "none",
        "onset_ms": shown.onset_ms if shown else None,
        "rules": shown.rules if shown else (),
        "reasons": {rule: state.reason for rule, state in held.states.items()},
        "id": trouble.id if trouble else None,
        "cause": trouble.cause if trouble else "",
        "told": bool(trouble and trouble.told and trouble.channels),  # without a channel nobody was
        "acknowledged": msgspec.to_builtins(trouble.acknowledged) if trouble and trouble.acknowledged else None,
        "flapping": isinstance(held, OfQueue) and held.alert.flapping,
        "parked": parked,
        "said": {} if said is None else {language: brief(said, language) for language in LANGUAGES},
    }


def told(change: Change) -> dict[Any, Any]:
    """A transition as an entry of the stream."""
    moved = change.transition
    return {
        "at_ms": moved.at_ms,
        "queue": change.queue,
        "rule": change.rule,
        "kpi": change.kpi,
        "old": moved.old.name.lower(),
        "new": moved.new.name.lower(),
        "reason": moved.reason.value,
    }
