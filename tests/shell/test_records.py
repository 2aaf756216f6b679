"""A record as we take it says what aiokafka's own says."""

import pytest
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import TopicPartition

from callpulse.stream.transport.records import LeanRecords, Record

SENT = [(b"key", b"value"), (None, b"only a value"), (b"buried", None)]


def written(magic: int) -> bytes:
    """A batch of that message format."""
    if magic == 2:
        batch = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 10_000)
        for at, (key, value) in enumerate(SENT):
            batch.append(at, 1_795_348_800_000 + at, key, value, [("a header", b"nobody asks for")])
        return bytes(batch.build())
    legacy = LegacyRecordBatchBuilder(magic, 0, 10_000)
    for at, (key, value) in enumerate(SENT):
        legacy.append(at, 1_795_348_800_000 + at, key, value)
    return bytes(legacy.build())


@pytest.mark.parametrize("magic", [0, 1, 2])
def test_of_every_message_format_it_has_what_aiokafka_has(magic: int) -> None:
    def read(kind: type) -> list[tuple[object, ...]]:
        found = kind(TopicPartition("calls", 3), MemoryRecords(written(magic)), [], 0, None, None, False, 0)
        return [tuple(getattr(record, name) for name in Record.__struct_fields__) for record in found]

    assert read(LeanRecords) == read(PLAIN)
    assert [each[-2:] for each in read(LeanRecords)] == SENT


PLAIN = next(each for each in LeanRecords.__mro__ if each.__module__ == fetcher.__name__)
