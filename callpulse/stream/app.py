"""Wiring only: which topic feeds which tables, and who hears of what. Importing this does nothing."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaProducer

from callpulse import clock, kafka
from callpulse.settings import Settings, milliseconds
from callpulse.stream import codecs
from callpulse.stream.agents import Agents
from callpulse.stream.calls import Calls
from callpulse.stream.current import CurrentWriter
from callpulse.stream.kpi_topic import KpiTopic
from callpulse.stream.losses import Losses
from callpulse.stream.outbox import Outbox
from callpulse.stream.pseudonyms import names_of
from callpulse.stream.publishing import Publisher
from callpulse.stream.refusals import Refusals
from callpulse.stream.rosters import Rosters
from callpulse.stream.stored import StoredTotals
from callpulse.stream.strays import StrayCellsError, stray
from callpulse.stream.tables import FEW_KEYS, CutTable, cut_table
from callpulse.stream.totals import Totals
from callpulse.stream.transport import BatchApp, Cut, Part, faust_settings
from callpulse.stream.transport.errors import RecordTooLargeError
from callpulse.stream.transport.losses import Loss
from callpulse.stream.versions import Versions
from callpulse.stream.viewing import Viewing


class StreamApp(BatchApp):
    """The worker: everything it owns, by name."""

    def __init__(self, settings: Settings, member: str, producer: AIOKafkaProducer, current: CurrentWriter) -> None:
        super().__init__(f"{settings.kafka.prefix}.stream", **_faust(settings, member))
        self.settings = settings
        self.current = current
        self.outbox = Outbox(producer)
        self.refusals = Refusals(self.outbox, kafka.topic(settings.kafka, "rejected"), names_of(settings))
        self.set_aside = 0
        self.losses = Losses(settings.calendar())
        self.read: Counter[str] = Counter()  # records by topic
        self.started_up = False  # a member of the group, with partitions or as a spare
        self.generation = 0  # of the group, as of the partitions that are held: published with every value
        self.on_partitions_assigned.connect(self._assigned)
        self._make_topics(settings)
        self.viewing = Viewing(self.calls, self.rosters, settings)
        versions = Versions(lambda: self.generation)
        self.kpi_topic = KpiTopic(
            producer,
            kafka.topic(settings.kafka, "kpis"),
            self.agents_,
            writer=member,
            names=names_of(settings),
        )
        self.publisher = Publisher(self.viewing, current, self.kpi_topic, versions, settings, member)
        self.totals = Totals(current, self.kpi_topic, versions, settings, member)
        self._subscribe(settings)

    def _make_topics(self, settings: Settings) -> None:
        limits, n = settings.limits(), settings.kafka.partitions
        live, intervals = codecs.kept_for(limits.live_ms), codecs.kept_for(limits.interval_ms)
        self.call_tables = (
            cut_table(self, "tallies_live", codecs.LIVE, live),
            cut_table(self, "tallies_interval", codecs.INTERVALS, intervals),
            cut_table(self, "tallies_total", codecs.TOTALS, FEW_KEYS),
            cut_table(self, "contacts", codecs.CONTACTS),
        )
        self.agent_table = cut_table(self, "agents", codecs.AGENTS)
        self.roster_tables = (
            cut_table(self, "tallies_agents_live", codecs.LIVE, live),
            cut_table(self, "tallies_agents_interval", codecs.INTERVALS, intervals),
            cut_table(self, "agents_by_queue", codecs.QUEUE_AGENTS),
        )
        calls, agents, copies = (kafka.topic(settings.kafka, name) for name in ("calls", "agents", "queue-agents"))
        self.calls = Calls(calls, self.call_tables, self.refusals, limits, settings.calendar(), n)
        self.agents_ = Agents(agents, self.agent_table, self.outbox, copies, self.refusals, limits, n)
        self.rosters = Rosters(copies, self.roster_tables, self.refusals, limits)
        self.stored = StoredTotals(self.call_tables[2])

    def _subscribe(self, settings: Settings) -> None:
        calls = self.batch_topic(self.calls.topic, tables=self.call_tables, before_flush=self._before_flush)
        agents = self.batch_topic(self.agents_.topic, tables=(self.agent_table,), before_flush=self._before_flush)
        copies = self.batch_topic(self.rosters.topic, tables=self.roster_tables, before_flush=self._before_flush)
        kpis = self.batch_topic(kafka.topic(settings.kafka, "kpis"), from_start=True)
        self.agent(calls, name="calls")(self._reader(self.calls.apply))
        self.agent(agents, name="agents")(self._reader(self.agents_.apply))
        self.agent(copies, name="queue-agents")(self._reader(self.rosters.apply))
        self.agent(kpis, name="totals")(self._reader(self.totals.apply))

    def _reader(self, apply: Callable[[Any, Part], None]) -> Callable[[Any], Any]:
        async def read(stream: Any) -> None:
            async for batch in stream:
                part = self.batches.accept(batch)
                if part is not None:
                    self.read[batch.topic] += len(batch)
                    apply(batch, part)
                    await self.outbox.post((batch.topic, batch.partition))

        return read

    async def _before_flush(self, cut: Cut) -> None:
        """What a cut's events caused (copies of agents' changes, refusals) is with the broker before it is stored."""
        await self.outbox.settle((cut.topic, cut.partition))
        if cut.topic == self.calls.topic:
            self.stored.note(cut)

    def follow(self, settings: Settings) -> None:
        """From now on queues are judged, and added to groups, as these say: for the past too. Only what is live
        (settings/live.py) may differ."""
        self.settings = self.viewing.settings = settings
        self.calls.define_anew()
        self.publisher.follow(settings)
        self.totals.follow(settings)

    # -- partitions come and go

    async def _assigned(self, *_: Any, **__: Any) -> None:
        self.started_up = True

    def clock_without_metadata(self, topic: str, partition: int) -> int:
        owner = self._owner(topic)
        return 0 if owner is None else owner.recovered_clock(partition)

    def on_part_ready(self, topic: str, partition: int, part: Part) -> None:
        self.generation = part.gen
        owner = self._owner(topic)
        if owner is None:
            self.totals.ready(part)
        else:
            owner.ready(partition, part)
            self._refuse_strays(owner, partition)
        if owner is self.calls:
            self.stored.ready(partition, part.clock)

    def _refuse_strays(self, owner: Calls | Agents | Rosters, partition: int) -> None:
        partitions = self.settings.kafka.partitions
        found = stray(owner.names(partition), partition, partitions)
        if found is not None:
            self.fail(StrayCellsError(owner.topic, partition, *found, partitions))

    def on_part_lost(self, topic: str, partition: int) -> None:
        owner = self._owner(topic)
        self.outbox.drop((topic, partition))
        if owner is None:
            self.totals.lost()
        else:
            owner.lost(partition)
        if owner is self.calls:
            self.stored.lost(partition)
            self.current.forget(self.viewing.lost(partition))

    def on_loss(self, loss: Loss) -> None:
        self.losses.note(loss, clock.now_ms())
        super().on_loss(loss)

    def on_record_set_aside(self, error: RecordTooLargeError) -> None:
        self.set_aside += 1
        super().on_record_set_aside(error)

    def _owner(self, topic: str) -> Calls | Agents | Rosters | None:
        owners: tuple[Calls | Agents | Rosters, ...] = (self.calls, self.agents_, self.rosters)
        return next((owner for owner in owners if owner.topic == topic), None)

    def all_tables(self) -> tuple[CutTable[Any, Any], ...]:
        return (*self.call_tables, self.agent_table, *self.roster_tables)


def _faust(settings: Settings, member: str) -> dict[str, Any]:
    options = faust_settings(
        brokers=settings.kafka.brokers,
        partitions=settings.kafka.partitions,
        member=member,
        replication=settings.kafka.replication,
        session_timeout_s=milliseconds(settings.kafka.session_timeout) / 1000,
        commit_interval_s=milliseconds(settings.worker.commit_interval) / 1000,
    )
    found = kafka.credentials(settings.kafka)
    return options if found is None else {**options, "broker_credentials": found}
