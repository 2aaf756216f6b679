"""Visits spread evenly over any number of queues: arrival, answer after 10 s, end after two minutes more."""

import random
from collections.abc import Iterator
from itertools import islice

from bench.feed import as_records, in_order
from bench.traffic import Record
from callpulse.stream.core.events import Connected, Ended, Enqueued, Event

WAIT_MS, TALK_MS = 10_000, 120_000
EVENTS_A_VISIT = 3
HEARTBEAT_MS = 1000


def even(events: int, queues: int, partitions: int, start_ms: int, per_s: int, seed: int = 1) -> list[Record]:
    """So many records in the order of their time, `per_s` of them in each second of event time."""
    chance = random.Random(seed)
    names = [f"queue-{n:05d}" for n in range(queues)]

    def visit(at: int, number: int) -> Iterator[Event]:
        queue, contact = chance.choice(names), str(number)
        yield Enqueued(at=at, queue=queue, contact_id=contact)
        yield Connected(at=at + WAIT_MS, queue=queue, contact_id=contact, agent="1")
        yield Ended(at=at + WAIT_MS + TALK_MS, queue=queue, contact_id=contact, agent="1")

    found = in_order(visit, start_ms, 1000 * EVENTS_A_VISIT / per_s)
    return list(islice(as_records(found, names, partitions, start_ms, HEARTBEAT_MS, "even"), events))
