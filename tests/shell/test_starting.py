"""What keeps a worker from taking its partitions up."""

from typing import Any

import pytest
from faust.types import TP

from callpulse.stream.transport import BatchApp, faust_settings
from callpulse.stream.transport.errors import HalfMovedError, LeftBehindError
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
