"""Days of ordinary calls without end: steady over the day and over the queues, waits and talks of all lengths."""

import heapq
import random
from collections.abc import Iterator

from bench.traffic import Record
from callpulse.stream.core.events import Abandoned, Connected, Ended, Enqueued, Event, Heartbeat, WrappedUp
from callpulse.stream.core.wire import encode
from callpulse.stream.partitioning import partition_of

DAY_MS = 86_400_000
HEARTBEAT_MS = 60_000
ABANDONED, WAIT_MS, TALK_MS, WRAP_UP_MS = 0.08, 60_000, 400_000, 60_000
EVENTS_A_CALL = 4 * (1 - ABANDONED) + 2 * ABANDONED
AGENTS = 2000


def ordinary_days(queues: int, calls_a_day: float, partitions: int, start_ms: int, seed: int = 1) -> Iterator[Record]:
    """Records in the order of their time; `calls_a_day` to each queue. A heartbeat a minute to every partition."""
    places = {f"queue-{n:03d}": partition_of(f"queue-{n:03d}", partitions) for n in range(queues)}
    beat_ms = start_ms
    for event in _in_order(list(places), DAY_MS / (queues * calls_a_day), start_ms, random.Random(seed)):
        while event.at >= beat_ms:
            for partition in range(partitions):
                yield partition, encode(Heartbeat(at=beat_ms, source="bench")), None
            beat_ms += HEARTBEAT_MS
        queue = event.queue  # type: ignore[union-attr]  # all of them have one
        yield places[queue], encode(event), queue.encode()


def _in_order(queues: list[str], every_ms: float, start_ms: int, chance: random.Random) -> Iterator[Event]:
    later: list[tuple[int, int, Event]] = []
    number = 0
    while True:
        at = start_ms + round(number * every_ms)
        while later and later[0][0] <= at:
            yield heapq.heappop(later)[2]
        for step, event in enumerate(_call(at, chance.choice(queues), f"{at}.{number}", chance)):
            heapq.heappush(later, (event.at, 4 * number + step, event))
        number += 1


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
