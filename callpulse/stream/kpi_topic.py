"""`callpulse.kpis`: the newest record of every queue, with full tallies, for totals, alerts and whoever wants it."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from callpulse.stream.agents import Agents
from callpulse.stream.board_record import SCHEMA, AsOf, People, QueueRecord, of_view
from callpulse.stream.core import snapshot
from callpulse.stream.core.snapshot import QueueView
from callpulse.stream.pseudonyms import named, pseudonym
from callpulse.stream.versions import Version
from callpulse.stream.viewing import Seen, Viewing

PACE_S = 0.1

log = logging.getLogger(__name__)


class KpiTopic:
    """Keeps the newest unsent record of each key; `flush` sends them. While Kafka is away nothing piles up."""

    def __init__(
        self, producer: AIOKafkaProducer, topic: str, agents: Agents, *, writer: str, show_agents: bool
    ) -> None:
        self._producer = producer
        self._topic = topic
        self._agents = agents
        self._writer = writer
        self._show_agents = show_agents
        self._unsent: dict[str, Any] = {}

    def send_queue(self, seen: Seen, version: Version, now_ms: int) -> None:
        """One queue, key `queue:ID`."""
        view = seen.view._replace(present=named(seen.view.present, self._show_agents))
        self._unsent[f"queue:{view.queue}"] = of_view(
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

    def send_places(self, viewing: Viewing, reach: Mapping[int, int], version: Version, now_ms: int) -> None:
        """How far each partition's data reaches, its agents, and everybody's time."""
        for partition, clock_ms in reach.items():
            heard = dict(viewing.calls.books[partition].sources)
            self._unsent[f"as_of:{partition}"] = AsOf(SCHEMA, partition, clock_ms, now_ms, version, heard)
        newest_ms = viewing.newest_ms()
        for partition in self._agents.books:
            people = self._people(partition, newest_ms)
            self._unsent[f"agents:{partition}"] = People(SCHEMA, partition, now_ms, version, people)
        everybody = viewing.everybody()
        if everybody is not None:
            self._unsent["everybody"] = self._everybody(*everybody, version, now_ms)

    def send_total(self, key: str, record: dict[str, Any]) -> None:
        """`total` or `group:NAME`."""
        self._unsent[key] = record

    async def run(self) -> None:
        """Send until cancelled, apart from the loop that writes to Redis: a Kafka that is away must not blank the
        board."""
        while True:
            await self.flush()
            await asyncio.sleep(PACE_S)

    async def flush(self) -> None:
        """Hand everything to the producer; what it does not take is kept, unless something newer came meanwhile."""
        unsent, self._unsent = self._unsent, {}
        while unsent:
            key = next(iter(unsent))
            try:
                await self._producer.send(self._topic, value=msgspec.json.encode(unsent[key]), key=key.encode())
            except MessageSizeTooLargeError:
                log.warning("%s: the record of %r is larger than the broker takes; it is left out", self._topic, key)
            except KafkaError:
                self._unsent = {**unsent, **self._unsent}
                return
            del unsent[key]
            await asyncio.sleep(0)  # events have their turn

    def _people(self, partition: int, newest_ms: int) -> list[tuple[str, str, int, tuple[str, ...]]]:
        return [
            (agent if self._show_agents else pseudonym(agent), cell.state, cell.at_ms, cell.queues)
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
