"""Visits spread evenly over any number of queues: arrival, answer after 10 s, end after two minutes more."""

import heapq
import random
from collections.abc import Iterator

from bench.traffic import Record
from callpulse.stream.core.events import Connected, Ended, Enqueued, Event, Heartbeat
from callpulse.stream.core.wire import encode
from callpulse.stream.partitioning import partition_of

WAIT_MS, TALK_MS = 10_000, 120_000
EVENTS_A_VISIT = 3
HEARTBEAT_MS = 1000


def even(events: int, queues: int, partitions: int, start_ms: int, per_s: int, seed: int = 1) -> list[Record]:
    """So many records in the order of their time, `per_s` of them in each second of event time."""
    chance, out = random.Random(seed), list[Record]()
    names = [f"queue-{n:05d}" for n in range(queues)]
    beat_ms = start_ms
    for event in _visits(names, chance, start_ms, 1000 * EVENTS_A_VISIT / per_s):
        while event.at >= beat_ms:
            out += [(n, encode(Heartbeat(at=beat_ms, source="even")), None) for n in range(partitions)]
            beat_ms += HEARTBEAT_MS
        queue = event.queue  # type: ignore[union-attr]  # all of them have one
        out.append((partition_of(queue, partitions), encode(event), queue.encode()))
        if len(out) >= events:
            break
    return out[:events]


def _visits(names: list[str], chance: random.Random, start_ms: int, every_ms: float) -> Iterator[Event]:
    later: list[tuple[int, int, Event]] = []
    number = 0
    while True:
        at = start_ms + round(number * every_ms)
        while later and later[0][0] <= at:
            yield heapq.heappop(later)[2]
        queue, contact = chance.choice(names), str(number)
        answer = Connected(at=at + WAIT_MS, queue=queue, contact_id=contact, agent="1")
        end = Ended(at=at + WAIT_MS + TALK_MS, queue=queue, contact_id=contact, agent="1")
        for event in (answer, end):
            heapq.heappush(later, (event.at, 2 * number + (event is end), event))
        yield Enqueued(at=at, queue=queue, contact_id=contact)
        number += 1
