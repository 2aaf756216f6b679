"""What is committed of a source partition: an offset with its note, and a copy of the note with another topic."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from faust.types import TP

from callpulse.stream.transport.cut import Cut
from callpulse.stream.transport.editions import edition_of, in_kafka
from callpulse.stream.transport.notes import Place, note
from callpulse.stream.transport.part import Part

if TYPE_CHECKING:
    from callpulse.stream.transport.app import BatchApp


def place(app: "BatchApp", tp: TP, at: Cut | Part) -> Place:
    """Of a cut, or of a part not begun yet: the clock in the note belongs to exactly this offset."""
    offset, tables = in_kafka(at.next), app.sources[tp.topic].tables
    ends = {table.store.name: end for table in tables if (end := table.tail(tp.partition))}
    more = {"edition": edition_of(at.next), "topic": at.topic_id, "ends": ends, "of": app.conf.topic_partitions}
    return Place(offset, note(offset, at.clock, **more))


def copies(app: "BatchApp", places: Mapping[TP, Place]) -> dict[TP, Place]:
    """The same notes with the changelogs of the last tables: Kafka deletes with a topic what is committed of it."""
    copied = {tp: copy for tp in places if (copy := copy_of(app, tp))}
    ends = {tp: app.sources[tp.topic].tables[-1].tail(tp.partition) or 0 for tp in copied}
    return {copy: Place(ends[tp], places[tp].note) for tp, copy in copied.items()}


def copy_of(app: "BatchApp", tp: TP) -> TP | None:
    """With which partition the note of a source partition is stored a second time."""
    tables = app.sources[tp.topic].tables
    return TP(tables[-1].changelog_name(), tp.partition) if tables else None
