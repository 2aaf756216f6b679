"""Where to read on in a log that grows, is rotated, compressed or truncated: decisions without a file in
sight."""

import enum
from pathlib import Path

from msgspec import Struct


class Place(Struct, frozen=True):
    """How far a log was read: the file by device and inode, the bytes read of it, and a fingerprint of the
    last of them, by which a copy, a reused inode or a file that was emptied and filled again is recognised.
    """

    device: int
    inode: int
    offset: int = 0
    fingerprint: str = ""


class Seen(Struct, frozen=True):
    """A file as found now. `fits`: it holds the bytes of the place's fingerprint right before the place's
    offset."""

    path: Path
    device: int
    inode: int
    size: int
    modified_ns: int
    fits: bool


class Why(enum.StrEnum):
    """Why reading goes on where it does."""

    BEGIN = "begin"  # nothing was read yet
    SAME = "same"  # the file is where it was
    ROTATED = "rotated"  # the rest of a file that was renamed, copied or compressed
    NEXT = "next"  # the file before is read to its end
    GAP = "gap"  # what was not yet read of a rotated file is gone
    WAIT = "wait"  # there is nothing to read


class Step(Struct, frozen=True):
    """Read `file` from `offset` on. `then`: the file to go to when this one is read to its end, so it is
    final."""

    why: Why
    file: Seen | None = None
    offset: int = 0
    then: Seen | None = None


def next_step(place: Place | None, log: Seen | None, rotated: list[Seen]) -> Step:
    """`log`: the file that carries the log's name, `rotated`: older ones beside it.

    A new file counts only once something is in it: between the renaming and its reopening, the platform
    still writes to the old one.
    """
    if place is None:
        return Step(Why.WAIT) if log is None else Step(Why.BEGIN, log)
    if log is not None and _is_same(place, log) and log.fits:
        return Step(Why.SAME, log, place.offset)
    mine = _find(place, rotated)
    if mine is not None:
        return Step(Why.ROTATED, mine, place.offset, _successor(mine, log, rotated))
    if log is None or log.size == 0:
        return Step(Why.WAIT)
    return Step(Why.GAP if place.offset > 0 else Why.NEXT, log)


def _is_same(place: Place, seen: Seen) -> bool:
    return (seen.device, seen.inode) == (place.device, place.inode)


def _find(place: Place, rotated: list[Seen]) -> Seen | None:
    """The file itself under a new name, else a copy of it; a copy can only be told once something was read."""
    own = [seen for seen in rotated if seen.fits and _is_same(place, seen)]
    copies = [seen for seen in rotated if seen.fits and place.offset > 0]
    return max(own or copies, key=lambda seen: seen.modified_ns, default=None)


def _successor(mine: Seen, log: Seen | None, rotated: list[Seen]) -> Seen | None:
    later = [seen for seen in rotated if seen.modified_ns > mine.modified_ns]
    if later:
        return min(later, key=lambda seen: seen.modified_ns)
    return log if log is not None and log.size > 0 else None
