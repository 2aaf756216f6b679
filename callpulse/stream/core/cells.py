"""What is stored: one shape per table, schema version first, source offset of the last event applied second.

An event at or below the offset of a record has been applied to it; recovery keeps the record with the larger offset.
"""

from collections.abc import Callable, MutableMapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from callpulse.stream.core import schemas
from callpulse.stream.core.schemas import Schema, upgraded
from callpulse.stream.core.tally import Tally

Place = tuple[str, int]  # queue, start


class LiveCell(Struct, array_like=True, gc=False):
    """600 s of one queue: pane number (ms // 10,000) -> tally of the facts at their own time."""

    schema: int = schemas.LIVE_CELL.version
    offset: int = -1
    panes: dict[int, Tally] = {}


class IntervalCell(Struct, array_like=True, gc=False, eq=False):  # noqa: PLW1641 -- it changes: no hash
    """15 minutes UTC of one queue: tally of the visits that arrived in them.

    Most are days old and only read. A cell that was stored, or that hardly changes any more, sleeps: it holds its tally
    as it is stored, a tenth of the memory, and is decoded by whoever reads it.
    """

    schema: int = schemas.INTERVAL_CELL.version
    offset: int = -1
    stored: Tally | msgspec.Raw = {}

    @property
    def tally(self) -> Tally:
        """To be read."""
        return self.stored if isinstance(self.stored, dict) else _tally(self.stored)

    def awake(self) -> Tally:
        """To be changed in place."""
        if not isinstance(self.stored, dict):
            self.stored = _tally(self.stored)
        return self.stored

    def sleep(self) -> None:
        """Until somebody changes it."""
        if isinstance(self.stored, dict):
            self.stored = msgspec.Raw(_encode(self.stored))

    def __eq__(self, other: object) -> bool:
        """Asleep or not."""
        return isinstance(other, IntervalCell) and (self.offset, self.tally) == (other.offset, other.tally)


class TotalCell(Struct, array_like=True, gc=False):
    """One queue since the beginning: booked and taken back only grow; their difference is the tally."""

    schema: int = schemas.TOTAL_CELL.version
    offset: int = -1
    booked: Tally = {}
    taken_back: Tally = {}
    channel: str = ""
    site: str = ""
    source: str = ""


_encode = msgspec.msgpack.Encoder().encode
_tally = msgspec.msgpack.Decoder(Tally).decode
_MAPS = frozenset((*range(0x80, 0x90), 0xDE, 0xDF))  # the first byte of a map in MessagePack


def encode(value: object) -> bytes:
    """A cell or key as stored."""
    return _encode(value)


class _StoredInterval(Struct, array_like=True, gc=False):
    schema: int
    offset: int
    tally: msgspec.Raw


_stored_interval = msgspec.msgpack.Decoder(_StoredInterval).decode


def _asleep(stored: bytes) -> IntervalCell:
    found = _stored_interval(stored)
    packed = bytes(found.tally)
    if packed[0] not in _MAPS:
        raise msgspec.ValidationError("the tally of an interval: expected a map")
    return IntervalCell(found.schema, found.offset, msgspec.Raw(packed))


Timed = TypeVar("Timed", LiveCell, IntervalCell)


def cell_at(cells: MutableMapping[Place, Timed], place: Place, shape: Callable[[], Timed]) -> Timed:
    """The cell there, a new one where there was none."""
    cell = cells.get(place)
    if cell is None:
        cell = cells[place] = shape()
    return cell


def is_new(held: int, offset: int) -> bool:
    """Does a cell that holds all up to `held` lack the event at `offset`?"""
    return held < offset


def drop_gone(cells: MutableMapping[Place, Timed], dirty: MutableMapping[Place, None], gone_ms: int) -> None:
    """Drop the cells that start at `gone_ms` or earlier."""
    for place in [place for place in cells if place[1] <= gone_ms]:
        del cells[place]
        dirty.pop(place, None)


def decoder(shape: Any, schema: Schema) -> Callable[[bytes], Any]:
    """bytes -> cell of that shape, also from what earlier versions stored; raises NewerError for a later one's."""
    decode, version = _asleep if shape is IntervalCell else msgspec.msgpack.Decoder(shape).decode, schema.version

    def decode_cell(stored: bytes) -> Any:
        try:
            cell = decode(stored)
        except msgspec.ValidationError:  # perhaps of another version
            return decode(upgraded(stored, schema))
        return cell if cell.schema == version else decode(upgraded(stored, schema))

    return decode_cell
