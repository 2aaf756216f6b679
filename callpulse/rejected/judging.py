"""What would become of a refused record if it came again now: pure."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from msgspec import Struct

from callpulse.rejected.record import Refused
from callpulse.stream.core.events import AgentState, Event, Heartbeat, Reason, Rejected, Snapshot
from callpulse.stream.core.limits import Limits, believable
from callpulse.stream.core.wire import MAX_RECORD_BYTES, decode_agent, decode_call
from callpulse.stream.partitioning import partition_of

Decode = Callable[[bytes | None], Any]
DECODERS: Mapping[str, Decode] = {"calls": decode_call, "agents": decode_agent}  # short name of the topic


class Again(NamedTuple):
    """It would be taken: this event is to be sent."""

    event: Event


class Stays(NamedTuple):
    """It is not sent. `why`: one word, a Reason or one of ours; `detail`: a sentence."""

    why: str
    detail: str


class World(Struct, frozen=True):
    """`names`: full name of a topic -> its short one; `clocks`: (short name, partition) -> how far its figures reach,
    as ms UTC, where that is known. `now_ms`: when it would be sent."""

    names: Mapping[str, str]
    partitions: int
    clocks: Mapping[tuple[str, int], int]
    now_ms: int
    limits: Limits


def judged(refused: Refused, world: World) -> Again | Stays:
    """Sent again, it is keyed and placed as it has to be, whatever its producer did."""
    short = world.names.get(refused.topic)
    if short is None:
        return Stays("other_topic", "only records of the calls and agents topics are sent again, the rest follows")
    if refused.reason == Reason.TOO_MANY_FACTS:
        return Stays(refused.reason, "its contact is full; more of it would be refused again")
    raw = refused.raw()
    if raw is None:
        return Stays(Reason.TOO_LARGE, f"{refused.size} bytes; expected at most {MAX_RECORD_BYTES}")
    event = DECODERS[short](raw)
    if isinstance(event, Rejected):
        return Stays(event.reason, event.detail)
    if isinstance(event, Heartbeat | Snapshot):
        return Stays("passed", "it told of a moment that has passed, and changes no figure")
    late = _unbelievable(event, short, world)
    return Stays(late.reason, late.detail) if late else Again(event)


def _unbelievable(event: Any, short: str, world: World) -> Rejected | None:
    """The time of an event against the broker's and against the clock of its partition. Where no clock is known, no
    worker has stored any, so that nothing is too late yet."""
    owner = event.agent if isinstance(event, AgentState) else event.queue
    clock_ms = world.clocks.get((short, partition_of(owner, world.partitions)), 0)
    return believable(event.at, clock_ms, world.now_ms, world.limits)
