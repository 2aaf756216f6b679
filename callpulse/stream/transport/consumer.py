"""The consumer of a worker: hands out batches, cuts and commits, and takes part in rebalances."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from aiokafka.errors import ConsumerStoppedError, IllegalStateError, KafkaError
from faust.exceptions import ConsumerNotStarted
from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP
from mode import Service

from callpulse.clock import monotonic_s
from callpulse.stream.durations import Durations
from callpulse.stream.transport import cut as cutting
from callpulse.stream.transport.cut import Cut
from callpulse.stream.transport.errors import HalfAppliedError
from callpulse.stream.transport.intake import Intake
from callpulse.stream.transport.lease import Lease
from callpulse.stream.transport.part import Batch, Guard, Part, Verdict, admit
from callpulse.stream.transport.places import copies, place
from callpulse.stream.transport.starting import starting_parts
from callpulse.stream.transport.thread import BatchThread, Fetched
from callpulse.stream.transport.watch import LOOK_S, Watch

if TYPE_CHECKING:
    from callpulse.stream.transport.app import BatchApp

PATIENCE = 0.7  # of the session timeout: standing still for longer may have cost the membership
TICK_S = 0.2  # how often the lease looks at the clock
LAST_S = 5.0  # a rebalance and a stop wait this long for the last cut; the rest is read again


class BatchConsumer(Consumer):
    """`parts` is what this process has applied, by source partition; it is empty during a rebalance. `counts` says how
    often each guard acted."""

    app: "BatchApp"
    _thread: BatchThread

    def __init__(self, *args: Any, **options: Any) -> None:
        self.parts: dict[TP, Part] = {}
        self.counts: Counter[str] = Counter()
        self.flushes = Durations()  # from the cut to the commit
        self.intake = Intake(self)
        self.watch = Watch(self)
        self._commit_lock = asyncio.Lock()
        self._revocations = self._freezes_told = 0
        super().__init__(*args, **options)
        self._lease = Lease(PATIENCE * self.app.conf.broker_session_timeout)
        self._writer = self.app.new_changelog_writer()

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Only when every changelog is known: the assignor leaves out topics it does not know, and then hands out
        partitions without the state that belongs to them."""
        topics = set(topics)
        await self._thread.know(topics & self.app.tables.changelog_topics)
        await super().subscribe(topics)

    def _new_consumer_thread(self) -> BatchThread:
        return BatchThread(self, loop=self.loop, beacon=self.beacon)

    # -- batches

    async def fetch(self, active: set[TP], timeout_s: float) -> Fetched:
        return cast(Fetched, await self._thread.getmany(active, timeout_s))

    async def _drain_messages(self, fetcher: Any) -> None:
        try:
            await self.intake.drain(lambda: self.should_stop or fetcher.should_stop)
        except (asyncio.CancelledError, ConsumerStoppedError):
            if not self.app.should_stop:
                raise

    def accept(self, batch: Batch) -> Part | None:
        """Called by the agent before it applies a batch. The Part to go on from, with no await from here until
        `part.next = batch[-1].offset + 1`; or None: leave this batch, it comes again if it is needed. What was applied
        already is removed from `batch`."""
        tp = TP(batch.topic, batch.partition)
        part = self.parts.get(tp)
        verdict = admit(part, batch, self.app.consumer_generation_id)
        if verdict is Verdict.CONTINUES:
            return part
        self.counts[verdict] += 1
        if part is not None and verdict is Verdict.GAP:
            self.intake.back_to(tp, part.next)
        if part is not None and verdict is Verdict.HALF:
            self.app.fail(HalfAppliedError(tp.topic, tp.partition, part.next, part.taken))
        return None

    # -- cut and commit

    def assignment(self) -> set[TP]:
        """Nothing before the consumer runs: whoever looks at a worker may look early."""
        try:
            return super().assignment()
        except ConsumerNotStarted:
            return set()

    def committed_offset(self, tp: TP) -> int | None:
        """Up to where a partition is committed, as far as this process knows."""
        offset = self._committed_offset.get(tp)
        return None if offset is None else int(offset)

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """One at a time, and whoever asks while another runs gets a commit of its own."""
        async with self._commit_lock:
            return await self.force_commit(topics, start_new_transaction)

    async def force_commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        if self.crashed:  # its thread no longer answers; what is not stored is read again
            return False
        due = self.due(topics)
        if not due or not self._lease_holds():
            return False
        begun = monotonic_s()
        written = await asyncio.gather(*map(self._flush, due))
        cuts = {tp: cut for tp, cut in zip(due, written, strict=True) if cut}
        done = bool(cuts) and self._lease_holds() and await self.commit_places(cuts)
        if done:
            self.flushes.add(monotonic_s() - begun)
        return done

    def due(self, topics: Any = None) -> list[TP]:
        """Partitions that have something to commit."""
        return [tp for tp in self.parts if self._is_due(tp, topics)]

    def _is_due(self, tp: TP, topics: Any) -> bool:
        source = self.app.sources[tp.topic]
        if source.from_start or not (topics is None or tp in topics or tp.topic in topics):
            return False
        if self.parts[tp].next != self._committed_offset.get(tp):
            return True
        return any(table.store.is_dirty(tp.partition) for table in source.tables)

    async def _flush(self, tp: TP) -> Cut | None:
        """The cut that now lies whole in the changelogs, or None."""
        source, part = self.app.sources[tp.topic], self.parts.get(tp)
        if part is None:
            return None
        try:
            cut = cutting.take(tp.topic, tp.partition, part, source.tables, self.new_batch)
        except HalfAppliedError as error:
            self.app.fail(error)
            return None
        self._report(cut)
        if await self.write(cut, source.before_flush):
            return cut
        self.counts[Guard.UNDONE] += 1
        return None

    async def write(self, cut: Cut, before: Callable[[Cut], Awaitable[None]] | None = None) -> bool:
        """True when all of a cut lies in the changelogs."""
        return await cutting.write(cut, self._writer, self._may_write, before)

    def new_batch(self) -> Any:
        """Of records for a changelog."""
        return self._writer.new_batch()

    def _report(self, cut: Cut) -> None:
        for error in cut.too_large():
            self.counts[Guard.TOO_LARGE] += 1
            self.app.on_record_set_aside(error)

    async def commit_places(self, reached: Mapping[TP, Cut] | Mapping[TP, Part]) -> bool:
        """Exactly the offsets of the cuts (or of parts not begun yet): the clock in the metadata belongs to them."""
        committed = {tp: at.next for tp, at in reached.items()}
        places = {tp: place(self.app, tp, at) for tp, at in reached.items()}
        if not await self._thread.commit_places({**places, **copies(self.app, places)}):
            self.counts[Guard.REFUSED] += 1
            return False
        self._committed_offset.update(committed)
        self.app.monitor.on_tp_commit({tp: stored.offset for tp, stored in places.items()})
        return True

    async def verify_all_partitions_active(self) -> None:
        """Instead of Faust's watch, which takes quiet topics and paused changelogs for faults."""
        self.watch.tell_stalled()

    @Service.task
    async def _watch_sources(self) -> None:
        while not self.should_stop:
            await self.sleep(LOOK_S)
            if self.parts or not self.app.rebalancing:
                await self.watch.look()

    # -- lease

    def _lease_holds(self) -> bool:
        holds = self._lease.holds(monotonic_s(), self.app.consumer_generation_id)
        self.counts[Guard.FENCED] += not holds
        return holds

    def stood_still(self) -> bool:
        """Whether somebody else may own its partitions by now, until the broker has said that nobody does."""
        return not self._lease.holds(monotonic_s(), self.app.consumer_generation_id)

    def _may_write(self, cut: Cut) -> bool:
        return cut.generation == self.app.consumer_generation_id and self._lease_holds()

    @Service.task
    async def _watch_lease(self) -> None:
        while not self.should_stop:
            if not self._lease.holds(monotonic_s(), self.app.consumer_generation_id):
                await self._regain_lease()
            await self.sleep(TICK_S)

    async def _regain_lease(self) -> None:
        """After a freeze: a loop that was blocked while the heartbeats went on is still a member; ask the broker."""
        generation, freezes = self.app.consumer_generation_id, self._lease.freezes
        if self._freezes_told != freezes:
            self._freezes_told = freezes
            self.log.warning("stood still: neither flush nor commit in generation %s until confirmed", generation)
        if await self._thread.is_member(generation) and self._lease.confirm(monotonic_s(), generation, freezes):
            self.log.warning("the broker confirms generation %s: going on", generation)

    # -- rebalance

    async def rejoin(self) -> None:
        await self._thread.rejoin()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Stop applying, write down what was applied, then let go."""
        self._revocations += 1
        self.stop_flow()
        self.app.flow_control.suspend()
        await self.commit_and_end_transactions()
        await super().on_partitions_revoked(revoked)
        self.parts.clear()
        self.intake.close()

    async def commit_and_end_transactions(self) -> None:
        """The last commit, before a rebalance and at the end."""
        try:
            await asyncio.wait_for(self.commit(), LAST_S)
        except (TimeoutError, KafkaError) as error:
            self.log.warning("no last commit, its events are read again: %r", error)

    async def perform_seek(self) -> None:
        """Position and clock of every source partition back to what is committed, also for partitions kept. Raises
        IllegalStateError, which recovery understands, when the next rebalance has begun meanwhile."""
        if self.app.crashed:
            raise IllegalStateError("what is stored could not be read")
        before = self.app.consumer_generation_id, self._revocations
        parts = await starting_parts(self, before[0])
        if before != (self.app.consumer_generation_id, self._revocations):
            raise IllegalStateError("the group rebalances again")
        self.parts = parts
        self.watch.jumped.clear()
        self.intake.open({tp: part.next for tp, part in parts.items()}, before[0])
        for tp, part in parts.items():
            self.app.ready(tp, part)
