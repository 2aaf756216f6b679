"""`callpulse.kpis`: the newest record of every queue, with full tallies, for totals, alerts and whoever wants it."""

from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from callpulse.stream.board_record import SCHEMA, AsOf, People, QueueRecord, of_view
from callpulse.stream.core import snapshot
from callpulse.stream.core.snapshot import QueueView
from callpulse.stream.pseudonyms import named, pseudonym
from callpulse.stream.rosters import Agents
from callpulse.stream.versions import Version, Versions
from callpulse.stream.viewing import Seen, Viewing

QUIET_MS = 60_000
PACE_MS = 1_000


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

    def wants(self, seen: Seen, since_ms: int, whole: bool) -> bool:
        """Every second where something happens, once per cadence while the last hour holds anything, else once a
        minute."""
        if since_ms >= QUIET_MS:
            return True
        busy = bool(seen.view.tallies["1h"] or seen.view.waiting)
        return since_ms >= PACE_MS and (busy if whole else True)

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
        )

    def send_places(self, viewing: Viewing, versions: Versions, now_ms: int) -> None:
        """How far each partition's data reaches, its agents, and everybody's time."""
        version = versions.next()
        for partition, book in viewing.calls.books.items():
            if book.clock_ms:
                self._unsent[f"as_of:{partition}"] = AsOf(SCHEMA, partition, book.clock_ms, now_ms, version)
        for partition in self._agents.books:
            self._unsent[f"agents:{partition}"] = People(SCHEMA, partition, now_ms, version, self._people(partition))
        everybody = viewing.everybody()
        if everybody is not None:
            self._unsent["everybody"] = self._everybody(*everybody, version, now_ms)

    def send_total(self, key: str, record: dict[str, Any]) -> None:
        """`total` or `group:NAME`."""
        self._unsent[key] = record

    async def flush(self) -> None:
        """Hand everything to the producer; what it does not take is kept, newest first."""
        unsent, self._unsent = self._unsent, {}
        for key, record in unsent.items():
            try:
                await self._producer.send(self._topic, value=msgspec.json.encode(record), key=key.encode())
            except KafkaError:
                self._unsent = {**unsent, **self._unsent}
                return

    def _people(self, partition: int) -> list[tuple[str, str, int, tuple[str, ...]]]:
        return [
            (agent if self._show_agents else pseudonym(agent), cell.state, cell.at_ms, cell.queues)
            for agent, cell in self._agents.present(partition)
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
