"""What stands beside the figures of a queue: its day by interval, its last minutes, its worst contacts."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import Struct, field
from redis.asyncio import Redis

from callpulse.current.connection import FAILURES, RedisAwayError, reason
from callpulse.current.keys import Keys, Part
from callpulse.undecodable import UNDECODABLE

log = logging.getLogger(__name__)
Found = TypeVar("Found")


class Interval(Struct, frozen=True, kw_only=True):
    """A clock interval of the day, by arrival. `level_n` None: an older worker wrote it, nothing can be added to it."""

    start_ms: int
    end_ms: int = 0
    offered: int = 0
    answered: int = 0
    answered_within_t: int = 0
    abandoned: int = 0
    abandoned_within_t: int = 0
    abandoned_short: int = 0
    exited: int = 0
    exits: Mapping[str, int] = {}
    lost: int = 0
    handled: int = 0
    level: float | None = field(name="service_level", default=None)
    level_n: int | None = field(name="service_level.n", default=None)
    asa_s: float | None = None
    abandonment_rate: float | None = None
    aht_s: float | None = None
    provisional: bool = False

    @property
    def met(self) -> int:
        """The numerator of the level, by whatever formula: a whole number of contacts."""
        return round((self.level or 0.0) * (self.level_n or 0))


class Minutes(Struct, frozen=True, kw_only=True):
    """Lists of one value a minute, the oldest first, the one that is running included."""

    start_ms: int
    level: tuple[float | None, ...] = field(name="service_level")
    level_n: tuple[int, ...] = field(name="service_level.n")
    contacts_waiting: tuple[int, ...]
    answered: tuple[int, ...]
    abandoned: tuple[int, ...]
    exited: tuple[int, ...]
    wait_ms: tuple[int, ...]
    handled: tuple[int, ...]
    handle_ms: tuple[int, ...]


class Wait(Struct, frozen=True):
    """One of the longest of the last half hour. `at_ms`: its end, or when it began where it goes on (`waiting`)."""

    contact_id: str
    wait_ms: int
    outcome: str
    at_ms: int

    @property
    def arrived_ms(self) -> int:
        """When it began."""
        return self.at_ms if self.outcome == "waiting" else self.at_ms - self.wait_ms


class Agent(Struct, frozen=True):
    """Who is signed in, and since when in this state."""

    agent: str
    state: str
    since_ms: int


class Parts(NamedTuple):
    """By queue; a queue without the part is not in it."""

    intervals: Mapping[str, Sequence[Interval]] = {}
    minutes: Mapping[str, Minutes] = {}
    worst: Mapping[str, Sequence[Wait]] = {}
    agents: Mapping[str, Sequence[Agent]] = {}


_READ: dict[Part, Callable[[bytes], Any]] = {
    "intervals": msgspec.json.Decoder(tuple[Interval, ...]).decode,
    "spark": msgspec.json.Decoder(Minutes).decode,
    "worst": msgspec.json.Decoder(tuple[Wait, ...]).decode,
    "agents": msgspec.json.Decoder(tuple[Agent, ...]).decode,
}


async def read_parts(redis: Redis, keys: Keys, queues: Sequence[str]) -> Parts:
    """Of these queues, in one round trip. Raises RedisAwayError."""
    wanted = [keys.of("queue", queue, part) for part in _READ for queue in queues]
    try:
        raw: list[Any] = await redis.mget(wanted) if wanted else []
    except FAILURES as error:
        raise RedisAwayError(reason(error)) from error
    each = iter(raw)
    return Parts(*(_of(part, {queue: next(each) for queue in queues}) for part in _READ))


def _of(part: Part, raw: Mapping[str, bytes | None]) -> dict[str, Any]:
    found = {}
    for queue, text in raw.items():
        try:
            if text is not None:
                found[queue] = _READ[part](text)
        except UNDECODABLE as error:
            log.warning("%s of %r: not understood (%s)", part, queue, error)
    return found
