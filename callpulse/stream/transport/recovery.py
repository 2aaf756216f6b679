"""Recovery of cut tables: in an order that no zombie can upset, and of what a rebalance made doubtful."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from faust.tables.manager import TableManager
from faust.tables.recovery import RebalanceAgain, Recovery
from faust.transport.consumer import ensure_TP
from faust.types import TP
from mode import Service

from callpulse.stream.transport.lease import continues

if TYPE_CHECKING:
    from callpulse.stream.transport.app import BatchApp

EMPTIED_S = 1.0  # between the two looks that tell an emptied changelog from one whose records are on their way
ASK_AGAIN_S = 1.0  # between two rounds of assignments


def without_changelogs(assigned: set[TP], changelogs: Mapping[str, Sequence[str]]) -> set[TP]:
    """Source partitions of an assignment that lacks the same partition of one of their changelogs."""
    return {
        tp for tp in assigned if any(TP(name, tp.partition) not in assigned for name in changelogs.get(tp.topic, ()))
    }


class OrderedRecovery(Recovery):
    """The end offset of the table sent last is read first, and nothing beyond these ends is applied. So no contact is
    recovered without its tallies, even while a frozen predecessor wakes up and flushes."""

    app: "BatchApp"

    _ends_lag = False  # the broker's ListOffsets is behind its own fetches, as the embedded one's is

    async def _build_highwaters(self, consumer: Any, tps: set[TP], destination: Counter[TP], title: str) -> None:
        ends: dict[TP, int | None] = {}
        for names in self._in_reading_order():
            if mine := [tp for tp in tps if tp.topic in names]:
                found = await consumer.highwaters(*mine)
                ends.update({ensure_TP(tp): self._end(ensure_TP(tp), end) for tp, end in found.items()})
        for table in self.app.cut_tables():
            table.recover_to(ends)
        destination.clear()
        destination.update({tp: -1 if end is None else end - 1 for tp, end in ends.items()})

    def _in_reading_order(self) -> list[set[str]]:
        """Changelog names: those sent last by any source first, then those sent before them, and so on."""
        chains = list(self.app.memory.changelogs_by_source().values())
        longest = max(map(len, chains), default=0)
        return [{chain[-depth] for chain in chains if len(chain) >= depth} for depth in range(1, longest + 1)]

    def _end(self, tp: TP, listed: int | None) -> int | None:
        fetched = self.app.consumer.highwater(tp) if self._ends_lag else None
        return listed if fetched is None else max(fetched, listed or 0)

    async def on_recovery_completed(self, generation_id: int = 0) -> None:
        """Records beyond the ends were left out; the next recovery has to see them."""
        beyond = [tp for tp, last in self.active_highwaters.items() if (self.active_offsets.get(tp) or 0) > last]
        for tp in beyond:
            self.active_offsets[tp] = self.active_highwaters[tp]
        if beyond and not self._ends_lag and await self._listed_too_low(beyond):
            self.log.warning("this broker lists end offsets that lie behind what it delivers: reading on")
            self._ends_lag = True
            self.signal_recovery_start.set()
            raise RebalanceAgain
        await super().on_recovery_completed(generation_id)

    async def _listed_too_low(self, tps: list[TP]) -> bool:
        """A fetch showed an end that the broker, asked later, still does not list: nobody wrote in between."""
        fetched = {tp: self.app.consumer.highwater(tp) or 0 for tp in tps}
        listed = await self.app.consumer.highwaters(*tps)
        return any((end or 0) < fetched[ensure_TP(tp)] for tp, end in listed.items())

    @Service.task
    async def _watch_emptied(self) -> None:
        """Compaction and retention can remove the last records of a changelog. Then no record ever reaches its end,
        and stock recovery waits for ever."""
        seen: dict[TP, int] = {}
        while not self.should_stop:
            await self.sleep(EMPTIED_S)
            seen = await self._pass_emptied(seen) if self.in_recovery else {}

    async def _pass_emptied(self, seen: dict[TP, int]) -> dict[TP, int]:
        """Where recovery stood still with nothing left to fetch, at the last look and now: it has arrived."""
        stuck = await self._read_to_the_end() if self.tables.changelog_queue.empty() else {}
        arrived = {tp for tp, applied in stuck.items() if seen.get(tp) == applied}
        for tp in arrived & self.active_highwaters.keys():
            self.active_offsets[tp] = self.active_highwaters[tp]
        if arrived and self.in_recovery and not self.need_recovery():
            self.flush_buffers()
            self._set_recovery_ended()
            self.signal_recovery_end.set()
        return stuck

    async def _read_to_the_end(self) -> dict[TP, int]:
        """{changelog partition: offset applied} of those whose position has passed the end they wait for."""
        waiting = [tp for tp, remaining in self.active_remaining().items() if remaining > 0]
        found = {}
        for tp in waiting:
            position = await self.app.consumer.position(tp)
            if position is not None and position > self.active_highwaters[tp]:
                found[tp] = self.active_offsets[tp]
        return found


class CutTables(TableManager):
    """Faust's table manager with our recovery; decides at each rebalance what this process may still remember."""

    app: "BatchApp"

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        self.remembered: set[TP] = set()
        self.incomplete: set[TP] = set()  # assigned without the changelogs of their tables: not served
        self._last_generation: int | None = None

    async def on_start(self) -> None:
        """Faust waits for a second here, for tables that are made later. Ours were all made with the app."""
        await self._update_channels()
        await self.recovery.start()

    @property
    def recovery(self) -> OrderedRecovery:
        if self._recovery is None:
            self._recovery = OrderedRecovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return cast(OrderedRecovery, self._recovery)

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Cells AND dirty marks of partitions lost are forgotten: a partition that came back with them would commit
        past cells that were never flushed."""
        self.incomplete = without_changelogs(assigned, self.changelogs_by_source())
        followed = continues(self._last_generation, generation_id)
        kept = (self.remembered & assigned) - self.incomplete if followed else set()
        self._last_generation = generation_id
        lost, self.remembered = self.remembered - kept, kept
        self._forget_but(kept)
        for tp in lost:
            self.app.on_part_lost(tp.topic, tp.partition)
        await super().on_rebalance(assigned, revoked, newly_assigned, generation_id)
        if self.incomplete:
            self.add_future(self._ask_again())

    async def _ask_again(self) -> None:
        """The leader of the group did not know a changelog topic, as after a restart of the broker."""
        self.log.error("assigned without their changelogs, not served: %s", sorted(self.incomplete))
        await self.sleep(ASK_AGAIN_S)
        await self.app.batches.rejoin()

    def changelogs_by_source(self) -> dict[str, list[str]]:
        return {name: [table.changelog_name() for table in source.tables] for name, source in self.app.sources.items()}

    def _forget_but(self, kept: Iterable[TP]) -> None:
        for name, source in self.app.sources.items():
            mine = {tp.partition for tp in kept if tp.topic == name}
            for table in source.tables:
                known = {tp.partition for tp in self.recovery.active_offsets if tp.topic == table.changelog_name()}
                for partition in (known | table.store.cells.keys()) - mine:
                    table.forget(partition)
