"""A record of the rejected topic, read back: what was refused, or a note that some of them were sent again."""

import base64
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from callpulse.stream.core.events import LAST_MS, MAX_NAME, Reason
from callpulse.undecodable import UNDECODABLE

RETRIED_KEY = b"retried"  # of a note; what was refused has no key
SCHEMA = 1


class Refused(Struct, frozen=True):
    """As stream/refusals.py writes it; `at` = its own offset in the rejected topic, `refused_ms` = when that was."""

    reason: str
    topic: str
    partition: int
    offset: int
    size: int
    v: int = SCHEMA
    field: str = ""
    detail: str = ""
    recorded_ms: int | None = None
    key: str | dict[str, str] | None = None
    value: str | dict[str, str] | None = None
    at: int = -1
    refused_ms: int = 0

    def raw(self) -> bytes | None:
        """The record as it was; None where it was too long to be kept whole."""
        kept = _bytes(self.value)
        return kept if len(kept) == self.size else None

    def names(self) -> tuple[str, tuple[str, ...]]:
        """(agent, queues) as far as the record states them: "" and () where it cannot be read."""
        try:
            found = _json(_bytes(self.value))
        except UNDECODABLE:
            return "", ()
        if not isinstance(found, dict):
            return "", ()
        many = found.get("queues")
        stated = [found.get("queue"), *(many if isinstance(many, list) else ())]
        return _name(found.get("agent")), tuple(dict.fromkeys(name for each in stated if (name := _name(each))))


class Note(Struct, frozen=True):
    """`retried`: from and to (both included) which offsets of the rejected topic were sent again. `run` says so, which
    is one of `by`; `over`: it is at an end."""

    retried: tuple[tuple[int, int], ...]
    retried_ms: int
    v: int = SCHEMA
    run: str = ""
    by: str = ""
    over: bool = False


_json = msgspec.json.Decoder().decode
_refused = msgspec.json.Decoder(Refused).decode
_note = msgspec.json.Decoder(Note).decode
_encode = msgspec.json.Encoder().encode
REASONS = tuple(reason.value for reason in Reason)


def refused_of(value: bytes | None, at: int, refused_ms: int) -> Refused | None:
    """None for what no version of callpulse that is known here has written. A time that no calendar has, of a record
    that somebody else wrote, is the nearest that one has."""
    try:
        found = _refused(value or b"")
    except UNDECODABLE:
        return None
    known_ms = min(max(refused_ms, 0), LAST_MS)
    return msgspec.structs.replace(found, at=at, refused_ms=known_ms) if found.v == SCHEMA else None


def note_of(value: bytes | None) -> Note | None:
    """The same of a note."""
    try:
        found = _note(value or b"")
    except UNDECODABLE:
        return None
    return found if found.v == SCHEMA else None


def note(offsets: Iterable[int], at_ms: int, run: str, by: str, *, over: bool = False) -> bytes:
    """That these were sent again."""
    return _encode(Note(tuple(spans(offsets)), at_ms, run=run, by=by, over=over))


def spans(offsets: Iterable[int]) -> list[tuple[int, int]]:
    """1, 2, 3, 7 -> (1, 3), (7, 7)."""
    found: list[tuple[int, int]] = []
    for offset in sorted(set(offsets)):
        if found and found[-1][1] == offset - 1:
            found[-1] = found[-1][0], offset
        else:
            found.append((offset, offset))
    return found


def offsets_in(retried: Sequence[tuple[int, int]], begin: int, end: int) -> set[int]:
    """The other way round; only those from `begin` until before `end`: a note of somebody else may name any."""
    return {offset for first, last in retried for offset in range(max(first, begin), min(last + 1, end))}


def _bytes(kept: str | dict[str, str] | None) -> bytes:
    if isinstance(kept, dict):
        try:
            return base64.b64decode(kept.get("base64", ""))
        except ValueError:
            return b""
    return (kept or "").encode()


def _name(stated: Any) -> str:
    return stated[:MAX_NAME] if isinstance(stated, str) else ""
