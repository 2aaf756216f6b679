"""`callpulse.kpis`: the newest record of every queue, with full tallies, for totals, alerts and whoever wants it."""

import asyncio
import functools
import logging
from collections.abc import Mapping
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from callpulse import clock
from callpulse.stream.agents import Agents
from callpulse.stream.board_record import SCHEMA, AsOf, People, QueueRecord, of_view
from callpulse.stream.core import snapshot
from callpulse.stream.core.snapshot import QueueView
from callpulse.stream.durations import Durations
from callpulse.stream.pseudonyms import AgentNames
from callpulse.stream.versions import Version
from callpulse.stream.viewing import Seen, Viewing

PACE_S = 0.1
GONE = object()  # instead of a record: the key is taken out of the topic

log = logging.getLogger(__name__)


class KpiTopic:
    """Keeps the newest record of each key that Kafka does not have; `flush` sends them, in the order in which they were
    put. While Kafka is away nothing piles up. `acks`: how long Kafka took to have a record."""

    def __init__(
        self, producer: AIOKafkaProducer, topic: str, agents: Agents, *, writer: str, names: AgentNames
    ) -> None:
        self.acks = Durations()
        self._producer = producer
        self._topic = topic
        self._agents = agents
        self._writer = writer
        self._names = names
        self._unsent: dict[str, Any] = {}
        self._under_way: dict[str, Any] = {}  # the newest of each key that the producer has

    def send_queue(self, seen: Seen, version: Version, now_ms: int) -> None:
        """One queue, key `queue:ID`."""
        view = seen.view._replace(present=self._names.present(seen.view.present))
        record = of_view(
            view,
            seen.figures,
            partition=seen.partition,
            version=version,
            writer=self._writer,
            source=seen.source,
            channel=seen.channel,
            site=seen.site,
            written_at_ms=now_ms,
            ticks=tuple(seen.ticks),
        )
        self._put(f"queue:{view.queue}", record)

    def send_places(self, viewing: Viewing, reach: Mapping[int, int], version: Version, now_ms: int) -> None:
        """How far each partition's data reaches, its agents, and everybody's time."""
        for partition, clock_ms in reach.items():
            book = viewing.calls.books.get(partition)
            if book is not None:  # else it is another worker's since, who tells it
                self._put(f"as_of:{partition}", AsOf(SCHEMA, partition, clock_ms, now_ms, version, dict(book.sources)))
        newest_ms = viewing.newest_ms()
        for partition in self._agents.books:
            people = self._people(partition, newest_ms)
            self._put(f"agents:{partition}", People(SCHEMA, partition, now_ms, version, people))
        everybody = viewing.everybody()
        if everybody is not None:
            self._put("everybody", self._everybody(*everybody, version, now_ms))

    def send_total(self, key: str, record: dict[str, Any]) -> None:
        """`total` or `group:NAME`."""
        self._put(key, record)

    def take_out(self, key: str) -> None:
        """There is nothing of the kind any more."""
        self._put(key, GONE)

    def _put(self, key: str, record: Any) -> None:
        self._unsent.pop(key, None)  # it comes last: how far the data reaches must not overtake the data
        self._unsent[key] = record

    async def run(self) -> None:
        """Send until cancelled, apart from the loop that writes to Redis: a Kafka that is away must not blank the
        board."""
        while True:
            await self.flush()
            await asyncio.sleep(PACE_S)

    async def flush(self) -> None:
        """Hand everything to the producer; what it or Kafka does not take is kept, unless something newer came
        meanwhile."""
        unsent, self._unsent = self._unsent, {}
        while unsent:
            key = next(iter(unsent))
            try:
                value = None if unsent[key] is GONE else msgspec.json.encode(unsent[key])
                ack = await self._producer.send(self._topic, value=value, key=key.encode())
            except MessageSizeTooLargeError:
                self._too_large(key)
                del unsent[key]
            except KafkaError:
                older = {  # how far the data reached is told anew within a second, after all of it
                    key: record
                    for key, record in unsent.items()
                    if key not in self._unsent and not isinstance(record, AsOf)
                }
                self._unsent = {**older, **self._unsent}
                return
            else:
                self._under_way[key] = record = unsent.pop(key)
                ack.add_done_callback(functools.partial(self._answered, key, record, clock.monotonic_s()))
            await asyncio.sleep(0)  # events have their turn

    def _answered(self, key: str, record: Any, began_s: float, ack: "asyncio.Future[Any]") -> None:
        """Not sent again where a newer one went after it: compaction would keep the older one."""
        error = asyncio.CancelledError() if ack.cancelled() else ack.exception()
        if error is None:
            self.acks.add(clock.monotonic_s() - began_s)
        if isinstance(error, MessageSizeTooLargeError):
            self._too_large(key)
        if self._under_way.get(key) is not record:
            return
        del self._under_way[key]
        if isinstance(error, KafkaError) and not isinstance(error, MessageSizeTooLargeError):
            self._unsent.setdefault(key, record)

    def _too_large(self, key: str) -> None:
        log.warning("%s: the record of %r is larger than the broker takes; it is left out", self._topic, key)

    def _people(self, partition: int, newest_ms: int) -> list[tuple[str, str, int, tuple[str, ...]]]:
        return [
            (self._names.of(agent), cell.state, cell.at_ms, cell.queues)
            for agent, cell in self._agents.present(partition, newest_ms)
        ]

    def _everybody(self, view: QueueView, partition: int, version: Version, now_ms: int) -> QueueRecord:
        return of_view(
            view._replace(present=[], tallies={}),
            {"now": snapshot.now([], view.present)},
            partition=partition,
            version=version,
            writer=self._writer,
            source="",
            channel="",
            site="",
            written_at_ms=now_ms,
        )
