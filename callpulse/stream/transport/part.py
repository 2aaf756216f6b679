"""What one process has applied of one source partition, and which batches continue it."""

import enum
from typing import Any

import msgspec


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
    while a batch is being applied, which nobody else can see, since there is no await in between.
    """

    __slots__ = ("clock", "end", "gen", "next", "taken")

    def __init__(self, next: int, clock: int, gen: int, end: int = 0) -> None:  # noqa: A002
        self.next = next
        self.clock = clock
        self.gen = gen
        self.end = end
        self.taken = next


class Verdict(enum.StrEnum):
    """What becomes of a batch that reaches its agent."""

    CONTINUES = "continues"
    STALE = "stale"  # of a generation or a partition that is gone
    GAP = "gap"  # a batch before it vanished: read again from where applying stopped
    SEEN = "seen"  # all of it is applied already
    HALF = "half"  # the batch before it was applied only in part


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


class _Note(msgspec.Struct, frozen=True, omit_defaults=True):
    v: int
    offset: int
    clock: int | None
    moving_to: int = 0
    later: int | None = None


_decode_note = msgspec.json.Decoder(_Note).decode


def note(offset: int, clock_ms: int) -> str:
    """Commit metadata: the partition clock as it stood at exactly the offset committed."""
    return msgspec.json.encode(_Note(1, offset, clock_ms)).decode()


def noted_clock(text: str, offset: int) -> int | None:
    """The clock (ms UTC) in commit metadata, or None if there is none or it belongs to another offset, as after
    someone moved the group's offsets by hand."""
    found = _noted(text)
    return found.clock if found is not None and found.offset == offset else None


class Mark(msgspec.Struct, frozen=True):
    """What commit metadata says while cells move to `partitions` partitions: no worker may start. `later_ms`: the
    clock of the partition when they have moved."""

    partitions: int
    later_ms: int | None


def marked_note(offset: int, clock_ms: int | None, mark: Mark) -> str:
    """Commit metadata with a mark."""
    return msgspec.json.encode(_Note(1, offset, clock_ms, mark.partitions, mark.later_ms)).decode()


def noted_mark(text: str) -> Mark | None:
    """The mark in commit metadata, if there is one."""
    found = _noted(text)
    return Mark(found.moving_to, found.later) if found is not None and found.moving_to else None


def _noted(text: str) -> _Note | None:
    try:
        found = _decode_note(text)
    except msgspec.MsgspecError:
        return None
    return found if found.v == 1 else None
