"""Gives timed events to a sink at their pace: for the simulator and for replays."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from msgspec import Struct

from callpulse.sources.sinks import Sink
from callpulse.stream.core.events import Event, Heartbeat

TURN = 500  # deliveries without a pause, after which others in the same loop get theirs
FLUSH_MS = 1000  # how long a sink that takes no more may go unnoticed

Delivery = tuple[int, Event]  # when (ms, in the time of the events), what
Clock = Callable[[], int]
Sleep = Callable[[float], Awaitable[Any]]


class Played(Struct, frozen=True):
    """What a sink was given."""

    events: int
    heartbeats: int


async def play(
    delivered: Iterable[Delivery],
    sink: Sink,
    *,
    start_ms: int,
    speed: float | None,
    now_ms: Clock,
    sleep: Sleep,
) -> Played:
    """Gives each event to the sink when its time has come: `speed` seconds of the simulation in one of the clock,
    `start_ms` being now. What lies before the start (the warm-up) is due at once."""
    begun_ms = flushed_ms = now_ms()
    events = heartbeats = 0
    for at, event in delivered:
        now = now_ms()
        due_ms = now if speed is None else begun_ms + (at - start_ms) / speed
        if due_ms > now:
            await sleep((due_ms - now) / 1000)
        elif (events + heartbeats) % TURN == 0:
            await sleep(0)
        if isinstance(event, Heartbeat):
            heartbeats += 1
            await sink.heartbeat(event.at)
        else:
            events += 1
            await sink.send(event)
        if now >= flushed_ms + FLUSH_MS:
            flushed_ms = now
            await sink.flush()
    await sink.flush()
    return Played(events, heartbeats)
