"""Records as they leave the client: half a million of them at a start, and every event after it."""

from typing import Any

from aiokafka.consumer import fetcher
from msgspec import Struct


class Record(Struct, gc=False):
    """What we ask of a record. `offset` counts on over editions (editions.py); `timestamp` in ms, None in the
    oldest format."""

    topic: str
    partition: int
    offset: int
    timestamp: int | None
    timestamp_type: int
    key: bytes | None
    value: bytes | None


class LeanRecords(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka has no types
    """aiokafka makes a dataclass with a dictionary and a tuple of headers of each record, which costs three times as
    much as this and keeps the garbage collector busy."""

    def _consumer_record(self, tp: Any, record: Any) -> Record:
        return Record(
            tp.topic,
            tp.partition,
            record.offset,
            record.timestamp,
            record.timestamp_type,
            record.key,
            record.value,
        )


def make_lean() -> None:
    """Every consumer of this process, from now on: aiokafka leaves no other way to choose the class."""
    fetcher.PartitionRecords = LeanRecords
