"""The topic of alerts: what is stored, read back, and kept from those who no longer have a say.

Each record carries (generation of the group, counter of the process). A worker that was frozen while another took over
may still write: what it writes is of an older generation, is not believed, and is written over at once, because
compaction would keep it.
"""

import asyncio
import itertools
import logging
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from msgspec import Struct

from callpulse.alerts.core.held import Fact
from callpulse.alerts.core.stored import Stored, kind_of
from callpulse.newer import NewerError, NewerStateError, check_not_newer
from callpulse.undecodable import UNDECODABLE

SCHEMA = 1
NULL = b"null"
FORGOTTEN_MS = 86_400_000  # nobody stands still for longer and is believed to judge: the record itself can go
FAILURES = (KafkaError, OSError)  # what means that Kafka did not take something
Version = tuple[int, int]

log = logging.getLogger(__name__)


class Record(Struct, frozen=True):
    """`value` is null for what is forgotten; the record stays for a day, so that nothing of an older generation comes
    back, then the key is taken out of the topic: mutes and queues come and go for years."""

    v: int
    version: Version
    written_at_ms: int
    value: msgspec.Raw


class _Head(Struct, frozen=True):
    """How every record of every version begins."""

    v: int


_record = msgspec.json.Decoder(Record).decode
_head = msgspec.json.Decoder(_Head).decode


class AlertTopic:
    """The newest record of every key, as read and as written. `generation` is that of the assignment: who has lost it
    must not write with the next one's. `unsent` is what Kafka has not taken yet, None = the key is taken out."""

    def __init__(
        self,
        producer: AIOKafkaProducer,
        topic: str,
        generation: int,
        now_ms: Callable[[], int],
        ttl_ms: int,
    ) -> None:
        self.unsent: dict[str, bytes | None] = {}
        self._producer, self._topic = producer, topic
        self._generation, self._now_ms, self._ttl_ms = generation, now_ms, ttl_ms
        self._counter = itertools.count(1)
        self._newest: dict[str, tuple[Version, int]] = {}
        self._written: dict[str, bytes] = {}
        self._forgotten: dict[str, int] = {}  # since when, the longest first
        self._is_ours = False

    def take_over(self) -> None:
        """All has been read. From now on it is as if we had written it: nobody of an older generation has a say."""
        self._is_ours = True

    def put(self, fact: Fact) -> None:
        """To be stored; `flush` sends it."""
        self._put(fact.key, msgspec.Raw(msgspec.json.encode(fact.value)))
        self._take_out(self._now_ms())

    def _put(self, key: str, value: msgspec.Raw) -> None:
        version, now_ms = (self._generation, next(self._counter)), self._now_ms()
        self._note(key, version, now_ms, forgotten=bytes(value) == NULL)
        self.unsent[key] = self._written[key] = msgspec.json.encode(Record(SCHEMA, version, now_ms, value))

    async def flush(self) -> None:
        """Until Kafka has all that was put. Raises KafkaError where it does not take it; what is left stays unsent. A
        record that is larger than the broker takes is left out, and said: it must not hold up the others."""
        while self.unsent:
            sent = dict(self.unsent)
            results = await asyncio.gather(
                *(self._send(key, value) for key, value in sent.items()), return_exceptions=True
            )
            for (key, value), result in zip(sent.items(), results, strict=True):
                if isinstance(result, MessageSizeTooLargeError):
                    log.error("%s: the record of %r is larger than the broker takes; it is left out", self._topic, key)
                elif isinstance(result, BaseException):
                    raise result
                if self.unsent.get(key) is value:
                    del self.unsent[key]

    async def _send(self, key: str, value: bytes | None) -> None:
        await (await self._producer.send(self._topic, value=value, key=key.encode()))

    def read(self, record: Any) -> tuple[str, Stored | None] | None:
        """(key, what is stored there) of a record that is news; None for our own, for what nobody understands, and for
        what somebody wrote who no longer has a say: that is written over. Raises NewerStateError."""
        key = "" if record.key is None else record.key.decode(errors="replace")
        kind, _ = kind_of(key)
        if kind is None:
            return None
        if record.value is None:
            self._write_over(key)
            return None
        try:
            check_not_newer(_head(record.value).v, SCHEMA)
            found = _record(record.value)
            if found.v != SCHEMA:
                raise msgspec.ValidationError(f"v = {found.v}, expected {SCHEMA}")
            value: Any = msgspec.json.decode(found.value, type=kind | None)
        except NewerError as cause:
            raise NewerStateError(f"{record.topic}/{record.partition}/{record.offset}, key {key!r}", cause) from cause
        except UNDECODABLE as error:
            log.warning("%s/%d/%d: not understood (%s)", record.topic, record.partition, record.offset, error)
            return None
        if not self._is_news(key, found):
            return None
        self._note(key, found.version, found.written_at_ms, forgotten=value is None)
        self._written[key] = record.value
        return key, value

    def _note(self, key: str, version: Version, written_at_ms: int, *, forgotten: bool) -> None:
        self._newest[key] = version, written_at_ms
        self._forgotten.pop(key, None)
        if forgotten:
            self._forgotten[key] = written_at_ms

    def _take_out(self, now_ms: int) -> None:
        """What was forgotten a day ago."""
        while self._forgotten:
            key, since_ms = next(iter(self._forgotten.items()))
            if now_ms - since_ms < FORGOTTEN_MS:
                return
            del self._forgotten[key], self._newest[key]
            self._written.pop(key, None)
            self.unsent[key] = None

    def _is_news(self, key: str, found: Record) -> bool:
        if self._is_ours and found.version[0] < self._generation:
            self._write_over(key)
            if key not in self._written:
                self.put(Fact(key, None))  # what they alone know
            return False
        held = self._newest.get(key)
        if held is None or found.version > held[0]:
            return True
        if found.version == held[0]:
            return False
        if found.written_at_ms > held[1] + self._ttl_ms and not self._is_ours:
            return True  # a group that began anew counts from one again
        self._write_over(key)
        return False

    def _write_over(self, key: str) -> None:
        """What somebody wrote, or took out, of what is ours; by our generation, or theirs would be the newer one."""
        if not self._is_ours or key not in self._written or key in self.unsent:
            return
        held = _record(self._written[key])
        if held.version[0] == self._generation:
            self.unsent[key] = self._written[key]
        else:
            self._put(key, held.value)


def stored(records: Mapping[str, Stored | None]) -> list[tuple[str, Stored]]:
    """(what the key names, what is stored there) of what is not forgotten."""
    return [(kind_of(key)[1], value) for key, value in records.items() if value is not None]
