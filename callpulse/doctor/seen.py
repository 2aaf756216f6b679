"""What was seen of Kafka and Redis, as plain values. Times are ms UTC, differences ms."""

from collections.abc import Mapping

from msgspec import Struct

from callpulse.stream.topics import Found

TP = tuple[str, int]  # full name of a topic, partition


class Copies(Struct, frozen=True):
    """Of one partition: whether somebody leads it, how many copies it has, how many of them are in sync."""

    led: bool
    copies: int
    in_sync: int


class Group(Struct, frozen=True):
    """The consumer group of the workers. `members`: what each tells of itself. `committed`: offset and note; `ends`:
    the offset after the last event; `firsts`: of the first that is left."""

    state: str = ""
    members: tuple[bytes, ...] = ()
    committed: Mapping[TP, tuple[int, str]] = {}
    firsts: Mapping[TP, int] = {}
    ends: Mapping[TP, int] = {}


class Rights(Struct, frozen=True):
    """`told`: whether this broker tells what a user may do; `lacks`: a sentence of what is missing, or None."""

    told: bool = True
    lacks: str | None = None


class Clocks(Struct, frozen=True):
    """`broker_behind_ms`: this machine's clock minus the broker's; `sources_ahead_ms`: of each source, its heartbeat's
    time minus the broker's. None and {} where no record with the broker's time came;
    `came`: whether one came at all while it was waited for."""

    broker_behind_ms: int | None = None
    sources_ahead_ms: Mapping[str, int] = {}
    came: bool = False


class Kafka(Struct, frozen=True):
    """`where`: as it is set. `trouble`: why nothing else could be seen. `untold`: "rights", "workers", "rejected",
    "clocks" where they could not be asked, each with why."""

    where: str
    trouble: str = ""
    brokers: int = 0
    idempotent: bool = True
    topics: Mapping[str, Found] = {}
    copies: Mapping[str, tuple[Copies, ...]] = {}
    rights: Rights = Rights()
    group: Group = Group()
    clocks: Clocks = Clocks()
    refused: Mapping[str, int] = {}  # of the last ten minutes, by reason
    untold: Mapping[str, str] = {}


class Redis(Struct, frozen=True):
    """`where`: its address without user and password. `policy` None: this user may not ask for it. `denied`: commands
    that this user may not use, None where that cannot be asked. `writers`: who wrote a queue, and when. `untold`:
    "clocks", "figures", "alerts" where this user may not read them."""

    where: str
    trouble: str = ""
    server: str = ""
    version: tuple[int, ...] | None = None
    policy: str | None = None
    used_bytes: int = 0
    limit_bytes: int = 0
    denied: tuple[str, ...] | None = None
    behind_ms: int = 0  # this machine's clock minus its own
    trip_ms: int = 0
    now_ms: int = 0  # its own clock, or this machine's where it is not told
    queues: int = 0
    writers: Mapping[str, int] = {}
    heartbeats: Mapping[str, int] = {}  # of each source the last, by its own clock
    alerts_ms: int | None = None
    untold: frozenset[str] = frozenset()
