"""The cells of one table by partition: which of them changed, what is stored of them, and how a changelog is read."""

from collections.abc import Callable, Iterable
from copy import copy
from typing import Any, Generic, TypeVar

from callpulse.newer import NewerError, NewerStateError
from callpulse.stream.transport.errors import CorruptChangelogError, RecordTooLargeError

REWRITTEN_AT_ONCE = 10_000  # cells in doubt that one cut takes with it: a cut must not hold up the loop

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")
StoredRecord = tuple[int, bytes, bytes | None]  # offset in the changelog, key, value


def _copied(value: Any, offset: int) -> Any:
    there = copy(value)
    there.offset = offset
    return there


class Codec(Generic[K, V]):
    """How keys and values of one table are stored; `offset_of(value)` is the source offset of the last event applied
    to it, `stored_offset(bytes)` the same read from what is stored, where that is cheaper than decoding all of it;
    `at_offset(value, offset)` is the same value with another one, the value itself unchanged."""

    def __init__(
        self,
        encode_key: Callable[[K], bytes],
        decode_key: Callable[[bytes], K],
        encode_value: Callable[[V], bytes],
        decode_value: Callable[[bytes], V],
        offset_of: Callable[[V], int],
        stored_offset: Callable[[bytes], int] | None = None,
        at_offset: Callable[[V, int], V] = _copied,
    ) -> None:
        self.encode_key = encode_key
        self.decode_key = decode_key
        self.encode_value = encode_value
        self.decode_value = decode_value
        self.offset_of = offset_of
        self.at_offset = at_offset
        self.stored_offset = stored_offset or (lambda stored: offset_of(decode_value(stored)))


class Taken(Generic[K, V]):
    """The changes of one partition as they stood at a cut, encoded; a value of None is a tombstone."""

    __slots__ = ("cells", "deleted", "keys", "records", "too_large")

    def __init__(self, cells: dict[K, V] | None, keys: list[K], deleted: set[K]) -> None:
        self.cells = cells
        self.keys = keys
        self.deleted = deleted
        self.records: list[tuple[bytes, bytes | None]] = []
        self.too_large: list[RecordTooLargeError] = []


class CellStore(Generic[K, V]):
    """`cells[p][key]` = value and `dirty[p][key]` = changed since the last cut. The two dictionaries of a partition
    stay the same objects from `open` to `forget`, so that a caller may hold on to them. `changelog`: its topic."""

    def __init__(self, name: str, codec: Codec[K, V], max_record_bytes: int, changelog: str = "") -> None:
        self.name = name
        self.changelog = changelog or name
        self.codec = codec
        self.max_record_bytes = max_record_bytes
        self.cells: dict[int, dict[K, V]] = {}
        self.dirty: dict[int, dict[K, None]] = {}
        self.ends: dict[int, int] = {}  # end of the changelog when recovery began
        self._doubted: dict[int, list[K]] = {}
        self._deleted: dict[int, set[K]] = {}

    def open(self, partition: int) -> None:
        self.cells.setdefault(partition, {})
        self.dirty.setdefault(partition, {})
        self._deleted.setdefault(partition, set())

    def forget(self, partition: int) -> None:
        self.cells.pop(partition, None)
        self.dirty.pop(partition, None)
        self.ends.pop(partition, None)
        self._doubted.pop(partition, None)
        self._deleted.pop(partition, None)

    def delete(self, partition: int, key: K) -> None:
        """Removed now; the next cut writes a tombstone."""
        self.cells[partition].pop(key, None)
        self._deleted[partition].add(key)
        self.dirty[partition][key] = None

    def clear(self, partition: int) -> None:
        """Remove all cells."""
        for key in list(self.cells[partition]):
            self.delete(partition, key)

    def reached(self, partition: int) -> int:
        """The source offset after the last event applied to any cell; 0 without cells."""
        offset_of = self.codec.offset_of
        return max((offset_of(cell) for cell in self.cells.get(partition, {}).values()), default=-1) + 1

    def is_doubted(self, partition: int) -> bool:
        """Are there cells in doubt that no cut has taken yet?"""
        return bool(self._doubted.get(partition))

    def doubt(self, partition: int) -> None:
        """Somebody else wrote to the changelog of this partition, nobody knows what: every cell is written again, over
        the next cuts, so that the right record is the last one of its key."""
        self._doubted[partition] = list(self.cells.get(partition, ()))

    def is_dirty(self, partition: int) -> bool:
        """Is there anything for the next cut?"""
        return bool(self.dirty.get(partition) or self._doubted.get(partition))

    def take(self, partition: int) -> Taken[K, V]:
        """Everything that changed, encoded; afterwards nothing is dirty. A record that no broker would take is left
        out and reported in `too_large`. If encoding raises, all stays dirty."""
        cells, dirty = self.cells.get(partition, {}), self.dirty.get(partition, {})
        if doubted := self._doubted.get(partition):
            dirty.update(dict.fromkeys(doubted[-REWRITTEN_AT_ONCE:]))
            del doubted[-REWRITTEN_AT_ONCE:]
        taken = Taken(self.cells.get(partition), list(dirty), set(self._deleted.get(partition, ())))
        encode_key, encode_value = self.codec.encode_key, self.codec.encode_value
        for key in taken.keys:
            name = encode_key(key)
            if key in cells:
                self._add(taken, partition, name, encode_value(cells[key]))
            elif key in taken.deleted:
                taken.records.append((name, None))
        dirty.clear()
        self._deleted.get(partition, set()).clear()
        return taken

    def put_back(self, partition: int, taken: Taken[K, V]) -> None:
        """What was taken did not reach the changelog: dirty again, unless the partition was forgotten meanwhile."""
        if taken.cells is None or self.cells.get(partition) is not taken.cells:
            return
        self._deleted[partition] |= taken.deleted
        self.dirty[partition].update(dict.fromkeys(taken.keys))

    def fold(self, partition: int, at: int, key: bytes, value: bytes | None) -> None:
        """Take in the changelog record at offset `at`: of two records of a key the one with the larger source offset
        counts, whichever was written last. One that lies behind what is known marks its key dirty: compaction keeps
        the last record written, so the right one has to be written again."""
        if at >= self.ends.get(partition, at + 1):
            return
        name = self._decoded(self.codec.decode_key, key, partition, at, key)
        found = None if value is None else self._decoded(self.codec.decode_value, value, partition, at, key)
        self._take_in(partition, name, found)

    def fold_all(self, partition: int, records: Iterable[StoredRecord]) -> None:
        """The same for many records in their order; of each key only the one that counts is decoded. A busy cell is
        written with every cut, and compaction leaves the newest records as they were written."""
        newest: dict[bytes, StoredRecord] = {}
        end = self.ends.get(partition)
        for record in records:
            at, key, value = record
            if end is not None and at >= end:
                continue
            if value is None:
                newest.pop(key, None)
                self.fold(partition, at, key, None)
            elif (known := newest.get(key)) is None or self._follows(partition, known, record):
                newest[key] = record
            else:
                self.dirty[partition][self._decoded(self.codec.decode_key, key, partition, at, key)] = None
        self._fold_newest(partition, newest.values())

    def _fold_newest(self, partition: int, records: Iterable[StoredRecord]) -> None:
        """Hundreds of thousands of them at a start: one call each would be felt."""
        decode_key, decode_value = self.codec.decode_key, self.codec.decode_value
        cells, at, key = self.cells[partition], -1, b""
        try:
            for at, key, value in records:  # noqa: B007 -- told where it fails
                name, found = decode_key(key), decode_value(value or b"")
                if name in cells:
                    self._take_in(partition, name, found)
                else:
                    cells[name] = found
        except Exception as cause:
            raise self._unread(partition, at, key, cause) from cause

    def _follows(self, partition: int, known: StoredRecord, record: StoredRecord) -> bool:
        was, now = (
            self._decoded(self.codec.stored_offset, value or b"", partition, at, key)
            for at, key, value in (known, record)
        )
        return now >= was

    def _decoded(self, decode: Callable[[bytes], T], stored: bytes, partition: int, at: int, key: bytes) -> T:
        try:
            return decode(stored)
        except Exception as cause:
            raise self._unread(partition, at, key, cause) from cause

    def _unread(self, partition: int, at: int, key: bytes, cause: Exception) -> Exception:
        if not isinstance(cause, NewerError):
            return CorruptChangelogError(self.name, partition, at, cause)
        try:
            name: object = self.codec.decode_key(key)
        except Exception:  # whatever a later version calls its cells
            name = key
        return NewerStateError(f"{self.changelog}/{partition}/{at}, key {name!r}", cause)

    def _take_in(self, partition: int, key: K, found: V | None) -> None:
        cells = self.cells[partition]
        held = cells.get(key)
        if found is None:
            cells.pop(key, None)
        elif held is None or self.codec.offset_of(found) >= self.codec.offset_of(held):
            cells[key] = found
        else:
            self.dirty[partition][key] = None

    def _add(self, taken: Taken[K, V], partition: int, key: bytes, value: bytes) -> None:
        size = len(key) + len(value)
        if size <= self.max_record_bytes:
            taken.records.append((key, value))
        else:
            error = RecordTooLargeError(self.name, partition, key, size, self.max_record_bytes)
            taken.too_large.append(error)
