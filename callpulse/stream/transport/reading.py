"""Where reading of one source partition stands: is what the broker just sent the continuation?"""

import enum


class Step(enum.StrEnum):
    """What to do with records that were fetched."""

    DELIVER = "deliver"
    AHEAD = "ahead"  # the position ran ahead of a seek: seek back and fetch again
    BEHIND = "behind"  # delivered before


class Reading:
    """`next` is the offset after the last record delivered to the agent, in one generation of the group; `first` is
    where that generation began."""

    __slots__ = ("_sought", "first", "next")

    def __init__(self, next: int) -> None:  # noqa: A002
        self.first = self.next = next
        self._sought: int | None = None

    def judge(self, first: int, last: int) -> Step:
        """Of records `first`..`last`. An answer that begins beyond `next` right after a seek to `next` shows a gap
        in the topic itself (compaction, transactions, retention): it is the continuation."""
        if first > self.next and self._sought != self.next:
            return Step.AHEAD
        return Step.BEHIND if last < self.next else Step.DELIVER

    def sought(self) -> None:
        """The consumer was just told to read from `next`; what it fetches from now on is the answer to that."""
        self._sought = self.next

    def lost(self) -> None:
        """Something fetched was dropped unseen: the position is ahead again."""
        self._sought = None

    def back_to(self, offset: int) -> None:
        """Delivered batches vanished before they were applied: read again from `offset`."""
        self.next = offset
        self._sought = None

    def delivered(self, last: int) -> None:
        self.next = last + 1
        self._sought = None
