"""When a recorded event happens in a replay. Pure."""

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from callpulse.sources.play import Delivery
from callpulse.stream.core.events import Event, Heartbeat

BEAT_MS = 1000


def rebased(events: Iterable[Event], shift_ms: int) -> Iterator[Event]:
    """The same events `shift_ms` later, and every time in them."""
    for event in events:
        moved: dict[str, Any] = {"at": event.at + shift_ms}
        arrival = getattr(event, "enqueued_at", None)
        if arrival is not None:
            moved["enqueued_at"] = arrival + shift_ms
        yield replace(event, **moved)


def shift(first_ms: int, last_ms: int, now_ms: int, speed: float | None, warmup_ms: int) -> int:
    """How far a recording moves to be now. At speed 1 it begins now (what lies within the warm-up has just happened);
    at other speeds, where its time and the wall's part company, it ends now."""
    return now_ms - first_ms - warmup_ms if speed == 1 else now_ms - last_ms


def with_beats(events: Iterable[Event], source: str, from_ms: int) -> Iterator[Delivery]:
    """(when, event) with a heartbeat after those of each second from `from_ms` on, and one at the very end: by then
    all up to the last event has been sent."""
    beat, last = from_ms, from_ms
    for event in events:
        while beat < event.at:
            yield beat, Heartbeat(at=beat, source=source)
            beat += BEAT_MS
        yield event.at, event
        last = event.at
    yield last, Heartbeat(at=last, source=source)
