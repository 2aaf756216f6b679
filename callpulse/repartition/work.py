"""The steps of a repartition, each of which may be the last before a power cut. Run again, the rest is done.

The order is what makes that so. First every partition is marked (in the metadata of its committed offset): no worker
starts any more. Cells are written where they belong before they are removed where they were. The marks go last.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aiokafka import TopicPartition

from callpulse.repartition.cluster import Cluster, Record
from callpulse.repartition.look import Picture, Standing, stand
from callpulse.repartition.plan import Write
from callpulse.repartition.trouble import RepartitionError
from callpulse.stream.core.events import AgentState, Rejected
from callpulse.stream.core.wire import decode_agent, decode_call
from callpulse.stream.partitioning import partition_of
from callpulse.stream.topic_list import changelog
from callpulse.stream.transport.notes import Mark, Place, marked_note, note

SAID_EVERY = 20_000  # records

Say = Callable[[str], None]


class Work:
    """Carries out what a Picture plans."""

    def __init__(self, cluster: Cluster, prefix: str, partitions: int, picture: Picture, say: Say) -> None:
        self._cluster = cluster
        self._prefix = prefix
        self._partitions = partitions
        self._picture = picture
        self._say = say

    async def run(self) -> None:
        """To the end. Raises RepartitionError."""
        growing, plans = self._picture.growing(self._partitions), self._picture.plans.values()
        sources = dict(self._picture.sources)
        await self._mark(sources)
        await self._cluster.grow(growing)
        self._say(f"{self._partitions} partitions: {', '.join(growing) or 'nothing to add'}")
        for short in sources:
            sources[short] = await stand(self._cluster, f"{self._prefix}.{short}", self._partitions)
        await self._mark(sources)
        await self._carry_over(sources)
        await self._write("cells written where they belong", [write for plan in plans for write in plan.writes])
        await self._write("cells removed where they were", [write for plan in plans for write in plan.tombstones])
        await self._release(sources)

    async def _mark(self, sources: Mapping[str, Standing]) -> None:
        places: dict[TopicPartition, Place] = {}
        for short, standing in sources.items():
            later = self._picture.plans[short].clocks
            for p, start in standing.starts.items():
                mark = Mark(self._partitions, later[p])
                said = marked_note(start, standing.clock(p), mark, standing.edition(p))
                places[TopicPartition(standing.topic, p)] = Place(start, said)
        await self._cluster.commit(places)
        kept = await self._cluster.committed(list(places))
        if kept != places:
            raise RepartitionError(
                "this broker keeps no metadata with committed offsets, without which nothing can be moved safely; "
                "expected Apache Kafka"
            )

    async def _carry_over(self, sources: dict[str, Standing]) -> None:
        """Events that lie unapplied in a partition that is no longer their key's: partitions were added by hand, or a
        source was still sending. All unapplied events of such a partition are sent again, each to the right one, and
        it is read on from behind the old ones; the copies of a run that was broken off do no harm, as copies never do.
        """
        for short, standing in sources.items():
            found = await self._unapplied(standing)
            wrong = {p for p, records in found.items() if any(self._home(short, r) not in (None, p) for r in records)}
            again = [
                Record(standing.topic, p if home is None else home, r.key, r.value, r.timestamp)
                for p in sorted(wrong)
                for r in found[p]
                for home in [self._home(short, r)]
            ]
            await self._cluster.write(again)
            if again:
                self._say(f"{standing.topic}: {len(again):,} unapplied events sent again, to where their keys belong")
            starts = {p: standing.ends[p] if p in wrong else start for p, start in standing.starts.items()}
            sources[short] = Standing(standing.topic, standing.committed, starts, standing.ends)

    async def _unapplied(self, standing: Standing) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = {p: [] for p in standing.unapplied()}
        spans = {TopicPartition(standing.topic, p): (standing.starts[p], standing.ends[p]) for p in found}
        async for record in self._cluster.read(spans):
            found[record.partition].append(record)
        return found

    def _home(self, short: str, record: Any) -> int | None:
        """Where an event belongs; None where any partition will do: heartbeats, and what is refused anyway."""
        event: Any = decode_call(record.value) if short == "calls" else decode_agent(record.value)
        name = event.agent if short == "agents" and isinstance(event, AgentState) else getattr(event, "queue", None)
        return None if name is None or isinstance(event, Rejected) else partition_of(name, self._partitions)

    async def _write(self, what: str, writes: Iterable[Write]) -> None:
        records = [Record(changelog(self._prefix, w.table), w.partition, w.key, w.value) for w in writes]
        for start in range(0, len(records), SAID_EVERY):
            some = records[start : start + SAID_EVERY]
            await self._cluster.write(some)
            self._say(f"{start + len(some):,} of {len(records):,} {what}")

    async def _release(self, sources: Mapping[str, Standing]) -> None:
        """The marks go: from here on workers may start."""
        places = {}
        for short, standing in sources.items():
            for p, start in standing.starts.items():
                clock = self._picture.plans[short].clocks[p]
                said = note(start, clock, edition=standing.edition(p), of=self._partitions)
                places[TopicPartition(standing.topic, p)] = Place(start, said)
        await self._cluster.commit(places)
