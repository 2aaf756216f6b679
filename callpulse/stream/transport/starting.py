"""Where each source partition is taken up after a rebalance: at its committed offset, with the clock stored there; or
at its start, where Kafka lost what that offset relies on (takeup.py)."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from aiokafka.errors import IllegalStateError
from faust.transport.consumer import ensure_TP
from faust.types import TP

from callpulse.newer import NewerError, NewerStateError
from callpulse.stream.moments import moment
from callpulse.stream.transport import cut as cutting
from callpulse.stream.transport.cut import Table
from callpulse.stream.transport.editions import counted_on
from callpulse.stream.transport.errors import HalfMovedError, LeftBehindError, TransportError
from callpulse.stream.transport.notes import Note, Place, noted, noted_clock, noted_copy, noted_mark, noted_partitions
from callpulse.stream.transport.part import Part
from callpulse.stream.transport.places import copy_of
from callpulse.stream.transport.takeup import Kept, Shown, TakeUp, take_up

if TYPE_CHECKING:
    from callpulse.stream.transport.consumer import BatchConsumer

ASKED, ASK_AGAIN_S = 6, 0.5  # a new leader may list an end that lies too low, for a moment
WRITE_AGAIN_S = 0.5
NO_CLOCK = (
    "%s/%d: no note tells what time it was at the committed offset %d: it was set by hand, or the broker keeps none. "
    "Time goes on from the newest event counted, %s. What was counted stays, and nothing counts twice; only events "
    "about as old as visit_retention may be refused, or taken, where they were not before. Nothing is to be done, but "
    "what an offset set by hand has jumped over is in no figure"
)


class _Case(NamedTuple):
    kept: Kept
    shown: Shown
    found: TakeUp


async def starting_parts(consumer: "BatchConsumer", generation: int) -> dict[TP, Part]:
    """All source partitions assigned, sought to their places, their tables open. Raises IllegalStateError when the next
    rebalance comes first."""
    app = consumer.app
    mine = [tp for tp in consumer.assignment() if tp.topic in app.sources and tp not in app.memory.incomplete]
    if not mine:
        return {}
    await _refuse_moved_keys(consumer, {tp.topic for tp in mine})
    for tp in mine:
        app.open_tables(tp)
    places = await _places(consumer, mine)
    kept = await _kept(consumer, mine, places)
    shown = await _shown(consumer, kept)
    cases = {tp: _Case(kept[tp], shown[tp], take_up(tp, kept[tp], shown[tp])) for tp in mine}
    await consumer._thread.seek_all({tp: case.found.offset for tp, case in cases.items()})
    parts = {tp: _part(consumer, tp, places.get(tp), case, generation) for tp, case in cases.items()}
    for tp, part in parts.items():
        await _repair(consumer, tp, part, cases[tp])
    await _store_first(consumer, parts, cases)
    return parts


async def _places(consumer: "BatchConsumer", mine: Sequence[TP]) -> dict[TP, Place]:
    """What is committed. With a topic, Kafka deletes what was committed of it; then the copy tells."""
    sources = consumer.app.sources
    counted = [tp for tp in mine if not sources[tp.topic].from_start]
    places = await _committed(consumer, counted)
    copied = {found: tp for tp in counted if tp not in places and (found := copy_of(consumer.app, tp))}
    for found, copy in (await _committed(consumer, copied) if copied else {}).items():
        if (said := noted_copy(copy.note)) is not None:
            places[copied[found]] = Place(said.offset, copy.note)
    return places


async def _committed(consumer: "BatchConsumer", tps: Iterable[TP]) -> dict[TP, Place]:
    """With notes that this version reads. Raises NewerStateError."""
    found = await consumer._thread.places(tps)
    for tp, place in found.items():
        try:
            noted_copy(place.note)
        except NewerError as cause:
            error = NewerStateError(f"{tp.topic}/{tp.partition}, committed offset {place.offset}", cause)
            consumer.app.fail(error)
            raise error from cause
    return found


async def _refuse_moved_keys(consumer: "BatchConsumer", topics: set[str]) -> None:
    """Before anything is applied where cells are still on their way, or were left behind. What one partition tells
    counts for all: those that were just added tell nothing, and the others may be given to somebody else. Raises
    HalfMovedError, LeftBehindError."""
    sources, partitions = consumer.app.sources, consumer.app.conf.topic_partitions
    asked = [TP(topic, p) for topic in sorted(topics) if not sources[topic].from_start for p in range(partitions)]
    for tp, place in (await _committed(consumer, asked)).items():
        error = _moved_keys(tp, place.note, partitions)
        if error is not None:
            consumer.app.fail(error)
            raise error


def _moved_keys(tp: TP, text: str, partitions: int) -> TransportError | None:
    mark, counted_with = noted_mark(text), noted_partitions(text)
    if mark is not None:
        return HalfMovedError(tp.topic, tp.partition, mark.partitions)
    if counted_with not in (None, partitions):
        return LeftBehindError(tp.topic, tp.partition, counted_with, partitions)
    return None


async def _kept(consumer: "BatchConsumer", mine: Sequence[TP], places: Mapping[TP, Place]) -> dict[TP, Kept]:
    notes = {tp: noted(place.note, place.offset) for tp, place in places.items()}
    moved = await _moved(consumer, notes)
    notes |= moved
    lost = await _lost_tables(consumer, notes)
    return {
        tp: Kept(
            committed=places[tp].offset if tp in places else None,
            note=notes.get(tp),
            cells=max(
                (table.store.reached(tp.partition) for table in consumer.app.sources[tp.topic].tables), default=0
            ),
            lost_tables=tuple(lost.get(tp, ())),
            in_memory=tp in consumer.app.memory.remembered,
            jumped=tp in consumer.watch.jumped,
            moved=tp in moved,
        )
        for tp in mine
    }


async def _moved(consumer: "BatchConsumer", notes: Mapping[TP, Note | None]) -> dict[TP, Note]:
    """Whoever sets offsets by hand stores no note with them; of which topic, edition and changelogs the cells are, the
    copy of the last one still tells."""
    copied = {copy: tp for tp, note in notes.items() if note is None and (copy := copy_of(consumer.app, tp))}
    found = await _committed(consumer, copied) if copied else {}
    return {copied[tp]: said for tp, place in found.items() if (said := noted_copy(place.note)) is not None}


async def _lost_tables(consumer: "BatchConsumer", notes: Mapping[TP, Note | None]) -> dict[TP, list[str]]:
    """Tables whose changelog ends before the place where the last cut ended."""
    least: dict[TP, int] = {}
    owners: dict[TP, tuple[TP, str]] = {}
    for tp, note in notes.items():
        for table in consumer.app.sources[tp.topic].tables if note else ():
            name, changelog = table.store.name, TP(table.changelog_name(), tp.partition)
            if note and note.ends.get(name, 0) > (table.tail(tp.partition) or 0):
                least[changelog], owners[changelog] = note.ends[name], (tp, name)
    ends = await _ends(consumer, least) if least else {}
    lost: dict[TP, list[str]] = {}
    for changelog, (tp, name) in owners.items():
        if ends[changelog] < least[changelog]:
            lost.setdefault(tp, []).append(name)
    return lost


async def _shown(consumer: "BatchConsumer", kept: Mapping[TP, Kept]) -> dict[TP, Shown]:
    earliest = {ensure_TP(tp): offset or 0 for tp, offset in (await consumer.earliest_offsets(*kept)).items()}
    ends = await _ends(consumer, {tp: each.reached if each.is_comparable else 0 for tp, each in kept.items()})
    ids = await consumer.watch.topic_ids({tp.topic for tp in kept})
    return {tp: Shown(earliest[tp], ends[tp], ids.get(tp.topic, "")) for tp in kept}


async def _ends(consumer: "BatchConsumer", least: Mapping[TP, int]) -> dict[TP, int]:
    """The ends that the broker lists; those that lie lower than they have to are asked for a few times."""
    for last in reversed(range(ASKED)):
        found = await consumer.highwaters(*least)
        ends = {ensure_TP(tp): end or 0 for tp, end in found.items()}
        if not last or all(ends[tp] >= offset for tp, offset in least.items()):
            break
        await asyncio.sleep(ASK_AGAIN_S)
    return ends


def _part(consumer: "BatchConsumer", tp: TP, place: Place | None, case: "_Case", generation: int) -> Part:
    kept, found = case.kept, case.found
    clock = None if place is None else noted_clock(place.note, place.offset)
    if found.rebuilds:
        clock = 0  # as when these events were read for the first time
    elif clock is None:
        clock = consumer.app.clock_without_metadata(tp.topic, tp.partition)
        if clock and place is not None:  # 0 where nothing is stored: nothing is missing
            consumer.log.info(NO_CLOCK, *tp, place.offset, moment(clock))
    consumer._committed_offset[tp] = None if place is None else counted_on(place.offset, kept.edition)
    topic_id = case.shown.topic_id or (kept.note.topic if kept.note else "")
    return Part(counted_on(found.offset, found.edition), clock, generation, case.shown.end, topic_id)


async def _repair(consumer: "BatchConsumer", tp: TP, part: Part, case: "_Case") -> None:
    """Before anything is applied. Until its commit what was noted stays, so that a worker killed in here does it again:
    tables that are made again are emptied in Kafka first, since what is left of them would win over what is new."""
    tables, note = consumer.app.sources[tp.topic].tables, case.kept.note
    if case.found.rebuilds:
        await _empty(consumer, tp, part, tables if case.found.all_tables else tables[-1:])
    elif note is not None:
        for table in tables:
            if table.store.name in case.kept.lost_tables:
                table.write_again(tp.partition, note.ends[table.store.name])


async def _empty(consumer: "BatchConsumer", tp: TP, part: Part, tables: Sequence[Table]) -> None:
    for table in tables:
        table.store.clear(tp.partition)
    while True:
        cut = cutting.take(tp.topic, tp.partition, part, tables, consumer.new_batch)
        if await consumer.write(cut, None):
            return
        if part.gen != consumer.app.consumer_generation_id or consumer.should_stop:
            raise IllegalStateError("the group rebalances again")
        await asyncio.sleep(WRITE_AGAIN_S)


async def _store_first(consumer: "BatchConsumer", parts: Mapping[TP, Part], cases: Mapping[TP, "_Case"]) -> None:
    """Before anything is applied: a worker killed between its first flush and its first commit would otherwise begin
    again with the clock of events it has not read yet, and take the ones before them for too late."""
    first = {tp: part for tp, part in parts.items() if _is_news(consumer, tp, part, cases[tp])}
    if first and not await consumer.commit_places(first):
        return  # the group has moved on: whoever takes them up finds and tells the same
    for case in cases.values():
        for loss in case.found.losses:
            consumer.watch.tell(loss)


def _is_news(consumer: "BatchConsumer", tp: TP, part: Part, case: "_Case") -> bool:
    """Does what is stored with the commit not say how this partition is taken up?"""
    note = case.kept.note
    if consumer.app.sources[tp.topic].from_start:
        return False
    return note is None or case.kept.moved or bool(case.found.losses) or note.topic != part.topic_id
