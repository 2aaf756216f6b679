"""Events at a steady pace, each of which moves one counter by one, so that a figure read tells which it holds.

`all.offered + all.answered + all.handled` of a queue is the number of its events that have been counted: an arrival, an
answer and an end each add one.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count

from aiokafka import AIOKafkaProducer

from bench.traffic import Record
from callpulse import clock
from callpulse.stream.core.events import Connected, Ended, Enqueued, Event
from callpulse.stream.core.wire import encode
from callpulse.stream.partitioning import partition_of

WAITING = 10  # callers in each queue, and as many in conversation
TICK_S = 0.002
COUNTED = tuple(b'{"type":"%s"' % name for name in (b"enqueued", b"connected", b"ended"))
COUNTERS = ("all.offered", "all.answered", "all.handled")


def visits(queue: str, run: str) -> Iterator[Event]:
    """Arrival, answer, end, …: always of three visits, so that some wait and some talk. `at` is now."""
    for n in count():
        yield Enqueued(at=clock.now_ms(), queue=queue, contact_id=f"{run}-{n}")
        if n >= WAITING:
            yield Connected(at=clock.now_ms(), queue=queue, contact_id=f"{run}-{n - WAITING}", agent="1")
        if n >= 2 * WAITING:
            yield Ended(at=clock.now_ms(), queue=queue, contact_id=f"{run}-{n - 2 * WAITING}", agent="1")


def expected(past: Iterable[Record]) -> dict[str, int]:
    """What the counters of each queue add up to, once these records are counted."""
    return Counter(key.decode() for _, value, key in past if key and value.startswith(COUNTED))


class Paced:
    """What was due when, for each queue. `due_s[queue][n]` = when its n-th event was due (perf_counter)."""

    def __init__(self, queues: list[str], run: str, partitions: int) -> None:
        self.due_s: dict[str, list[float]] = {queue: [] for queue in queues}
        self.late_s: list[float] = []  # how long after it was due each was handed over
        self._events = {queue: visits(queue, run) for queue in queues}
        self._partition = {queue: partition_of(queue, partitions) for queue in queues}

    async def send(self, producer: AIOKafkaProducer, topic: str, per_s: int, seconds: float) -> None:
        """Queue after queue in turn, each event when it is due or, where this process is late, at once."""
        begun, names = time.perf_counter(), list(self.due_s)
        for number in range(round(per_s * seconds)):
            due = begun + number / per_s
            while (ahead := due - time.perf_counter()) > 0:  # noqa: ASYNC110 -- a pace is kept by sleeping
                await asyncio.sleep(min(ahead, TICK_S))
            queue = names[number % len(names)]
            self.due_s[queue].append(due)
            self.late_s.append(time.perf_counter() - due)
            value = encode(next(self._events[queue]))
            await producer.send(topic, value, key=queue.encode(), partition=self._partition[queue])
