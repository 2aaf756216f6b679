"""Days of ordinary calls without end: steady over the day and over the queues, waits and talks of all lengths."""

import random
from collections.abc import Iterator

from bench.feed import as_records, in_order
from bench.traffic import Record
from callpulse.stream.core.events import Abandoned, Connected, Ended, Enqueued, Event, WrappedUp

DAY_MS = 86_400_000
HEARTBEAT_MS = 60_000
ABANDONED, WAIT_MS, TALK_MS, WRAP_UP_MS = 0.08, 60_000, 400_000, 60_000
EVENTS_A_CALL = 4 * (1 - ABANDONED) + 2 * ABANDONED
AGENTS = 2000


def ordinary_days(queues: int, calls_a_day: float, partitions: int, start_ms: int, seed: int = 1) -> Iterator[Record]:
    """Records in the order of their time; `calls_a_day` to each queue. A heartbeat a minute to every partition."""
    names, chance = [f"queue-{n:03d}" for n in range(queues)], random.Random(seed)
    found = in_order(
        lambda at, number: _call(at, chance.choice(names), f"{at}.{number}", chance),
        start_ms,
        DAY_MS / (queues * calls_a_day),
    )
    return as_records(found, names, partitions, start_ms, HEARTBEAT_MS, "bench")


def _call(at: int, queue: str, contact: str, chance: random.Random) -> Iterator[Event]:
    yield Enqueued(at=at, queue=queue, contact_id=contact, source="bench", channel="voice")
    at += int(WAIT_MS * chance.random() ** 2)
    if chance.random() < ABANDONED:
        yield Abandoned(at=at, queue=queue, contact_id=contact, source="bench")
        return
    agent = str(chance.randrange(AGENTS))
    yield Connected(at=at, queue=queue, contact_id=contact, agent=agent, source="bench")
    at += int(TALK_MS * chance.random())
    yield Ended(at=at, queue=queue, contact_id=contact, agent=agent, by="caller", source="bench")
    wrap_up_s = WRAP_UP_MS * chance.random() // 1000
    at += round(wrap_up_s * 1000)
    yield WrappedUp(at=at, queue=queue, contact_id=contact, agent=agent, wrap_up_s=wrap_up_s, source="bench")
