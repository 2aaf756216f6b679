"""Everything on the board as it stands in Redis, read again only where it changed."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from redis.asyncio import Redis

from callpulse.current import alerts
from callpulse.current.alerts import Alerts
from callpulse.current.complaints import complain
from callpulse.current.connection import FAILURES, RedisAwayError, reason
from callpulse.current.fields import AMBER_MS, LATEST_MS, OWN_FIELDS, Reading, from_hash
from callpulse.current.keys import TOTAL, Change, Keys
from callpulse.current.sites import sites
from callpulse.undecodable import UNDECODABLE

OTHERS_EVERY_MS = 30_000
WRONG_TYPE = "WRONGTYPE"


class Picture(Struct, frozen=True):
    """What was read in one go. `written_ms`: every queue ever seen, with the time of its last write; a queue
    that is not in `queues` has no data since then. `redis_now_ms` is Redis's own clock, the one to take ages
    with. `other_sites`: those that have queues, where this one has none. `alerts`: None where no alerts worker has
    written of late. `groups`: of those that were asked for."""

    redis_now_ms: int
    written_ms: dict[str, int]
    heartbeats_ms: dict[str, int]
    queues: dict[str, Reading]
    total: Reading | None
    other_sites: tuple[str, ...] = ()
    alerts: Alerts | None = None
    groups: dict[str, Reading] = {}


class Reader:
    """Reads one site. `fields` = the values that are wanted (None = all of them), `groups` = those of these too."""

    def __init__(
        self, client: Redis, keys: Keys, fields: Sequence[str] | None = None, groups: Sequence[str] = ()
    ) -> None:
        self._client = client
        self._keys = keys
        self._fields = None if fields is None else [*OWN_FIELDS, *fields]
        self._groups = groups
        self._queues: dict[str, Reading] = {}
        self._others: tuple[int, tuple[str, ...]] = (0, ())  # when they were looked for, and found

    async def read(self, changed: Iterable[str] | None = None) -> Picture:
        """The newest picture in two round trips. Read again are: the queues in `changed` (None = all), new
        ones, and those whose last reading is no longer fresh (a message may have been missed). Raises
        RedisAwayError."""
        try:
            return await self._read(changed)
        except FAILURES as error:
            raise RedisAwayError(reason(error)) from error

    async def _read(self, changed: Iterable[str] | None) -> Picture:
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.time()
            pipe.zrange(self._keys.queues, 0, -1, withscores=True)
            pipe.zrange(self._keys.sources, 0, -1, withscores=True)
            self._ask(pipe, self._keys.of("total", TOTAL))
            pipe.hgetall(self._keys.alerts)
            for group in self._groups:
                self._ask(pipe, self._keys.of("group", group))
            answers = await pipe.execute(raise_on_error=False)
        (seconds, micros), queues, found, total, told, *groups = map(_readable, answers)
        now_ms = seconds * 1000 + micros // 1000
        written_ms = _times(queues)
        await self._refresh(self._stale(written_ms, None if changed is None else set(changed), now_ms))
        self._queues = {name: reading for name, reading in self._queues.items() if name in written_ms}
        others = () if written_ms else await self._other_sites(now_ms)
        return Picture(
            now_ms,
            written_ms,
            _times(found),
            dict(self._queues),
            self._decoded(total),
            others,
            alerts.from_hash(told or {}),
            {name: seen for name, raw in zip(self._groups, groups, strict=True) if (seen := self._decoded(raw))},
        )

    async def _other_sites(self, now_ms: int) -> tuple[str, ...]:
        if now_ms - self._others[0] >= OTHERS_EVERY_MS:
            self._others = now_ms, await sites(self._client)
        return self._others[1]

    def _stale(self, names: Iterable[str], changed: set[str] | None, now_ms: int) -> list[str]:
        if changed is None:
            return list(names)
        return [n for n in names if n in changed or not self._fresh(self._queues.get(n), now_ms)]

    @staticmethod
    def _fresh(reading: Reading | None, now_ms: int) -> bool:
        return reading is not None and -AMBER_MS < now_ms - reading.stored_at_ms < AMBER_MS

    async def _refresh(self, names: list[str]) -> None:
        async with self._client.pipeline(transaction=False) as pipe:
            for name in names:
                self._ask(pipe, self._keys.of("queue", name))
            answers = await pipe.execute(raise_on_error=False)
            for name, found in zip(names, map(_readable, answers), strict=True):
                reading = self._decoded(found)
                if reading is None:
                    self._queues.pop(name, None)
                else:
                    self._queues[name] = reading

    def _ask(self, pipe: Any, key: str) -> None:
        if self._fields is None:
            pipe.hgetall(key)
        else:
            pipe.hmget(key, self._fields)

    def _decoded(self, found: Any) -> Reading | None:
        if not found:
            return None
        pairs = found.items() if self._fields is None else zip(self._fields, found, strict=True)
        return from_hash({_text(name): _text(text) for name, text in pairs if text is not None})


def changed_queue(message: bytes) -> str | None:
    """The queue that a message on the channel `changes` is about; None for anything else."""
    try:
        change = msgspec.json.decode(message, type=Change)
    except UNDECODABLE:
        return None
    return change.name if change.kind == "queue" else None


def _readable(answer: Any) -> Any:
    """Nothing, where somebody else has put something of another type there; any other error travels."""
    if not isinstance(answer, Exception):
        return answer
    if not str(answer).startswith(WRONG_TYPE):
        raise answer
    complain("a key of ours", str(answer))
    return ()


def _times(members: list[tuple[bytes, float]]) -> dict[str, int]:
    """Those that a calendar knows."""
    return {_text(name): int(score) for name, score in members if 0 <= score <= LATEST_MS}


def _text(raw: bytes | str) -> str:
    return raw if isinstance(raw, str) else raw.decode("utf-8", "replace")
