"""What keeps a worker from taking its partitions up."""

import logging
from collections import Counter
from typing import Any

import pytest
from faust.types import TP

from callpulse.stream.transport import BatchApp, faust_settings
from callpulse.stream.transport.cellstore import CellStore, Codec
from callpulse.stream.transport.editions import counted_on
from callpulse.stream.transport.errors import HalfMovedError, LeftBehindError
from callpulse.stream.transport.losses import What
from callpulse.stream.transport.notes import Mark, marked_note, note
from callpulse.stream.transport.starting import starting_parts
from callpulse.stream.transport.thread import Place


class Group:
    """A consumer whose group has these offsets, and which was given these partitions; also its own thread."""

    def __init__(self, app: BatchApp, given: list[int], places: dict[int, Place]) -> None:
        self.app = app
        self.given = given
        self.stored = {TP("calls", partition): place for partition, place in places.items()}
        self.sought: dict[TP, int] = {}
        self._thread = self

    def assignment(self) -> set[TP]:
        return {TP("calls", partition) for partition in self.given}

    async def places(self, tps: Any) -> dict[TP, Place]:
        return {tp: self.stored[tp] for tp in tps if tp in self.stored}

    async def seek_all(self, offsets: dict[TP, int]) -> None:
        self.sought |= offsets


def reading() -> BatchApp:
    app = BatchApp("starting", **faust_settings(brokers="127.0.0.1:1", partitions=6, member="me"))
    app.batch_topic("calls")
    return app


MARKED = Place(42, marked_note(42, 5, Mark(6, 7)))


@pytest.mark.parametrize("given", [[0], [4, 5]])
async def test_a_mark_on_any_partition_keeps_a_worker_from_serving_even_those_that_have_none(given: list[int]) -> None:
    """As after a repartition that was broken off when it had just added 4 and 5: who began there would begin its
    queues anew beside their figures, and nobody could tell then what is right."""
    group = Group(reading(), given, {0: MARKED, 1: MARKED})
    with pytest.raises(HalfMovedError, match="repartition to 6 partitions is at work, or was broken off"):
        await starting_parts(group, 3)  # type: ignore[arg-type]
    assert isinstance(group.app.crash_reason, HalfMovedError)
    assert group.sought == {}


async def test_figures_counted_with_fewer_partitions_keep_everybody_from_serving_the_new_ones() -> None:
    """Partitions were added to everything by hand: the old ones may be given to somebody else."""
    group = Group(reading(), [4, 5], {0: Place(42, note(42, 5, of=4))})
    with pytest.raises(LeftBehindError) as caught:
        await starting_parts(group, 3)  # type: ignore[arg-type]
    assert str(caught.value) == (
        "calls/0: its figures were counted with 4 partitions, expected 6. Partitions were added, and the figures did "
        "not move with their keys. Stop sources and workers, then: callpulse repartition --partitions 6"
    )
    assert group.sought == {}


class Contacts:
    """A table in whose changelog ten records lie, of one cell."""

    def __init__(self, offset: int) -> None:
        codec: Codec[Any, Any] = Codec(bytes, bytes, bytes, bytes, lambda cell: cell)
        self.store: CellStore[Any, Any] = CellStore("contacts", codec, 1_000)
        self.open(0)
        self.store.cells[0]["1"] = offset

    def open(self, partition: int) -> None:
        self.store.open(partition)

    def changelog_name(self) -> str:
        return "contacts-changelog"

    def tail(self, partition: int) -> int:
        return 10


class Served(Group):
    """One that is given partition 0 of a topic, now of this id, in which events 0 to 999 lie; also its own watch.
    `copy`: what lies with the changelog."""

    def __init__(self, cell_offset: int, place: Place, copy: str, topic_id: str) -> None:
        super().__init__(
            BatchApp("starting", **faust_settings(brokers="127.0.0.1:1", partitions=6, member="me")), [0], {}
        )
        self.table: Any = Contacts(cell_offset)
        self.app.batch_topic("calls", tables=[self.table])
        self.stored = {TP("calls", 0): place, TP("contacts-changelog", 0): Place(10, copy)}
        self.watch, self.jumped, self.told, self.id = self, set[TP](), list[What](), topic_id
        self.committed: dict[TP, Any] = {}
        self._committed_offset: dict[TP, int | None] = {}
        self.counts, self.log = Counter[str](), logging.getLogger(__name__)

    async def earliest_offsets(self, *tps: TP) -> dict[TP, int]:
        return dict.fromkeys(tps, 0)

    async def highwaters(self, *tps: TP) -> dict[TP, int]:
        return dict.fromkeys(tps, 1_000)

    async def topic_ids(self, topics: set[str]) -> dict[str, str]:
        return dict.fromkeys(topics, self.id)

    def copy_of(self, tp: TP) -> TP:
        return TP("contacts-changelog", tp.partition)

    def tell(self, loss: Any) -> None:
        self.told.append(loss.what)

    async def commit_places(self, parts: Any) -> bool:
        self.committed.update({tp: (part.next, part.topic_id) for tp, part in parts.items()})
        return True


@pytest.mark.parametrize(
    ("topic_id", "edition", "told"), [("A", 1, []), ("B", 2, [What.RECREATED])], ids=["the same topic", "made anew"]
)
async def test_where_offsets_were_set_by_hand_the_copy_still_tells_of_which_topic_the_cells_are(
    topic_id: str, edition: int, told: list[What]
) -> None:
    """The topic was made anew and `kafka-consumer-groups --reset-offsets` run: that commits no note. Without one, new
    events would be taken for those that the cells hold already."""
    copy = note(500, 5, edition=1, topic="A", of=6)
    group = Served(499, Place(0, ""), copy, topic_id)  # no cell holds an event of edition 1
    parts = await starting_parts(group, 3)  # type: ignore[arg-type]
    calls = TP("calls", 0)
    assert parts[calls].next == counted_on(0, edition)
    assert group.told == told
    assert group.sought == {calls: 0}
    assert group.committed == {calls: (counted_on(0, edition), topic_id)}  # with its clock, before anything is applied


async def test_without_a_note_and_a_copy_a_partition_goes_on_where_it_is_committed(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What that means for the figures is said, and alarms nobody: the embedded broker never keeps a note."""
    caplog.set_level(logging.INFO)
    group = Served(499, Place(500, "of another tool"), "", "A")
    monkeypatch.setattr(group.app, "clock_without_metadata", lambda *_: 1_795_428_000_000)
    part = (await starting_parts(group, 3))[TP("calls", 0)]  # type: ignore[arg-type]
    assert (part.next, part.clock, group.told) == (500, 1_795_428_000_000, [])
    (said,) = caplog.records
    assert said.levelno == logging.INFO
    assert said.message.startswith("calls/0: no note tells what time it was at the committed offset 500: ")
    assert "Time goes on from the newest event counted, 2026-11-23T10:00:00Z. What was counted stays" in said.message


async def test_what_an_earlier_program_noted_is_enough() -> None:
    group = Served(499, Place(500, '{"v":1,"offset":500,"clock":7}'), "", "A")
    part = (await starting_parts(group, 3))[TP("calls", 0)]  # type: ignore[arg-type]
    assert (part.next, part.clock, part.topic_id, group.told) == (500, 7, "A", [])
    assert group.committed == {TP("calls", 0): (500, "A")}  # from now on it is known by its id
