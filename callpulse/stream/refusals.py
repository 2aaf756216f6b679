"""Records that were refused: set aside in `callpulse.rejected` with their place and reason, and counted."""

import base64
from collections import Counter
from typing import Any

import msgspec

from callpulse.stream.core.events import Reason, Rejected
from callpulse.stream.outbox import Outbox

SHOWN_BYTES = 65_536  # of a refused record; a larger one is cut, its place says where the whole of it is
SHOWN_KEY_BYTES = 1024
NAMES_KEPT = 100
SCHEMA = 1
_encode = msgspec.json.Encoder().encode


class Refusals:
    """Counts by topic and reason, and keeps each refused record. `wrongly_keyed` = when (ms) a record of a queue last
    came in another partition than the queue's, by name of the queue; bounded."""

    def __init__(self, outbox: Outbox, topic: str) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.wrongly_keyed: dict[str, int] = {}
        self._outbox = outbox
        self._topic = topic

    def add(self, record: Any, refused: Rejected) -> None:
        """Set one record aside; a cut of its partition waits until the broker has it."""
        self.counts[record.topic, refused.reason.value] += 1
        self._outbox.add((record.topic, record.partition), self._topic, None, _encode(_kept(record, refused)))

    def note_key(self, name: str, at_ms: int) -> None:
        """A producer puts the records of this queue (or agent) into the wrong partition."""
        self.wrongly_keyed.pop(name, None)
        self.wrongly_keyed[name] = at_ms
        if len(self.wrongly_keyed) > NAMES_KEPT:
            del self.wrongly_keyed[next(iter(self.wrongly_keyed))]


def wrong_partition(field: str, name: str, expected: int, found: int) -> Rejected:
    """A record whose partition is not murmur2 of its key; `field` = queue or agent."""
    detail = f"{name!r} is in partition {found}; expected {expected}, murmur2 of the key (librdkafka: murmur2_random)"
    return Rejected(Reason.WRONG_PARTITION, field, detail)


def _kept(record: Any, refused: Rejected) -> dict[str, Any]:
    value = record.value or b""
    return {
        "v": SCHEMA,
        "reason": refused.reason.value,
        "field": refused.field,
        "detail": refused.detail,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "recorded_ms": record.timestamp,
        "size": len(value),
        "key": _text(record.key and record.key[:SHOWN_KEY_BYTES]),
        "value": _text(value[:SHOWN_BYTES]),
    }


def _text(raw: bytes | None) -> Any:
    """UTF-8 as text (a character cut at the end is left out), anything else as base64."""
    if raw is None:
        return None
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        if len(raw) - error.start <= 3 and error.reason == "unexpected end of data":
            return raw[: error.start].decode()
        return {"base64": base64.b64encode(raw).decode()}
