"""What many calls, beginning one after the other at a steady rate, send in the order of time."""

import heapq
from collections.abc import Callable, Iterable, Iterator
from itertools import count

from bench.traffic import Record
from callpulse.stream.core.events import Event, Heartbeat
from callpulse.stream.core.wire import encode
from callpulse.stream.partitioning import partition_of

LONGEST = 8  # events of one call, at most


def in_order(call: Callable[[int, int], Iterable[Event]], start_ms: int, every_ms: float) -> Iterator[Event]:
    """Without end. `call(at, number)`: the events of the call that begins at `at`, none of them earlier."""
    later: list[tuple[int, int, Event]] = []
    for number in count():
        at = start_ms + round(number * every_ms)
        while later and later[0][0] <= at:
            yield heapq.heappop(later)[2]
        for step, event in enumerate(call(at, number)):
            heapq.heappush(later, (event.at, LONGEST * number + step, event))


def as_records(
    events: Iterable[Event], queues: Iterable[str], partitions: int, start_ms: int, beat_ms: int, source: str
) -> Iterator[Record]:
    """Each in the partition of its queue, and a heartbeat of `source` to every partition each `beat_ms`."""
    places = {queue: partition_of(queue, partitions) for queue in queues}
    next_ms = start_ms
    for event in events:
        while event.at >= next_ms:
            yield from ((n, encode(Heartbeat(at=next_ms, source=source)), None) for n in range(partitions))
            next_ms += beat_ms
        queue = event.queue  # type: ignore[union-attr]  # all of them have one
        yield places[queue], encode(event), queue.encode()
