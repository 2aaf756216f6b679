"""The product's worker on twins: its app, tables, books, outbox, cuts, recovery and commits; no thread, no socket."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from functools import partial
from typing import cast

from faust.types import TP

from callpulse import settings as product_settings
from callpulse.current.connection import connect
from callpulse.current.keys import Keys
from callpulse.stream.app import StreamApp
from callpulse.stream.current import CurrentWriter
from callpulse.stream.transport.app import BatchTransport
from callpulse.stream.transport.consumer import BatchConsumer
from callpulse.stream.transport.cut import Writer
from callpulse.stream.transport.part import Batch
from callpulse.stream.transport.thread import BatchThread, Place
from tests.flush.broker import Network, Record, TwinBroker, TwinProducer, TwinWriter
from tests.flush.virtual_time import VirtualLoop

LATENCY_S = 0.05
COMMIT_S = 0.1
PAUSE_S = 0.06
LIVES_S = 30.0
SETTINGS = product_settings.load(
    environment={
        "CALLPULSE_KAFKA_PARTITIONS": "1",
        "CALLPULSE_WORKER_TIME": "event",
        "CALLPULSE_WORKER_VISIT_RETENTION": "20m",
        "CALLPULSE_WORKER_LIVE_RETENTION": "70m",
        "CALLPULSE_WORKER_MAX_WAIT": "5m",
    }
)


class TwinThread(BatchThread):
    """The consumer's thread: what it asks the broker goes over the network of its worker."""

    network: Network
    mine: set[TP]

    def assignment(self) -> set[TP]:
        return self.mine

    async def commit_places(self, places: Mapping[TP, Place]) -> bool:
        generation = self.app.consumer_generation_id
        return bool(await self.network.ask(lambda broker: broker.commit(places, generation)))

    async def places(self, tps: Iterable[TP]) -> dict[TP, Place]:
        asked = list(tps)
        found: dict[TP, Place] = await self.network.ask(
            lambda broker: {tp: broker.places[tp] for tp in asked if tp in broker.places}
        )
        return found

    async def seek_all(self, offsets: Mapping[TP, int]) -> None:
        """Where a worker reads is its own affair."""

    async def earliest_offsets(self, *tps: TP) -> Mapping[TP, int]:
        return dict.fromkeys(tps, 0)

    async def highwaters(self, *tps: TP) -> Mapping[TP, int]:
        found: dict[TP, int] = await self.network.ask(lambda broker: {tp: broker.ends[tp] for tp in tps})
        return found

    async def topic_ids(self, topics: Iterable[str]) -> dict[str, str] | None:
        """Nobody makes a topic anew here."""
        asked = set(topics)
        found: dict[str, str] = await self.network.ask(lambda _: dict.fromkeys(asked, "an id"))
        return found


class TwinConsumer(BatchConsumer):
    def _new_consumer_thread(self) -> BatchThread:
        thread = TwinThread(self, loop=self.loop, beacon=self.beacon)
        thread.thread_loop.close()  # it would hold files open
        return thread


class TwinTransport(BatchTransport):
    Consumer = TwinConsumer


class TwinApp(StreamApp):
    network: Network

    def _new_transport(self) -> BatchTransport:
        return TwinTransport(self.conf.broker_consumer, self, loop=self.loop)

    def new_changelog_writer(self) -> Writer:
        return TwinWriter(self.network)


class Worker:
    """One life: step its loop as long as it is to live, and leave it alone to kill it. `begun` when it has recovered,
    which the constructor waits for, if `at_once`."""

    def __init__(
        self,
        broker: TwinBroker,
        *,
        latency_s: float = LATENCY_S,
        fails: frozenset[int] = frozenset(),
        kept: bool = False,
        at_once: bool = True,
    ) -> None:
        self.loop = VirtualLoop()
        self.network = Network(broker, latency_s, fails, kept=kept)
        broker.generation += 1
        self.begun = self.loop.create_task(self._begin(broker.generation))
        if at_once:
            self.loop.run_until_complete(self.begun)

    async def _begin(self, generation: int) -> None:
        redis = CurrentWriter(connect("redis://127.0.0.1:1"), Keys("twin"), ttl_ms=1)
        self.app = app = TwinApp(SETTINGS, "twin", TwinProducer(self.network), redis)
        app.network = self.network
        app.consumer_generation_id = generation
        self.sources = {tp: owner for owner in (app.calls, app.agents_, app.rosters) for tp in [TP(owner.topic, 0)]}
        self.thread = cast(TwinThread, app.batches._thread)
        self.thread.network = self.network
        self.changelogs = {TP(table.changelog_name(), 0): table for table in app.all_tables()}
        self.thread.mine = {*self.sources, *self.changelogs}
        self.queues: dict[TP, asyncio.Queue[Batch]] = {tp: asyncio.Queue() for tp in self.sources}
        await self._recover()
        await app.batches.perform_seek()
        self._readers = [
            asyncio.ensure_future(app._reader(o.apply)(self._fetched(tp))) for tp, o in self.sources.items()
        ]

    async def _recover(self) -> None:
        """What Faust does: ask for the ends, read up to them. In the order and with the fold of the product."""
        recovery, ends = self.app.recovery, Counter[TP]()
        recovery.active_tps.update(self.changelogs)
        await recovery._build_highwaters(self.app.consumer, set(self.changelogs), ends, "active")
        for tp, table in self.changelogs.items():
            records = await self.network.ask(partial(TwinBroker.read, tp=tp, start=0))
            table.apply_changelog_batch([_Event(_Message(tp, records))])
            recovery.active_offsets[tp] = ends[tp]

    async def _fetched(self, tp: TP) -> AsyncIterator[Batch]:
        while True:
            yield await self.queues[tp].get()

    def source_of(self, written: TP) -> TP:
        """The source whose cut waits for what is written there: a changelog, copies of agents' changes, refusals."""
        fed = {TP(table.changelog_name(), 0): TP(name, 0) for name, s in self.app.sources.items() for table in s.tables}
        caused = {TP(self.app.rosters.topic, 0): TP(self.app.agents_.topic, 0)}
        return {**fed, **caused}.get(written, TP(self.app.calls.topic, 0))

    # -- what happens to it

    def deliver(self, tp: TP, most: int) -> int:
        """The next records of a source, as one batch; how many."""
        reading = self.app.batches.intake.readings[tp]
        records = self.network.broker.read(tp, reading.next)[:most]
        if records:
            start = reading.next
            reading.delivered(records[-1].offset)
            self.queues[tp].put_nowait(Batch(records, *tp, start, self.app.consumer_generation_id))
        return len(records)

    def deliver_all(self) -> None:
        for tp in self.sources:
            self.deliver(tp, self.network.broker.ends[tp])

    async def live(self, most: int, pause_s: float = PAUSE_S) -> bool:
        """Batches of `most` events arrive in each source every `pause_s`, the cuts are made meanwhile. True when
        everything is committed, False when that takes suspiciously long."""
        committing, deadline = asyncio.ensure_future(self._commit_always()), self.loop.time() + LIVES_S
        while not self.all_committed() and self.loop.time() < deadline:
            for tp in self.sources:
                self.deliver(tp, most)
            await asyncio.sleep(pause_s)
        committing.cancel()
        return self.all_committed()

    async def live_on(self, most: int) -> None:
        """The same without an end, whatever others have committed meanwhile."""
        committing = asyncio.ensure_future(self._commit_always())
        while not committing.done():
            for tp in self.sources:
                self.deliver(tp, most)
            await asyncio.sleep(PAUSE_S)

    async def _commit_always(self) -> None:
        while True:
            await self.app.batches.commit()
            await asyncio.sleep(COMMIT_S)

    def all_committed(self) -> bool:
        places, ends = self.network.broker.places, self.network.broker.ends
        return all(tp in places and places[tp].offset == ends[tp] for tp in self.sources)


class _Message:
    """A batch of changelog records on its way through Faust."""

    def __init__(self, tp: TP, records: list[Record]) -> None:
        self.tp, self.topic, self.partition, self.value = tp, *tp, records


class _Event:
    def __init__(self, message: _Message) -> None:
        self.message = message
