"""What alert rules did of late, from the capped stream in Redis: read once, then only what is new."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from redis.asyncio import Redis

from callpulse.current.connection import FAILURES, RedisAwayError, reason
from callpulse.current.fields import LATEST_MS
from callpulse.current.keys import Keys

KEPT_MS = 26 * 3_600_000  # more than the longest day
AT_ONCE = 10_000  # as many as the stream holds
SEVERITIES = ("warning", "critical")


class Move(NamedTuple):
    """A rule of a queue went to this severity at `at_ms` (data time)."""

    at_ms: int
    queue: str
    rule: str
    new: str


class Moves:
    """Those of the last day, the oldest first."""

    def __init__(self, redis: Redis, keys: Keys) -> None:
        self.all: tuple[Move, ...] = ()
        self._redis, self._keys = redis, keys
        self._last = b"-"

    async def read(self) -> None:
        """What is new. Raises RedisAwayError."""
        after = self._last if self._last == b"-" else b"(" + self._last
        try:
            found: Any = await self._redis.xrange(self._keys.transitions, min=after, count=AT_ONCE)
        except FAILURES as error:
            raise RedisAwayError(reason(error)) from error
        if not found:
            return
        self._last = found[-1][0]
        moves = [*self.all, *(move for _, fields in found if (move := _move(fields)) is not None)]
        newest = max((move.at_ms for move in moves), default=0)
        self.all = tuple(move for move in moves if move.at_ms > newest - KEPT_MS)


def _move(fields: Mapping[Any, Any]) -> Move | None:
    """None for what somebody else wrote there."""
    at, queue, rule, new = (fields.get(name, b"") for name in (b"at_ms", b"queue", b"rule", b"new"))
    text = [each.decode("utf-8", "replace") for each in (queue, rule, new)]
    return Move(int(at), *text) if at.isdigit() and int(at) <= LATEST_MS else None
