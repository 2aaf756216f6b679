"""What a feed does to true events: late, twice, or not at all for a while. Pure: when each event is delivered."""

import random
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush

from callpulse.simulator.scenario import DeadFeed, Faults, ScenarioError
from callpulse.sources.play import Delivery
from callpulse.stream.core.events import Event, Heartbeat

BEAT_MS = 1000
MIN_LATE_MS = 1


def deliveries(events: Iterable[Event], faults: Faults, start_ms: int, seed: int) -> Iterator[Delivery]:
    """`(deliver_at_ms, event)` in the order of delivery, for events in the order of their time. An event on time is
    delivered at its own time; the copy of a doubled one is equal to it. What falls into a dead feed is delivered when
    the feed lives again."""
    chance = random.Random(f"{seed}/faults")  # noqa: S311 - traffic, not secrets
    dead = _dead_spans(faults.dead_feeds, start_ms)
    pending: list[tuple[int, int, Event]] = []
    n = 0
    for event in events:
        while pending and pending[0][0] < event.at:
            yield _popped(pending)
        for at in _times(event.at, faults, chance):
            n += 1
            heappush(pending, (_when_alive(at, dead), n, event))
    while pending:
        yield _popped(pending)


def with_heartbeats(
    delivered: Iterable[Delivery],
    dead_feeds: tuple[DeadFeed, ...],
    start_ms: int,
    source: str,
    until_ms: int | None = None,
) -> Iterator[Delivery]:
    """The same deliveries, and a heartbeat after those of each second from `start_ms` on while the feed lives; up to
    and with `until_ms` (None: until the last delivery). A heartbeat is honest about all that was not made late."""
    dead = _dead_spans(dead_feeds, start_ms)
    beat_ms = start_ms
    for delivery in delivered:
        while beat_ms < delivery[0] and (until_ms is None or beat_ms <= until_ms):
            yield from _beat(beat_ms, dead, source)
            beat_ms += BEAT_MS
        yield delivery
    while until_ms is not None and beat_ms <= until_ms:
        yield from _beat(beat_ms, dead, source)
        beat_ms += BEAT_MS


def dead_feed(text: str) -> DeadFeed:
    """A dead feed from "120:30": from 120 s after the start, for 30 s. Raises ScenarioError."""
    at, _, length = text.partition(":")
    try:
        at_s, for_s = float(at), float(length)
    except ValueError:
        at_s = for_s = -1.0
    if not (0 <= at_s < 1e9 and 0 < for_s < 1e9):
        raise ScenarioError(f"dead feed {text!r}: expected START:SECONDS, for example 120:30")
    return DeadFeed(at_s, for_s)


def _times(at: int, faults: Faults, chance: random.Random) -> list[int]:
    """When an event is delivered, once or twice."""
    late, double = chance.random() < faults.late_share, chance.random() < faults.double_share
    if late:
        at += max(MIN_LATE_MS, round(chance.random() * faults.late_by_s * 1000))
    if not double:
        return [at]
    return [at, at + round(chance.random() * faults.double_within_s * 1000)]


def _popped(pending: list[tuple[int, int, Event]]) -> Delivery:
    at, _, event = heappop(pending)
    return at, event


def _beat(at: int, dead: list[tuple[int, int]], source: str) -> Iterator[Delivery]:
    if _when_alive(at, dead) == at:
        yield at, Heartbeat(at=at, source=source)


def _dead_spans(feeds: tuple[DeadFeed, ...], start_ms: int) -> list[tuple[int, int]]:
    return sorted(
        (start_ms + round(feed.at_s * 1000), start_ms + round((feed.at_s + feed.for_s) * 1000)) for feed in feeds
    )


def _when_alive(at: int, dead: list[tuple[int, int]]) -> int:
    """The first moment from `at` on when the feed lives; spans in the order of their beginning, end excluded."""
    for begins, ends in dead:
        if begins <= at < ends:
            at = ends
    return at
