"""Events as JSON lines: what `callpulse simulate --to FILE` writes, or the bare events of docs/EVENTS.md."""

from collections import Counter
from pathlib import Path

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from callpulse.sources.lines import read_lines
from callpulse.sources.trouble import SourceError
from callpulse.stream.core.events import Event, Reason, Rejected
from callpulse.stream.core.wire import decode_agent, decode_call
from callpulse.undecodable import UNDECODABLE

AGENT_STATE = "agent_state"
ANY_TYPE = f", or {AGENT_STATE}"
BOM = "\ufeff"


class _Outline(Struct):
    """An event, or a record of Kafka whose `value` is one."""

    type: object = None
    value: Raw = Raw()


_outline = msgspec.json.Decoder(_Outline).decode


class EventLines:
    """`ignored`: lines that say nothing."""

    def __init__(self) -> None:
        self.ignored: Counter[str] = Counter()

    def feed(self, line: str) -> list[Event | Rejected]:
        """The event of a line, or why it is none. Never raises."""
        text = line.removeprefix(BOM).strip()
        if not text:
            self.ignored["(blank)"] += 1
            return []
        return [_event(text.encode("utf-8", "replace"))]


def looks_like_events(path: Path) -> bool:
    """Whether this is a file, zipped or not, that begins as JSON lines do."""
    try:
        return path.is_file() and next(read_lines(path), "").removeprefix(BOM).lstrip().startswith("{")
    except (OSError, SourceError):
        return False  # who opens it says why


def _event(record: bytes) -> Event | Rejected:
    outline = _outlined(record)
    if outline.type is not None or not outline.value:
        return _decoded(record, outline)
    inner = bytes(outline.value)
    found = _decoded(inner, _outlined(inner))
    return replace(found, field=f"value.{found.field}".rstrip(".")) if isinstance(found, Rejected) else found


def _outlined(record: bytes) -> _Outline:
    try:
        return _outline(record)
    except UNDECODABLE:
        return _Outline()  # decoding says what is wrong


def _decoded(record: bytes, outline: _Outline) -> Event | Rejected:
    if outline.type == AGENT_STATE:
        return decode_agent(record)
    found = decode_call(record)
    if isinstance(found, Rejected) and found.field == "type" and found.reason is not Reason.BAD_VALUE:
        return replace(found, detail=found.detail + ANY_TYPE)
    return found
