"""Offsets that count on when those of a topic begin anew.

A topic that is made again under the same name, or that lost its newest events, gives small offsets to new events, while
cells hold larger ones: new events would be taken for known ones. So each time a partition begins anew, its events get
offsets of the next edition, all of them larger than any of the one before. What is stored needs no change, and of two
records of a cell the larger offset still is the newer one. Kafka's own offset is what remains within the edition.
"""

from collections.abc import Iterable
from typing import Any

EDITION = 1 << 48  # more events than a partition takes in centuries; 32,000 editions fit into 63 bits


def edition_of(offset: int) -> int:
    """Of an offset as cells hold it; 0 for -1, which means none."""
    return max(0, offset) // EDITION


def in_kafka(offset: int) -> int:
    """The offset as Kafka knows it."""
    return offset % EDITION


def counted_on(offset: int, edition: int) -> int:
    """Kafka's offset as cells hold it."""
    return edition * EDITION + offset


def count_on(records: Iterable[Any], edition: int) -> None:
    """Give records just fetched the offsets of their edition."""
    if edition:
        for record in records:
            record.offset = counted_on(record.offset, edition)
