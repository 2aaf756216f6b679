"""What the kpis topic says now: the newest record of every key, for whoever adds up or judges."""

import logging
from typing import Any, TypeVar

from callpulse.newer import NewerError, NewerStateError
from callpulse.stream.board_record import AsOf, People, QueueRecord, decode_as_of, decode_people, decode_queue
from callpulse.undecodable import UNDECODABLE

Rec = TypeVar("Rec", QueueRecord, AsOf, People)

log = logging.getLogger(__name__)


class KpiTable:
    """By queue or by partition, and the people of all queues. Records keyed `total` and `group:` are sums of these, and
    left out. `newer`: by key, why a record cannot be read that a later callpulse wrote: without it no sum is right."""

    def __init__(self, ttl_ms: int) -> None:
        self._ttl_ms = ttl_ms
        self.queues: dict[str, QueueRecord] = {}
        self.as_of: dict[int, AsOf] = {}
        self.people: dict[int, People] = {}
        self.everybody: QueueRecord | None = None
        self.newer: dict[str, NewerStateError] = {}

    def clear(self) -> None:
        """Nothing is known."""
        self.queues, self.as_of, self.people, self.everybody = {}, {}, {}, None
        self.newer = {}

    def take(self, record: Any) -> str | None:
        """A record of the topic. Returns the queue that it tells of, if it does."""
        key = "" if record.key is None else record.key.decode(errors="replace")
        try:
            queue = self._take(key, record.value)
        except NewerError as cause:
            self._cannot_read(
                key, NewerStateError(f"{record.topic}/{record.partition}/{record.offset}, key {key!r}", cause)
            )
            return None
        except UNDECODABLE as error:
            log.warning("%s/%d/%d: not understood (%s)", record.topic, record.partition, record.offset, error)
            return None
        self.newer.pop(key, None)
        return queue

    def _cannot_read(self, key: str, error: NewerStateError) -> None:
        if not self.newer:
            log.error("%s", error)
        self.newer[key] = error

    def reach_ms(self, record: QueueRecord) -> int:
        """How far the data of a queue reaches: its own record's, or its partition's."""
        reach = self.as_of.get(record.partition)
        return max(record.as_of_ms, 0 if reach is None else reach.as_of_ms)

    def sources(self) -> dict[str, int]:
        """Source -> when it was heard last (ms), by any partition."""
        heard: dict[str, int] = {}
        for reach in self.as_of.values():
            for source, at_ms in reach.sources.items():
                heard[source] = max(at_ms, heard.get(source, 0))
        return heard

    def _take(self, key: str, value: bytes | None) -> str | None:
        kind, _, name = key.partition(":")
        if value is None:
            if kind == "queue":
                self.queues.pop(name, None)
        elif kind == "queue":
            self.queues[name] = self._newest(self.queues.get(name), decode_queue(value))
            return name
        elif kind == "everybody":
            self.everybody = self._newest(self.everybody, decode_queue(value))
        elif kind == "as_of":
            reach = decode_as_of(value)
            self.as_of[reach.partition] = self._newest(self.as_of.get(reach.partition), reach)
        elif kind == "agents":
            people = decode_people(value)
            self.people[people.partition] = self._newest(self.people.get(people.partition), people)
        return None

    def _newest(self, held: Rec | None, found: Rec) -> Rec:
        """The higher version; a lower generation only from a new group, after a silence longer than the TTL."""
        if held is None or found.version >= held.version:
            return found
        return found if found.written_at_ms > held.written_at_ms + self._ttl_ms else held
