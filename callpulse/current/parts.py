"""What stands beside the figures of a queue: its day by interval, its last minutes, its worst contacts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple, TypeVar

import msgspec
from msgspec import Meta, Struct, field
from redis.asyncio import Redis

from callpulse.current.complaints import complain
from callpulse.current.connection import FAILURES, RedisAwayError, reason
from callpulse.current.fields import LATEST_MS
from callpulse.current.keys import Keys, Part
from callpulse.undecodable import UNDECODABLE

Found = TypeVar("Found")
TimeMs = Annotated[int, Meta(ge=0, le=LATEST_MS)]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Ms = Annotated[int, Meta(ge=0, le=LATEST_MS)]  # a length of time
Seconds = Annotated[float, Meta(ge=0, le=LATEST_MS)]
Share = Annotated[float, Meta(ge=0, le=1)]


class Interval(Struct, frozen=True, kw_only=True):
    """A clock interval of the day, by arrival. `level_n` None: an older worker wrote it, nothing can be added to it."""

    start_ms: TimeMs
    end_ms: TimeMs = 0
    offered: Count = 0
    answered: Count = 0
    answered_within_t: Count = 0
    abandoned: Count = 0
    abandoned_within_t: Count = 0
    abandoned_short: Count = 0
    exited: Count = 0
    exits: Mapping[str, Count] = {}
    lost: Count = 0
    handled: Count = 0
    level: Share | None = field(name="service_level", default=None)
    level_n: Count | None = field(name="service_level.n", default=None)
    asa_s: Seconds | None = None
    abandonment_rate: Share | None = None
    aht_s: Seconds | None = None
    provisional: bool = False

    @property
    def met(self) -> int:
        """The numerator of the level, by whatever formula: a whole number of contacts."""
        return round((self.level or 0.0) * (self.level_n or 0))


class Minutes(Struct, frozen=True, kw_only=True):
    """Lists of one value a minute, the oldest first, the one that is running included."""

    start_ms: TimeMs
    level: tuple[Share | None, ...] = field(name="service_level")
    level_n: tuple[Count, ...] = field(name="service_level.n")
    contacts_waiting: tuple[Count, ...]
    answered: tuple[Count, ...]
    abandoned: tuple[Count, ...]
    exited: tuple[Count, ...]
    wait_ms: tuple[Ms, ...]
    handled: tuple[Count, ...]
    handle_ms: tuple[Ms, ...]

    def __post_init__(self) -> None:
        """Raises ValueError where the lists are not of one length."""
        lists = [value for name in self.__struct_fields__ if isinstance(value := getattr(self, name), tuple)]
        if len({len(each) for each in lists}) > 1:
            raise ValueError("lists of different lengths")


class Wait(Struct, frozen=True):
    """One of the longest of the last half hour. `at_ms`: its end, or when it began where it goes on (`waiting`)."""

    contact_id: str
    wait_ms: Ms
    outcome: str
    at_ms: TimeMs

    def __post_init__(self) -> None:
        """Raises ValueError where it began before there was time."""
        if self.arrived_ms < 0:
            raise ValueError("a wait that began before 1970")

    @property
    def arrived_ms(self) -> int:
        """When it began."""
        return self.at_ms if self.outcome == "waiting" else self.at_ms - self.wait_ms


class Agent(Struct, frozen=True):
    """Who is signed in, since when in this state, and why where that is told."""

    agent: str
    state: str
    since_ms: TimeMs
    reason: str | None = None


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
    return Parts(*await _found(redis, keys, queues, tuple(_READ)))


async def read_worst(redis: Redis, keys: Keys, queues: Sequence[str]) -> Mapping[str, Sequence[Wait]]:
    """The worst contacts alone. Raises RedisAwayError."""
    (found,) = await _found(redis, keys, queues, ("worst",))
    return found


async def _found(redis: Redis, keys: Keys, queues: Sequence[str], parts: Sequence[Part]) -> list[dict[str, Any]]:
    """Each part by queue."""
    wanted = [keys.of("queue", queue, part) for part in parts for queue in queues]
    try:
        raw: list[Any] = await redis.mget(wanted) if wanted else []
    except FAILURES as error:
        raise RedisAwayError(reason(error)) from error
    each = iter(raw)
    return [_of(part, {queue: next(each) for queue in queues}) for part in parts]


def _of(part: Part, raw: Mapping[str, bytes | None]) -> dict[str, Any]:
    found = {}
    for queue, text in raw.items():
        try:
            if text is not None:
                found[queue] = _READ[part](text)
        except UNDECODABLE as error:
            complain(f"{part} of {queue!r}", str(error))
    return found
