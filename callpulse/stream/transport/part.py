"""What one process has applied of one source partition, and which batches continue it."""

import enum
from typing import Any


class Batch(list[Any]):
    """Raw records of one partition from one fetch, in the order of their offsets.

    `start` is the offset this batch continues from (below the first record's where the source has gaps), `generation`
    that of the group when it was fetched.
    """

    __slots__ = ("generation", "partition", "start", "topic")

    def __init__(self, records: list[Any], topic: str, partition: int, start: int, generation: int) -> None:
        super().__init__(records)
        self.topic = topic
        self.partition = partition
        self.start = start
        self.generation = generation


class Part:
    """Applied: every event below offset `next`; `clock` is the partition clock (ms UTC) at exactly that offset.

    `taken` is the offset the agent promised to reach when its last batch was admitted. It differs from `next` only
    while a batch is being applied, which nobody else can see, since there is no await in between. `topic_id` as it was
    when the partition was taken up, "" if the broker gives none.
    """

    __slots__ = ("clock", "end", "gen", "next", "taken", "topic_id")

    def __init__(self, next: int, clock: int, gen: int, end: int = 0, topic_id: str = "") -> None:  # noqa: A002
        self.next = next
        self.clock = clock
        self.gen = gen
        self.end = end
        self.taken = next
        self.topic_id = topic_id


class Verdict(enum.StrEnum):
    """What becomes of a batch that reaches its agent."""

    CONTINUES = "continues"
    STALE = "stale"  # of a generation or a partition that is gone
    GAP = "gap"  # a batch before it vanished: read again from where applying stopped
    SEEN = "seen"  # all of it is applied already
    HALF = "half"  # the batch before it was applied only in part


class Guard(enum.StrEnum):
    """What the transport counts besides the verdicts on batches and the steps of reading."""

    FENCED = "fenced"  # a flush or commit refused after a freeze
    UNDONE = "cut undone"  # a cut that did not reach the changelogs whole
    REFUSED = "commit refused"
    TOO_LARGE = "record too large"


def admit(part: Part | None, batch: Batch, generation: int) -> Verdict:
    """Does `batch` continue `part`? Records applied already are removed from it. CONTINUES is a promise: the caller
    applies all of it and sets `part.next` without an await."""
    if part is None or batch.generation != generation or part.gen != generation:
        return Verdict.STALE
    if part.taken != part.next:
        return Verdict.HALF
    if batch.start > part.next:
        return Verdict.GAP
    if batch[0].offset < part.next:
        batch[:] = [record for record in batch if record.offset >= part.next]
    if not batch:
        return Verdict.SEEN
    part.taken = batch[-1].offset + 1
    return Verdict.CONTINUES
