"""Events of the simple job, at a steady pace, and what a right program has counted of them."""

import random

from bench.peers.job import KINDS, WINDOW_MS
from callpulse.stream.core.events import Abandoned, Connected, Ended, Enqueued, Event
from callpulse.stream.core.wire import encode
from callpulse.stream.partitioning import partition_of

Timed = tuple[int, bytes, bytes, int]  # partition, value, key, timestamp (ms)


def made(events: int, queues: int, partitions: int, start_ms: int, per_s: int, seed: int = 1) -> list[Timed]:
    """So many records in the order of their time, `per_s` in a second."""
    chance = random.Random(seed)
    names = [f"queue-{n:03d}" for n in range(queues)]
    found = []
    for number in range(events):
        event = _event(
            KINDS[chance.randrange(len(KINDS))], start_ms + 1000 * number // per_s, chance.choice(names), number
        )
        queue = event.queue  # type: ignore[union-attr]  # all four kinds have one
        found.append((partition_of(queue, partitions), encode(event), queue.encode(), event.at))
    return found


def _event(kind: str, at: int, queue: str, number: int) -> Event:
    contact = f"{at // 1000}.{number}"
    if kind == "enqueued":
        return Enqueued(at=at, queue=queue, contact_id=contact, source="bench", channel="voice")
    if kind == "abandoned":
        return Abandoned(at=at, queue=queue, contact_id=contact, source="bench")
    answered = Connected if kind == "connected" else Ended
    return answered(at=at, queue=queue, contact_id=contact, source="bench", agent=str(number % 1000))


def truth(found: list[Timed]) -> dict[tuple[str, int], list[int]]:
    """(queue, start of the window) -> numbers in the order of KINDS."""
    cells: dict[tuple[str, int], list[int]] = {}
    places = {b'{"type":"%s"' % kind.encode(): place for place, kind in enumerate(KINDS)}
    for _, value, key, at in found:
        cell = cells.setdefault((key.decode(), at // WINDOW_MS * WINDOW_MS), [0] * len(KINDS))
        cell[places[value[: value.index(b",")]]] += 1
    return cells
