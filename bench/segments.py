"""Log segments of one partition, written where a stopped Apache Kafka finds them when it starts again.

A day of commits is some hundred thousand record batches; a producer would need minutes to send what here takes seconds,
and the broker would stamp on all of it the hour of the benchmark. Batches are those a producer makes (magic 2, one for
each cut and table), segments end by the topic's own rules, and the broker makes its indexes anew at the next start.
"""

import struct
from pathlib import Path
from types import TracebackType
from typing import IO

from aiokafka.record.default_records import DefaultRecordBatchBuilder

MAGIC, PLAIN, NOT_TRANSACTIONAL, NOBODY = 2, 0, 0, -1
LARGEST = 1 << 22
HEAD = struct.Struct(">qii")  # base offset, length of what follows, leader epoch
Record = tuple[bytes, bytes | None]


class Segments:
    """Appends batches from `offset` on; `end` is the next offset."""

    def __init__(self, folder: Path, segment_ms: int, segment_bytes: int, offset: int = 0) -> None:
        self.end = offset
        self._folder, self._segment_ms, self._segment_bytes = folder, segment_ms, segment_bytes
        self._file: IO[bytes] | None = None
        self._first_ms = 0

    def __enter__(self) -> "Segments":
        for path in self._folder.glob(f"{self.end:020d}.*"):
            path.unlink()  # the empty segment of a topic that was just made, and its indexes
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()

    def append(self, records: list[Record], at_ms: int) -> None:
        """One batch, written at `at_ms`."""
        builder = DefaultRecordBatchBuilder(MAGIC, PLAIN, NOT_TRANSACTIONAL, NOBODY, NOBODY, NOBODY, LARGEST)
        for place, (key, value) in enumerate(records):
            builder.append(place, at_ms, key, value, [])
        batch = bytes(builder.build())
        _, length, _ = HEAD.unpack_from(batch)
        self._segment(len(batch), at_ms).write(HEAD.pack(self.end, length, 0) + batch[HEAD.size :])
        self.end += len(records)

    def _segment(self, more_bytes: int, at_ms: int) -> IO[bytes]:
        file = self._file
        if file is not None:
            if file.tell() + more_bytes <= self._segment_bytes and at_ms - self._first_ms <= self._segment_ms:
                return file
            file.close()
        self._first_ms = at_ms
        self._file = (self._folder / f"{self.end:020d}.log").open("wb")
        return self._file
