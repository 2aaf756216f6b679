"""What can be wrong with us, by name. Every message says where and what was expected."""

from collections.abc import Iterable


class TransportError(Exception):
    """The worker cannot go on as it is; a supervisor starts it again and it recovers from its changelogs."""


class HalfAppliedError(TransportError):
    """An agent died between two records of one batch: contacts may be ahead of their tallies in memory."""

    def __init__(self, topic: str, partition: int, applied: int, taken: int) -> None:
        super().__init__(
            f"{topic}/{partition}: a batch of events ending before offset {taken} was applied only in part, since "
            f"offset {applied}; nothing of it is stored. Expected an agent that never raises. Start the worker again"
        )


class CorruptChangelogError(TransportError):
    """A changelog record cannot be read; counting on without it would be wrong in silence."""

    def __init__(self, table: str, partition: int, offset: int, cause: Exception) -> None:
        super().__init__(
            f"changelog of table {table}, partition {partition}, offset {offset}: cannot be read ({cause}); expected a "
            f"record written by this version. Install the version that wrote it, or rebuild the table"
        )


class NoChangelogError(TransportError):
    """A changelog topic does not appear. Partitions without one would count from nothing."""

    def __init__(self, topics: Iterable[str], waited_s: float) -> None:
        super().__init__(
            f"no metadata of {', '.join(sorted(topics))} within {waited_s:g} s; expected the broker to have made them. "
            f"May this user create topics?"
        )


class HalfMovedError(TransportError):
    """Cells are on their way to other partitions, or were when `callpulse repartition` was broken off."""

    def __init__(self, topic: str, partition: int, partitions: int) -> None:
        super().__init__(
            f"{topic}/{partition}: callpulse repartition to {partitions} partitions is at work, or was broken off; "
            f"expected it to be done. Run it to its end: callpulse repartition --partitions {partitions} --apply"
        )


class LeftBehindError(TransportError):
    """Partitions were added by hand, to changelogs too, and the cells stayed where they were."""

    def __init__(self, topic: str, partition: int, counted_with: int, partitions: int) -> None:
        super().__init__(
            f"{topic}/{partition}: its figures were counted with {counted_with} partitions, expected {partitions}. "
            "Partitions were added, and the figures did not move with their keys. Stop sources and workers, then: "
            f"callpulse repartition --partitions {max(counted_with, partitions)}"
        )


class NotABatchTopicError(TransportError):
    """An agent reads a topic that was not declared with `batch_topic`."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"an agent reads {topic}; expected a topic declared with app.batch_topic")


class RecordTooLargeError(Exception):
    """A cell that no broker would take. It is set aside, so that its partition goes on; its last stored value stays."""

    def __init__(self, table: str, partition: int, key: bytes, size: int, limit: int) -> None:
        super().__init__(
            f"table {table}, partition {partition}: the record of a key of {len(key)} bytes, {key[:60]!r}, has {size} "
            f"bytes; expected at most {limit}. It is set aside and not stored: what it holds is lost with this worker"
        )
        self.table = table
        self.partition = partition
        self.key = key
        self.size = size
