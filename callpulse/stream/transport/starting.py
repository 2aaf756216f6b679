"""Where each source partition is taken up after a rebalance: at its committed offset, with the clock stored there."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from faust.transport.consumer import ensure_TP
from faust.types import TP

from callpulse.stream.transport.errors import HalfMovedError
from callpulse.stream.transport.part import Part, note, noted_clock, noted_mark
from callpulse.stream.transport.thread import Place

if TYPE_CHECKING:
    from callpulse.stream.transport.consumer import BatchConsumer


async def starting_parts(consumer: "BatchConsumer", generation: int) -> dict[TP, Part]:
    """All source partitions assigned, sought to their places, their tables open."""
    app = consumer.app
    mine = [tp for tp in consumer.assignment() if tp.topic in app.sources and tp not in app.memory.incomplete]
    if not mine:
        return {}
    places = await _places(consumer, mine)
    _refuse_half_moved(consumer, places)
    await consumer._thread.seek_all({tp: place.offset for tp, place in places.items()})
    ends = await consumer.highwaters(*mine)
    parts = {tp: _part(consumer, tp, place, generation, ends.get(tp) or 0) for tp, place in places.items()}
    await _store_first_clocks(consumer, parts, places)
    return parts


async def _places(consumer: "BatchConsumer", mine: Sequence[TP]) -> dict[TP, Place]:
    """aiokafka leaves partitions without a committed offset wherever they stand: they begin at their start."""
    sources = consumer.app.sources
    earliest = {ensure_TP(tp): offset or 0 for tp, offset in (await consumer.earliest_offsets(*mine)).items()}
    committed = await consumer._thread.places(tp for tp in mine if not sources[tp.topic].from_start)
    consumer._committed_offset.update({tp: place.offset for tp, place in committed.items()})
    for tp, place in committed.items():
        if place.offset < earliest[tp]:
            consumer.log.error(
                "%s/%d: events %d to %d were removed by the broker's retention before they were read",
                *tp, place.offset, earliest[tp] - 1,
            )  # fmt: skip
    return {tp: committed.get(tp) or Place(earliest[tp]) for tp in mine}


def _refuse_half_moved(consumer: "BatchConsumer", places: dict[TP, Place]) -> None:
    """Before anything is applied to cells that are still on their way. Raises HalfMovedError."""
    for tp, place in places.items():
        mark = noted_mark(place.note)
        if mark is not None:
            error = HalfMovedError(tp.topic, tp.partition, mark.partitions)
            consumer.app.fail(error)
            raise error


def _part(consumer: "BatchConsumer", tp: TP, place: Place, generation: int, end: int) -> Part:
    app = consumer.app
    app.open_tables(tp)
    clock = noted_clock(place.note, place.offset)
    if clock is None:
        clock = app.clock_without_metadata(tp.topic, tp.partition)
        if clock and consumer._committed_offset.get(tp) is not None:  # 0 where nothing is stored: nothing is missing
            consumer.counts["clock without metadata"] += 1
            consumer.log.warning("%s/%d: no clock stored with offset %d, it starts at %d", *tp, place.offset, clock)
    return Part(place.offset, clock, generation, end)


async def _store_first_clocks(consumer: "BatchConsumer", parts: dict[TP, Part], places: dict[TP, Place]) -> None:
    """Before anything is applied: a worker killed between its first flush and its first commit would otherwise begin
    again with the clock of events it has not read yet, and take the ones before them for too late."""
    first = {
        tp: Place(part.next, note(part.next, part.clock))
        for tp, part in parts.items()
        if noted_clock(places[tp].note, part.next) is None and not consumer.app.sources[tp.topic].from_start
    }
    if first:
        await consumer.commit_places(first)
