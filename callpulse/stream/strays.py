"""Stored cells in a partition that their key does not belong to: what is left when partitions, of changelogs too, were
added by hand. Counting on would begin such a queue anew beside its own figures."""

from collections.abc import Iterable

from callpulse.stream.partitioning import partition_of
from callpulse.stream.transport import TransportError


class StrayCellsError(TransportError):
    """Recovered cells that belong to another partition."""

    def __init__(self, topic: str, partition: int, name: str, home: int, partitions: int) -> None:
        super().__init__(
            f"{topic}/{partition}: what is stored here of {name!r} belongs to partition {home} of {partitions}. "
            "Partitions were added, and the figures did not move with their keys. Stop sources and workers, then: "
            f"callpulse repartition --partitions {partitions}"
        )


def stray(names: Iterable[str], partition: int, partitions: int) -> tuple[str, int] | None:
    """The first of these queues (or agents) that does not belong to `partition`, and where it belongs."""
    for name in names:
        home = partition_of(name, partitions)
        if home != partition:
            return name, home
    return None
