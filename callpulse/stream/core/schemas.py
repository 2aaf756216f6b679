"""The versions of everything that changelogs hold, and the only place where what is older is brought up to date.

To change how a value is stored: change its shape, and add to its schema below a function from the list of the version
before to that of the new one. The number of the version follows. What lies in Kafka stays as it is until its cell is
written again, so every function stays for as long as a changelog may hold what it reads.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

from callpulse.newer import check_not_newer

Upgrade = Callable[[list[Any]], list[Any]]


class Schema(Struct, frozen=True):
    """Of one shape. `upgrades`: the first from version 1 to 2, and so on; each gets and gives the whole value, whose
    first element, the version, is set afterwards, and whose second, the source offset, never changes its place."""

    upgrades: tuple[Upgrade, ...] = ()

    @property
    def version(self) -> int:
        """What this program writes."""
        return 1 + len(self.upgrades)


LIVE_CELL = Schema()
INTERVAL_CELL = Schema()
TOTAL_CELL = Schema()
CONTACT = Schema()
AGENT_CELL = Schema()
QUEUE_AGENT = Schema()


class _Head(Struct, array_like=True, gc=False):
    """How every stored value of every version begins."""

    schema: int
    offset: int


_head = msgspec.msgpack.Decoder(_Head).decode
_any = msgspec.msgpack.Decoder(list[Any]).decode
_encode = msgspec.msgpack.Encoder().encode


def stored_offset(schema: Schema) -> Callable[[bytes], int]:
    """bytes -> the source offset of any stored value, the rest of it unread; raises NewerError."""
    known = schema.version

    def offset(stored: bytes) -> int:
        found = _head(stored)
        check_not_newer(found.schema, known)
        return found.offset

    return offset


def upgraded(stored: bytes, schema: Schema) -> bytes:
    """The value as this program writes it. Raises NewerError, msgspec.ValidationError, msgspec.DecodeError."""
    found = _head(stored).schema
    check_not_newer(found, schema.version)
    if found < 1:
        raise msgspec.ValidationError(f"a stored value has schema version {found}; expected 1 or more")
    value = _any(stored)
    for upgrade in schema.upgrades[found - 1 :]:
        value = upgrade(value)
    return _encode([schema.version, *value[1:]])
