"""Which sources are silent: their heartbeats stand still while a worker goes on writing.

A source that is caught up sends a heartbeat every second. Time is counted by Redis's clock from when a heartbeat was
new here, so that a source whose clock is wrong is not taken for a silent one. Where nothing is written either, it is
the worker that is silent: its figures get old, and that is said instead.
"""

from collections.abc import Mapping

from msgspec import Struct

from callpulse.current.fields import Reading
from callpulse.current.reader import Picture

BLIND_MS = 3_000
ON_ITS_WAY_MS = 2_000  # at first sight: a log's heartbeat speaks of the second before, and may be a second old
RETIRED_MS = 900_000  # and what the last 15 minutes hold came from another source, then


class Beat(Struct, frozen=True):
    """The last heartbeat of a source: all up to `at_ms` was sent; `seen_ms`, by Redis's clock, when it was new here."""

    at_ms: int
    seen_ms: int


def listened(picture: Picture, before: Mapping[str, Beat]) -> dict[str, Beat]:
    """The heartbeats after this look."""
    now_ms = picture.redis_now_ms
    return {source: _beat(at_ms, before.get(source), now_ms) for source, at_ms in picture.heartbeats_ms.items()}


def silent_since(picture: Picture, beats: Mapping[str, Beat]) -> dict[str, int]:
    """Source -> its last heartbeat (ms), for those that are silent."""
    readings = [*picture.queues.values(), *([picture.total] if picture.total else [])]
    wrote_ms = max((reading.stored_at_ms for reading in readings), default=0)
    return {source: beat.at_ms for source, beat in beats.items() if wrote_ms - beat.seen_ms > BLIND_MS}


def lives_from_another(reading: Reading, silent_ms: int, now_ms: int) -> bool:
    """A queue belongs to the source of its first event. When that one has long been silent and calls are counted all
    the same, another has taken over."""
    return now_ms - silent_ms > RETIRED_MS and bool(reading.number("15m", "offered"))


def _beat(at_ms: int, before: Beat | None, now_ms: int) -> Beat:
    if before is None:
        return Beat(at_ms, min(now_ms, at_ms + ON_ITS_WAY_MS))
    return before if at_ms <= before.at_ms else Beat(at_ms, now_ms)
