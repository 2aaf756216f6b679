"""What is kept of a contact in one queue: its facts, awake while something happens to it, else as they are stored.

Nearly all contacts of a day are over and only wait to be forgotten. Those sleep as the very bytes of the changelog,
which take a fifth of the memory of what they say, and which a recovery keeps as they come.
"""

from typing import Any

import msgspec
from msgspec import Struct

from callpulse.stream.core.cells import encode
from callpulse.stream.core.contacts import NOTHING, Stay, stay
from callpulse.stream.core.facts import Fact
from callpulse.stream.core.schemas import CONTACT, upgraded


class Contact:
    """`booked` = the stay whose contribution the tallies hold; it is derived, never stored. No facts = closed: such a
    record only beats an older one that a zombie may still write."""

    __slots__ = ("booked", "facts", "last_ms", "offset")

    def __init__(self, offset: int = -1, facts: list[Fact] | None = None) -> None:
        self.offset = offset
        self.facts = [] if facts is None else facts
        self.last_ms: int = max([fact[0] for fact in self.facts]) if facts else -1
        self.booked: Stay = stay(self.facts) if facts else NOTHING

    @property
    def waits(self) -> bool:
        """Its last visit has no outcome yet."""
        return bool(self.booked.visits) and self.booked.visits[-1].outcome is None


class Head(Struct, array_like=True, gc=False):
    """A contact as stored, its facts unread. Earlier programs did not write the last two."""

    schema: int
    offset: int
    facts: msgspec.Raw
    last_ms: int = -1
    waits: bool = False


Kept = Contact | bytes  # one that sleeps is what is stored of it

_head = msgspec.msgpack.Decoder(Head).decode
_facts = msgspec.msgpack.Decoder(list[tuple[Any, ...]]).decode
_ARRAYS = frozenset((*range(0x90, 0xA0), 0xDC, 0xDD))  # the first byte of an array in MessagePack


def head(contact: Kept) -> Contact | Head:
    """What is asked of many at once: `offset`, `last_ms` (-1 = closed) and `waits`. It wakes nobody."""
    return _head(contact) if isinstance(contact, bytes) else contact


def awake(contact: Kept) -> Contact:
    """With its facts, to be changed."""
    if not isinstance(contact, bytes):
        return contact
    found = _head(contact)
    return Contact(found.offset, _facts(found.facts))


def at_offset(contact: Kept, offset: int) -> Contact:
    """The same contact in another log, where `offset` is that of its last event."""
    return Contact(offset, list(awake(contact).facts))


def encode_contact(contact: Kept) -> bytes:
    """As stored: asleep. What is booked must be what the facts say, as it is between two batches."""
    if isinstance(contact, bytes):
        return contact
    return encode((CONTACT.version, contact.offset, contact.facts, contact.last_ms, contact.waits))


def decode_contact(stored: bytes) -> Kept:
    """Asleep, if it can be. Raises NewerError, msgspec.ValidationError, msgspec.DecodeError."""
    try:
        found = _head(stored)
    except msgspec.ValidationError:  # perhaps of another version
        found = _head(stored := upgraded(stored, CONTACT))
    if found.schema != CONTACT.version:
        found = _head(stored := upgraded(stored, CONTACT))
    if memoryview(found.facts)[0] not in _ARRAYS:
        raise msgspec.ValidationError("the facts of a contact: expected an array")
    return awake(stored) if found.last_ms < 0 else stored
