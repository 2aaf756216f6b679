"""What is stored with a committed offset: the clock that belongs to it, and by what a loss is recognised."""

from typing import Any

import msgspec

from callpulse.newer import check_not_newer


class Place(msgspec.Struct, frozen=True):
    """A committed offset and the metadata stored with it."""

    offset: int
    note: str = ""


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """`clock`: of the partition (ms UTC) at exactly `offset`. `edition` of the offsets in the cells (editions.py).
    `topic`: the id of the source topic, "" if the broker gives none. `ends`: table -> the end of its changelog after
    this cut was written. `of`: by how many partitions keys were spread. `moving_to` and `later`: see Mark."""

    v: int
    offset: int
    clock: int | None
    edition: int = 0
    topic: str = ""
    ends: dict[str, int] = {}
    of: int = 0
    moving_to: int = 0
    later: int | None = None


class _Head(msgspec.Struct, frozen=True):
    """By which a note of any version is recognised."""

    v: int
    offset: int


VERSION = 1
_decode = msgspec.json.Decoder(Note).decode
_head = msgspec.json.Decoder(_Head).decode


def note(offset: int, clock_ms: int | None, **more: Any) -> str:
    """Commit metadata for exactly the offset committed (Kafka's own); `more` are the other fields of Note."""
    return msgspec.json.encode(Note(v=VERSION, offset=offset, clock=clock_ms, **more)).decode()


def noted(text: str, offset: int) -> Note | None:
    """What is in commit metadata, or None if nothing is or it belongs to another offset, as after someone moved the
    group's offsets by hand. Raises NewerError, as all below do."""
    found = noted_copy(text)
    return found if found is not None and found.offset == offset else None


def noted_copy(text: str) -> Note | None:
    """What is in a copy, which lies with another topic and so at another offset. Raises NewerError: to count on from an
    offset without the clock and the marks that belong to it would be wrong in silence."""
    try:
        version = _head(text).v
        check_not_newer(version, VERSION)
        return _decode(text) if version == VERSION else None
    except (msgspec.MsgspecError, RecursionError):  # of another tool
        return None


def noted_partitions(text: str) -> int | None:
    """By how many partitions keys were spread when this was committed, if it is told."""
    found = noted_copy(text)
    return found.of if found is not None and found.of else None


class Mark(msgspec.Struct, frozen=True):
    """What commit metadata says while cells move to `partitions` partitions: no worker may start. `later_ms`: the
    clock of the partition when they have moved."""

    partitions: int
    later_ms: int | None


def marked_note(offset: int, clock_ms: int | None, mark: Mark, edition: int = 0) -> str:
    """Commit metadata with a mark."""
    said = Note(VERSION, offset, clock_ms, edition=edition, moving_to=mark.partitions, later=mark.later_ms)
    return msgspec.json.encode(said).decode()


def noted_mark(text: str) -> Mark | None:
    """The mark in commit metadata, if there is one."""
    found = noted_copy(text)
    return Mark(found.moving_to, found.later) if found is not None and found.moving_to else None


def noted_clock(text: str, offset: int) -> int | None:
    """The clock alone (ms UTC)."""
    found = noted(text, offset)
    return None if found is None else found.clock
