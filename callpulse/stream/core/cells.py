"""What is stored: one shape per table, schema version first, source offset of the last event applied second.

An event at or below the offset of a record has been applied to it; recovery keeps the record with the larger offset.
"""

from collections.abc import Callable, MutableMapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from callpulse.stream.core.contacts import NOTHING, Stay, stay
from callpulse.stream.core.facts import Fact
from callpulse.stream.core.tally import Tally

SCHEMA = 1
Place = tuple[str, int]  # queue, start


class SchemaError(Exception):
    """A stored value of another version than this program writes."""


class LiveCell(Struct, array_like=True, gc=False):
    """600 s of one queue: pane number (ms // 10,000) -> tally of the facts at their own time."""

    schema: int = SCHEMA
    offset: int = -1
    panes: dict[int, Tally] = {}


class IntervalCell(Struct, array_like=True, gc=False, eq=False):  # noqa: PLW1641 -- it changes: no hash
    """15 minutes UTC of one queue: tally of the visits that arrived in them.

    Most are days old and only read. A cell that was stored, or that hardly changes any more, sleeps: it holds its tally
    as it is stored, a tenth of the memory, and is decoded by whoever reads it.
    """

    schema: int = SCHEMA
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

    schema: int = SCHEMA
    offset: int = -1
    booked: Tally = {}
    taken_back: Tally = {}
    channel: str = ""
    site: str = ""
    source: str = ""


_encode = msgspec.msgpack.Encoder().encode
_tally = msgspec.msgpack.Decoder(Tally).decode
_facts = msgspec.msgpack.Decoder(list[tuple[Any, ...]]).decode


class Contact:
    """The facts of one contact in one queue. `booked` = the stay whose contribution the tallies hold; it is derived,
    never stored. No facts = closed: such a record only beats an older one that a
    zombie may still write.

    A contact that was stored, or that nothing was heard of for a while, sleeps: `packed` holds its facts as they are
    stored, a third of the memory, until somebody asks for `facts` or `booked`.
    """

    __slots__ = ("booked", "facts", "last_ms", "offset", "packed", "waits")
    facts: list[Fact]
    booked: Stay

    def __init__(self, offset: int = -1, facts: list[Fact] | None = None) -> None:
        self.offset = offset
        self.facts = [] if facts is None else facts
        self.last_ms: int = max([fact[0] for fact in self.facts]) if facts else -1
        self.booked = stay(self.facts) if facts else NOTHING
        self.packed: bytes | None = None
        self.waits = False  # of one that sleeps: its last visit is open

    @classmethod
    def sleeping(cls, offset: int, last_ms: int, packed: bytes, waits: bool) -> "Contact":
        """One with facts."""
        contact = cls.__new__(cls)
        contact.offset, contact.last_ms, contact.packed, contact.waits = offset, last_ms, packed, waits
        return contact

    @property
    def closed(self) -> bool:
        """No facts; asking wakes nobody."""
        return self.last_ms < 0

    def is_open(self) -> bool:
        """Its last visit has no outcome yet."""
        if self.packed is not None:
            return self.waits
        return bool(self.booked.visits) and self.booked.visits[-1].outcome is None

    def sleep(self) -> None:
        """What is booked must be what the facts say, as it is between two batches."""
        if self.packed is None and not self.closed:
            self.waits = self.is_open()
            self.packed = _encode(self.facts)
            del self.facts, self.booked

    def __getattr__(self, name: str) -> Any:
        """Only what a sleeping one lacks."""
        if name not in ("facts", "booked") or self.packed is None:
            raise AttributeError(name)
        self.facts, self.packed = _facts(self.packed), None
        self.booked = stay(self.facts)
        return getattr(self, name)


class _Stored(Struct, array_like=True, gc=False):
    """A contact as stored. Earlier programs did not write the last two."""

    schema: int
    offset: int
    facts: msgspec.Raw
    last_ms: int = -1
    waits: bool = True


_stored = msgspec.msgpack.Decoder(_Stored).decode
_ARRAYS = frozenset((*range(0x90, 0xA0), 0xDC, 0xDD))  # the first byte of an array in MessagePack
_MAPS = frozenset((*range(0x80, 0x90), 0xDE, 0xDF))  # and of a map


def encode(value: object) -> bytes:
    """A cell or key as stored."""
    return _encode(value)


def encode_contact(contact: Contact) -> bytes:
    facts = contact.facts if contact.packed is None else msgspec.Raw(contact.packed)
    return _encode((SCHEMA, contact.offset, facts, contact.last_ms, contact.is_open()))


def decode_contact(stored: bytes) -> Contact:
    """Asleep, if it can be."""
    found = _stored(stored)
    _check(found.schema)
    if found.last_ms < 0:
        return Contact(found.offset, _facts(found.facts))
    packed = bytes(found.facts)
    if packed[0] not in _ARRAYS:
        raise msgspec.ValidationError("the facts of a contact: expected an array")
    return Contact.sleeping(found.offset, found.last_ms, packed, found.waits)


class _StoredInterval(Struct, array_like=True, gc=False):
    schema: int
    offset: int
    tally: msgspec.Raw


_stored_interval = msgspec.msgpack.Decoder(_StoredInterval).decode


def decode_interval(stored: bytes) -> IntervalCell:
    """Asleep."""
    found = _stored_interval(stored)
    _check(found.schema)
    packed = bytes(found.tally)
    if packed[0] not in _MAPS:
        raise msgspec.ValidationError("the tally of an interval: expected a map")
    return IntervalCell(offset=found.offset, stored=msgspec.Raw(packed))


Timed = TypeVar("Timed", LiveCell, IntervalCell)


def cell_at(cells: MutableMapping[Place, Timed], place: Place, shape: Callable[[], Timed]) -> Timed:
    """The cell there, a new one where there was none."""
    cell = cells.get(place)
    if cell is None:
        cell = cells[place] = shape()
    return cell


def drop_gone(cells: MutableMapping[Place, Timed], dirty: MutableMapping[Place, None], gone_ms: int) -> None:
    """Drop the cells that start at `gone_ms` or earlier."""
    for place in [place for place in cells if place[1] <= gone_ms]:
        del cells[place]
        dirty.pop(place, None)


class _Head(Struct, array_like=True, gc=False):
    """How every stored value begins."""

    schema: int
    offset: int


_head = msgspec.msgpack.Decoder(_Head).decode


def stored_offset(stored: bytes) -> int:
    """The source offset of any stored value, the rest of it unread."""
    head = _head(stored)
    _check(head.schema)
    return head.offset


def decoder(shape: Any) -> Callable[[bytes], Any]:
    """bytes -> cell of that shape; raises SchemaError for another version."""
    if shape is IntervalCell:
        return decode_interval
    decode = msgspec.msgpack.Decoder(shape).decode

    def decode_cell(stored: bytes) -> Any:
        cell = decode(stored)
        _check(cell.schema)
        return cell

    return decode_cell


def _check(schema: int) -> None:
    if schema != SCHEMA:
        raise SchemaError(f"a stored value has schema version {schema}; this program reads {SCHEMA}")
