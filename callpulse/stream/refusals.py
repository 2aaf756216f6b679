"""Records that were refused: set aside in `callpulse.rejected` with their place and reason, and counted."""

import base64
import logging
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec

from callpulse import clock
from callpulse.stream.core.events import Reason, Rejected
from callpulse.stream.outbox import Outbox
from callpulse.stream.pseudonyms import AgentNames
from callpulse.stream.transport.editions import in_kafka
from callpulse.stream.wrong_keys import Strayed, WrongKeys, cause_of

log = logging.getLogger("callpulse.worker")

SHOWN_BYTES = 65_536  # of a refused record; a larger one is cut, its place says where the whole of it is
SHOWN_KEY_BYTES = 1024
SAID_EVERY_MS = 60_000
SCHEMA = 1
_encode = msgspec.json.Encoder().encode


class Refusals:
    """Counts by topic and reason, and keeps each refused record. `wrong_keys`: producers that are wrong now."""

    def __init__(self, outbox: Outbox, topic: str, names: AgentNames, now_ms: Callable[[], int] = clock.now_ms) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.wrong_keys = WrongKeys()
        self._outbox = outbox
        self._topic, self._names = topic, names
        self._now_ms = now_ms
        self._said: dict[tuple[str, str], tuple[int, int]] = {}  # topic, reason -> when last, and how many by then

    def add(self, record: Any, refused: Rejected) -> None:
        """Set one record aside; a cut of its partition waits until the broker has it."""
        self.counts[record.topic, refused.reason.value] += 1
        self._say(record, refused)
        self._outbox.add((record.topic, record.partition), self._topic, None, _encode(_kept(record, refused)))

    def _say(self, record: Any, refused: Rejected) -> None:
        """Of each topic and reason once a minute, by the place of one of them; what it says may be about a person."""
        what, now_ms = (record.topic, refused.reason.value), self._now_ms()
        told_ms, told = self._said.get(what, (0, 0))
        if 0 <= now_ms - told_ms < SAID_EVERY_MS:  # a clock that is set back silences nothing
            return
        more = self.counts[what] - told - 1
        self._said[what] = now_ms, self.counts[what]
        log.warning(
            "%s/%d/%d: refused as %s%s%s; it is in %s",
            record.topic, record.partition, in_kafka(record.offset),
            refused.reason.value,
            f", {refused.field}" if refused.field else "",
            f", and {more:,} more since the last such line" if more else "",
            self._topic,
        )  # fmt: skip

    def misplaced(self, record: Any, field: str, name: str, expected: int, partitions: int) -> Rejected:
        """A record of queue or agent (`field`) `name` that is not where murmur2 of it says: why it is refused."""
        cause = cause_of(name, record.key, record.partition, partitions)
        strayed = Strayed(field, name, record.key, record.partition, expected, cause, self._names)
        begins = self.wrong_keys.add(record.topic, strayed, self._now_ms())
        if begins is not None:
            log.warning("%s", begins)
        return Rejected(Reason.WRONG_PARTITION, field, f"{strayed}, {cause.advice(field)}")


def _kept(record: Any, refused: Rejected) -> dict[str, Any]:
    value = record.value or b""
    return {
        "v": SCHEMA,
        "reason": refused.reason.value,
        "field": refused.field,
        "detail": refused.detail,
        "topic": record.topic,
        "partition": record.partition,
        "offset": in_kafka(record.offset),
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
