"""Records that were refused: set aside in `callpulse.rejected` with their place and reason, and counted."""

import base64
from collections import Counter
from typing import Any

import msgspec

from callpulse.stream.core.events import Reason, Rejected
from callpulse.stream.outbox import Outbox

SHOWN_BYTES = 65_536  # of a refused record; a larger one is cut, its place says where the whole of it is
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

    def note_key(self, queue: str, at_ms: int) -> None:
        """A producer puts this queue's records into the wrong partition."""
        if queue in self.wrongly_keyed or len(self.wrongly_keyed) < 100:
            self.wrongly_keyed[queue] = at_ms


def wrong_partition(name: str, expected: int, found: int) -> Rejected:
    """A record whose partition is not murmur2 of its key."""
    detail = f"{name!r} is in partition {found}; expected {expected}, murmur2 of the key (librdkafka: murmur2_random)"
    return Rejected(Reason.WRONG_PARTITION, "queue", detail)


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
        "key": _text(record.key),
        "value": _text(value[:SHOWN_BYTES]),
    }


def _text(raw: bytes | None) -> Any:
    """UTF-8 as text, anything else as base64."""
    if raw is None:
        return None
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(raw).decode()}
