"""How things stand before anything is changed, and why it would be wrong to begin. Changes nothing."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from aiokafka import TopicPartition
from msgspec import Struct

from callpulse.exit_codes import WRONG
from callpulse.repartition.cluster import Cluster
from callpulse.repartition.plan import Cells, Plan, ahead, later, plan
from callpulse.repartition.shapes import SHAPES, Shape
from callpulse.repartition.trouble import RepartitionError
from callpulse.stream.partitioning import partition_of
from callpulse.stream.topic_list import TABLES, changelog, changelogs
from callpulse.stream.transport.cellstore import CellStore
from callpulse.stream.transport.editions import counted_on
from callpulse.stream.transport.notes import Mark, Place, noted_clock, noted_copy, noted_mark, noted_partitions

ANY_SIZE = 1 << 62


class Standing(Struct, frozen=True):
    """One source topic, by partition. `starts`: where each is read on from; `ends`: after its last event."""

    topic: str
    committed: Mapping[int, Place]
    starts: Mapping[int, int]
    ends: Mapping[int, int]

    def clock(self, partition: int) -> int | None:
        """As it stood at the committed offset."""
        place = self.committed.get(partition)
        return None if place is None else noted_clock(place.note, place.offset)

    def edition(self, partition: int) -> int:
        """Of the offsets in its cells: how often those of the topic began anew."""
        place = self.committed.get(partition)
        found = None if place is None else noted_copy(place.note)
        return 0 if found is None else found.edition

    def cells_start(self) -> dict[int, int]:
        """`starts` as cells hold offsets."""
        return {p: counted_on(start, self.edition(p)) for p, start in self.starts.items()}

    def mark(self, partition: int) -> Mark | None:
        """Left by a run that was broken off."""
        place = self.committed.get(partition)
        return None if place is None else noted_mark(place.note)

    def unapplied(self) -> dict[int, int]:
        """Events that no worker has applied, by partition."""
        return {p: end - self.starts[p] for p, end in sorted(self.ends.items()) if end > self.starts[p]}


class Picture(Struct, frozen=True):
    """`counts`: topic or changelog -> partitions; `sources`: short name -> how it stands; `plans` likewise."""

    counts: Mapping[str, int]
    sources: Mapping[str, Standing]
    plans: Mapping[str, Plan]

    def growing(self, partitions: int) -> dict[str, int]:
        """What has fewer than that."""
        return {name: partitions for name, count in self.counts.items() if count < partitions}

    def marked(self) -> bool:
        """Was a run broken off?"""
        return any(standing.mark(p) for standing in self.sources.values() for p in standing.committed)

    def nothing_to_do(self, partitions: int) -> bool:
        """Everything is where it belongs."""
        moving = any(each.tombstones for each in self.plans.values())
        return not (self.growing(partitions) or self.marked() or moving or self._counted_with() - {partitions})

    def _counted_with(self) -> set[int]:
        """By how many partitions keys were spread at the last commits; another number where partitions were added by
        hand, to changelogs too, and no cell happens to lie wrongly."""
        notes = [place.note for standing in self.sources.values() for place in standing.committed.values()]
        return {found for text in notes if (found := noted_partitions(text))}


async def look(cluster: Cluster, prefix: str, partitions: int) -> Picture:
    """Raises RepartitionError where it would be wrong to begin."""
    counts = await cluster.counts([*(f"{prefix}.{short}" for short in TABLES), *changelogs(prefix)])
    _refuse_counts(counts, prefix, partitions)
    members = await cluster.members()
    if members:
        raise RepartitionError(
            f"workers are running, or were until a moment ago: {', '.join(sorted(members))}. Stop sources and workers, "
            "and run this again"
        )
    sources = {short: await stand(cluster, f"{prefix}.{short}", counts[f"{prefix}.{short}"]) for short in TABLES}
    _refuse_another(sources, partitions)
    picture = Picture(counts, sources, {})
    if len(set(counts.values())) == 1 and picture.growing(partitions) and not picture.marked():
        _refuse_unapplied(sources, min(counts.values()))  # a worker can still start, and apply them
    plans: dict[str, Plan] = {}
    for short, standing in sources.items():
        tables = [(shape, await _stored(cluster, prefix, shape, counts)) for shape in SHAPES if shape.source == short]
        _refuse_ahead(standing, tables)
        plans[short] = _planned(standing, tables, partitions)
    return Picture(counts, sources, plans)


async def stand(cluster: Cluster, topic: str, count: int) -> Standing:
    """How one source topic stands now."""
    places = [TopicPartition(topic, partition) for partition in range(count)]
    committed = await cluster.committed(places)
    firsts, ends = await cluster.edges(places)
    starts = {p: max(firsts[p], committed[p].offset if p in committed else 0) for p in places}
    return Standing(topic, _by_partition(committed), _by_partition(starts), _by_partition(ends))


def _by_partition(found: Mapping[TopicPartition, Any]) -> dict[int, Any]:
    return {place.partition: value for place, value in found.items()}


def _planned(standing: Standing, tables: list[tuple[Shape, Cells]], partitions: int) -> Plan:
    clocks = {p: standing.clock(p) for p in range(partitions)}
    found = plan(tables, standing.cells_start(), clocks, lambda name: partition_of(name, partitions))
    _refuse_clashes(found)
    before = {p: mark.later_ms for p in range(partitions) if (mark := standing.mark(p))}  # planned by a broken-off run
    return found._replace(clocks={p: later(clock, before.get(p)) for p, clock in found.clocks.items()})


async def _stored(cluster: Cluster, prefix: str, shape: Shape, counts: Mapping[str, int]) -> Cells:
    """A table as its changelog has it: of each key the record with the largest source offset."""
    name = changelog(prefix, shape.table)
    places = [TopicPartition(name, partition) for partition in range(counts.get(name, 0))]
    if not places:
        return {}
    store: CellStore[Any, Any] = CellStore(shape.table, shape.codec, ANY_SIZE, name)
    for place in places:
        store.open(place.partition)
    firsts, ends = await cluster.edges(places)
    async for record in cluster.read({place: (firsts[place], ends[place]) for place in places}):
        store.fold(record.partition, record.offset, record.key, record.value)
    return store.cells


# -- why it would be wrong to begin


def _refuse_counts(counts: Mapping[str, int], prefix: str, partitions: int) -> None:
    missing = [f"{prefix}.{short}" for short in TABLES if f"{prefix}.{short}" not in counts]
    if missing:
        raise RepartitionError(f"no topic {', '.join(missing)}; `callpulse topics` creates what is missing")
    most = max(counts.values())
    if most > partitions:
        names = ", ".join(name for name, count in counts.items() if count == most)
        raise RepartitionError(
            f"--partitions {partitions}: there are {most} already of {names}, and Kafka takes none away; expected at "
            f"least {most}",
            WRONG,
        )


def _refuse_unapplied(sources: Mapping[str, Standing], setting: int) -> None:
    found = {standing.topic: standing.unapplied() for standing in sources.values() if standing.unapplied()}
    if found:
        told = "; ".join(
            f"{topic}: {sum(by.values()):,} (" + ", ".join(f"partition {p}: {n:,}" for p, n in by.items()) + ")"
            for topic, by in found.items()
        )
        raise RepartitionError(
            f"events that no worker has applied yet: {told}. Stop the sources, start a worker once more with "
            f"kafka.partitions = {setting}, wait until callpulse_event_lag_records is 0 everywhere, stop it with "
            "SIGTERM, and run this again"
        )


def _refuse_another(sources: Mapping[str, Standing], partitions: int) -> None:
    marks = [standing.mark(p) for standing in sources.values() for p in standing.committed]
    begun = {mark.partitions for mark in marks if mark is not None} - {partitions}
    if begun:
        raise RepartitionError(
            f"a repartition to {min(begun)} was broken off; bring it to its end first: callpulse repartition "
            f"--partitions {min(begun)} --apply",
            WRONG,
        )


def _refuse_ahead(standing: Standing, tables: list[tuple[Shape, Cells]]) -> None:
    found = defaultdict(list)
    for table, partition in ahead(tables, standing.cells_start()):
        found[partition].append(table)
    if found:
        told = "; ".join(f"partition {p}: {', '.join(names)}" for p, names in sorted(found.items()))
        raise RepartitionError(
            f"{standing.topic}: a worker was killed while it stored, and cells hold events beyond the committed offset "
            f"({told}); which, only a worker can tell that reads them again. With one number of partitions everywhere, "
            "start a worker once more and stop it with SIGTERM. Where partitions were added by hand there is no exact "
            "way: replay the events into topics of another kafka.prefix"
        )


def _refuse_clashes(found: Plan) -> None:
    if found.clashes:
        first = found.clashes[0]
        raise RepartitionError(
            f"{first.table}: {first.name!r} has figures in partition {first.partitions[0]} and others in "
            f"{first.partitions[1]} ({len(found.clashes):,} cells of this kind): workers counted on after partitions "
            "were added by hand. What is right cannot be known; replay the events into topics of another kafka.prefix"
        )
