"""Values to Redis: the newest of each queue, in one round trip for many, never in the way of the stream.

`put` only remembers; `run`, woken by `send_soon`, or `flush` sends. While Redis is away the newest value of each key is
kept, so memory is bounded by the number of queues, and everything is written when it is back. Of a value whose
predecessor is known to be there, only what changed is sent; Redis checks that it is.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any

import msgspec
from redis.asyncio import Redis

from callpulse import clock
from callpulse.current.connection import FAILURES, reason
from callpulse.current.fields import TTL_MS, Current, Number, Version, to_changes, to_hash, version_text
from callpulse.current.keys import PARTS, Change, Keys, Kind
from callpulse.stream.durations import Durations

if TYPE_CHECKING:
    from redis.asyncio.client import Pipeline

FIRST_RETRY_S = 0.1
LAST_RETRY_S = 5.0
ROUND_TRIP = 20  # queues sent together; between two round trips the stream gets its turn

WRITTEN, REFUSED, SEND_WHOLE = 1, 0, 2  # what the script answers

Key = tuple[str, str]  # kind, name
There = tuple[Version, Mapping[str, Number | None]]  # a version and its fields; the parts would be kept for nothing

log = logging.getLogger(__name__)


class CurrentWriter:
    """Writes `Current` values to one site's keys.

    `written_total`, `refused_total` (an older version: another worker has written since), `failures_total`
    (round trips that failed) only grow, `trips` are those that did not; `away_since_ms` is None while Redis answers.
    """

    def __init__(
        self, client: Redis, keys: Keys, *, ttl_ms: int = TTL_MS, now_ms: Callable[[], int] = clock.now_ms
    ) -> None:
        self.written_total = 0
        self.refused_total = 0
        self.failures_total = 0
        self.trips = Durations()
        self.away_since_ms: int | None = None
        self._client = client
        self._keys = keys
        self._ttl_ms = ttl_ms
        self._now_ms = now_ms
        self._script = resources.files("callpulse.stream").joinpath("write_queue.lua").read_text("utf-8")
        self._sha = client.register_script(self._script).sha
        self._pending: dict[Key, Current] = {}
        self._there: dict[Key, There] = {}  # what was written last, and is in Redis if nobody else has written
        self._heartbeats: dict[str, int] = {}
        self._incomplete = False  # Redis asked for values to be sent whole
        self._flushing = asyncio.Lock()
        self._something = asyncio.Event()

    @property
    def pending(self) -> int:
        """How many queues, groups and totals wait to be written."""
        return len(self._pending)

    def put(self, current: Current) -> None:
        """Remember this value as the one to write, unless a newer one waits already."""
        key = (current.kind, current.name)
        waiting = self._pending.get(key)
        self._pending[key] = current if waiting is None else _newest(waiting, current)

    async def remove(self, kind: Kind, name: str) -> None:
        """There is no such thing any more. While Redis is away it ends with its TTL."""
        async with self._flushing:
            self._pending.pop((kind, name), None)
            self._there.pop((kind, name), None)
            with contextlib.suppress(*FAILURES):
                await self._client.delete(self._keys.of(kind, name))

    def put_sources(self, heartbeats: Mapping[str, int]) -> None:
        """Remember each source's last heartbeat (ms); Redis keeps the latest."""
        for source, at_ms in heartbeats.items():
            self._heartbeats[source] = max(at_ms, self._heartbeats.get(source, 0))

    def send_soon(self) -> None:
        """Let `run` send what was put."""
        self._something.set()

    def forget(self, queues: Iterable[str]) -> None:
        """Somebody else writes them now."""
        for queue in queues:
            self._there.pop(("queue", queue), None)

    async def run(self) -> None:
        """Write what is put, until cancelled. A failure is retried after 0.1 s, 0.2 s, … at most 5 s."""
        pause_s = FIRST_RETRY_S
        while True:
            await self._something.wait()
            if await self.flush():
                pause_s = FIRST_RETRY_S
            else:
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, LAST_RETRY_S)

    async def flush(self) -> bool:
        """Send all that waits. False = Redis is away; what was not written still waits."""
        async with self._flushing:
            self._something.clear()
            done = await self._flush_once()
            if done and self._incomplete:  # the second time they are sent whole
                done = await self._flush_once()
            if not done:
                self._something.set()
            return done

    async def _flush_once(self) -> bool:
        self._incomplete = False
        waiting = list(self._pending)
        for first in range(0, max(len(waiting), 1), ROUND_TRIP):
            if not await self._write(waiting[first : first + ROUND_TRIP]):
                return False
        return True

    async def _write(self, keys: list[Key]) -> bool:
        batch = [self._pending.pop(key) for key in keys]
        heartbeats, self._heartbeats = self._heartbeats, {}
        if not batch and not heartbeats:
            return True
        began_s = clock.monotonic_s()
        try:
            answers = await self._send(batch, heartbeats)
            self.trips.add(clock.monotonic_s() - began_s)
        except BaseException as error:
            self._there.clear()  # whether it was written is not known
            self._keep(batch, heartbeats)
            if not isinstance(error, FAILURES):
                raise
            self._went_away(error)
            return False
        return self._booked(batch, answers)

    async def _send(self, batch: list[Current], heartbeats: dict[str, int]) -> list[Any]:
        """Redis's answer to each of the batch: 1, 0 or an exception."""
        async with self._client.pipeline(transaction=False) as pipe:
            if heartbeats:
                pipe.zadd(self._keys.sources, heartbeats, gt=True)
            pipe.script_load(self._script)  # with every round trip: a Redis that restarted has forgotten it
            for current in batch:
                self._add(pipe, current)
            answers: list[Any] = await pipe.execute(raise_on_error=False)
        first = len(answers) - len(batch)
        for answer in answers[:first]:
            if isinstance(answer, Exception):
                raise answer
        return answers[first:]

    def _add(self, pipe: "Pipeline", current: Current) -> None:
        keys, name = self._keys, current.name
        change = Change(current.kind, name, version_text(current.version), current.event_time_ms)
        there = None if current.whole else self._there.get((current.kind, name))
        flat, gone = (to_hash(current), []) if there is None else to_changes(current, there[1])
        pipe.evalsha(
            self._sha,
            2 + len(PARTS),
            keys.of(current.kind, name),
            keys.queues,
            *(keys.of(current.kind, name, part) for part in PARTS),
            *(str(number) for number in (*current.version, self._ttl_ms)),
            *((name, str(current.written_at_ms)) if current.kind == "queue" else ("", "")),
            keys.changes,
            msgspec.json.encode(change),
            *(getattr(current, part) or b"" for part in PARTS),
            msgspec.msgpack.encode(flat),
            "" if there is None else version_text(there[0]),
            msgspec.msgpack.encode(gone),
        )

    def _booked(self, batch: list[Current], answers: list[Any]) -> bool:
        whole, failed = [], []
        for current, answer in zip(batch, answers, strict=True):
            key = (current.kind, current.name)
            if answer == WRITTEN:
                self._there[key] = current.version, current.fields
                continue
            self._there.pop(key, None)
            if answer == SEND_WHOLE:
                self._incomplete = True
                whole.append(current)
            elif isinstance(answer, Exception):
                failed.append(current)
        self.written_total += answers.count(WRITTEN)
        self.refused_total += answers.count(REFUSED)
        self._keep(whole + failed, {})
        if failed:
            self._went_away(next(answer for answer in answers if isinstance(answer, Exception)))
            return False
        self._came_back()
        return True

    def _keep(self, batch: list[Current], heartbeats: dict[str, int]) -> None:
        for current in batch:
            self.put(current)
        self.put_sources(heartbeats)

    def _went_away(self, error: BaseException) -> None:
        self.failures_total += 1
        if self.away_since_ms is None:
            self.away_since_ms = self._now_ms()
            log.warning("Redis is away (%s); the newest values are kept for its return", reason(error))

    def _came_back(self) -> None:
        if self.away_since_ms is not None:
            away_s = (self._now_ms() - self.away_since_ms) / 1000
            log.warning("Redis is back after %.0f s; the newest values have been written", away_s)
            self.away_since_ms = None


def _newest(one: Current, other: Current) -> Current:
    """The one with the higher version (of equals the other), with the parts that only the older one was
    given."""
    new, old = (one, other) if one.version > other.version else (other, one)
    parts = {part: getattr(old, part) for part in PARTS if getattr(new, part) is None}
    return msgspec.structs.replace(new, whole=new.whole or old.whole, **parts)
