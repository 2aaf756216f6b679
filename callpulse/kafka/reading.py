"""Reading a topic to its end, without a group: nobody is disturbed, and nothing is left behind."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from callpulse.clock import monotonic_s

STUCK_S = 30.0
PACE_MS = 200

Offsets = Mapping[TopicPartition, int]


class StuckError(Exception):
    """Nothing came for STUCK_S seconds, and these partitions are not at their ends."""

    def __init__(self, left: Sequence[TopicPartition]) -> None:
        super().__init__(f"{', '.join(f'{t}/{p}' for t, p in sorted(left))}: cannot be read to the end")


async def read(consumer: AIOKafkaConsumer, firsts: Offsets, ends: Offsets | None = None) -> AsyncIterator[Any]:
    """Batches of records of one partition each, from the first offset of each until before its end. `ends` None: as far
    as it reached when it was fetched first, which a broker knows better than its own ListOffsets (the embedded one's
    is wrong). The consumer belongs to no group. Raises StuckError, KafkaError."""
    until = {} if ends is None else {tp: ends[tp] for tp in firsts}
    left = [tp for tp in firsts if ends is None or firsts[tp] < ends[tp]]
    if not left:
        return
    consumer.assign(left)
    for tp in left:
        consumer.seek(tp, firsts[tp])
    moved_s = monotonic_s()
    while left:
        batches = await consumer.getmany(*left, timeout_ms=PACE_MS)
        until = _fetched(consumer, left) | until
        for tp, records in batches.items():
            moved_s = monotonic_s()
            yield [record for record in records if record.offset < until[tp]]
        left = [tp for tp in left if tp not in until or await consumer.position(tp) < until[tp]]
        if monotonic_s() - moved_s > STUCK_S:
            raise StuckError(left)


def _fetched(consumer: AIOKafkaConsumer, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
    """The ends of those that have been fetched."""
    return {tp: end for tp in places if (end := consumer.highwater(tp)) is not None}
