"""Cells that move to other partitions: each ends where its key belongs, as it was, and counting goes on from it as if
it had always been there; however often the work is broken off."""

from collections.abc import Iterable, Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from callpulse.repartition.plan import Clash, Plan, ahead, plan
from callpulse.repartition.shapes import SHAPES, Shape
from callpulse.stream.core import ageing
from callpulse.stream.core import events as ev
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.cells import TotalCell
from callpulse.stream.core.limits import Limits
from callpulse.stream.partitioning import partition_of
from tests.laws.books import net, told
from tests.laws.made import WITHIN_AN_HOUR, calls

QUEUES = tuple(f"q{n}" for n in range(9))
COUNTS = st.tuples(st.integers(1, 5), st.integers(0, 5)).map(lambda pair: (pair[0], pair[0] + pair[1]))
FEEDS = st.lists(calls(WITHIN_AN_HOUR, contacts=("c", "d"), queues=QUEUES), max_size=40)
TABLE_OF = {"tallies_live": "live", "tallies_interval": "intervals", "tallies_total": "totals", "contacts": "contacts"}
OF_CALLS = [shape for shape in SHAPES if shape.source == "calls"]


class Site:
    """What outlives the workers: cells by table and partition as bytes, and how far each partition is."""

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        self.stored: dict[str, dict[int, dict[bytes, bytes]]] = {shape.table: {} for shape in OF_CALLS}
        self.starts: dict[int, int] = {}
        self.clocks: dict[int, int | None] = {}

    def tables(self) -> list[tuple[Shape, dict[int, dict[Any, Any]]]]:
        return [
            (
                shape,
                {
                    p: {shape.codec.decode_key(k): shape.codec.decode_value(v) for k, v in cells.items()}
                    for p, cells in self.stored[shape.table].items()
                },
            )
            for shape in OF_CALLS
        ]

    def worker(self, events: Iterable[ev.Call]) -> list[CallBook]:
        """One life of a worker, from recovery to a graceful stop."""
        books = []
        tables = {shape.table: cells for shape, cells in self.tables()}
        for p in range(self.partitions):
            book = CallBook(Limits(), self.clocks.get(p) or 0)
            for table, name in TABLE_OF.items():
                getattr(book, name).update(tables[table].get(p, {}))
            ageing.derive(book)
            books.append(book)
        for event in events:
            p = partition_of(event.queue, self.partitions)  # type: ignore[union-attr]  # none is a heartbeat
            offset = self.starts.get(p, 0)
            books[p].take(event, offset)
            books[p].settle(offset)
            self.starts[p] = offset + 1
        for p, book in enumerate(books):
            self.clocks[p] = book.clock_ms or None
            for shape in OF_CALLS:
                cells = getattr(book, TABLE_OF[shape.table])
                codec = shape.codec
                self.stored[shape.table][p] = {codec.encode_key(k): codec.encode_value(c) for k, c in cells.items()}
        return books

    def planned(self, partitions: int) -> Plan:
        return plan(self.tables(), self.starts, self.clocks, lambda name: partition_of(name, partitions))

    def write(self, found: Plan, at_most: int = 1 << 30) -> None:
        for table, partition, key, value in [*found.writes, *found.tombstones][:at_most]:
            cells = self.stored[table].setdefault(partition, {})
            if value is None:
                del cells[key]
            else:
                cells[key] = value

    def cells(self) -> Iterator[tuple[str, int, Any, bytes]]:
        """(table, partition, key, the cell without its offset)."""
        for shape, cells in self.tables():
            for partition, held in cells.items():
                for key, cell in held.items():
                    yield shape.table, partition, key, shape.codec.encode_value(shape.codec.at_offset(cell, 0))


@given(FEEDS, FEEDS, COUNTS)
def test_counting_goes_on_as_if_there_had_always_been_so_many_partitions(
    before: list[ev.Call], after: list[ev.Call], counts: tuple[int, int]
) -> None:
    """Also of visits that are open meanwhile, whose outcome comes in another partition than their arrival."""
    site = Site(counts[0])
    site.worker(before)
    assert list(ahead(site.tables(), site.starts)) == []
    found = site.planned(counts[1])
    site.write(found)
    site.partitions, site.clocks = counts[1], found.clocks
    assert list(ahead(site.tables(), site.starts)) == []
    figures: dict[Any, Any] = {}
    for book in site.worker(after):
        figures |= net(book)
    assert figures == told([*before, *after])


@given(FEEDS, COUNTS, st.lists(st.integers(0, 60), max_size=4))
def test_every_cell_ends_where_it_belongs_as_it_was_however_often_it_is_broken_off(
    events: list[ev.Call], counts: tuple[int, int], breaks: list[int]
) -> None:
    site = Site(counts[0])
    site.worker(events)
    home = {(table, key): cell for table, _, key, cell in site.cells()}
    for written in breaks:
        site.write(site.planned(counts[1]), written)
    site.write(site.planned(counts[1]))
    assert list(site.cells()) == [each for each in site.cells() if each[1] == partition_of(_name(each[2]), counts[1])]
    assert {(table, key): cell for table, _, key, cell in site.cells()} == home
    assert len(list(site.cells())) == len(home)
    again = site.planned(counts[1])
    assert (again.writes, again.tombstones, again.clashes) == ([], [], [])


@given(FEEDS, COUNTS)
def test_a_partition_is_as_far_as_the_furthest_of_those_that_its_cells_came_from(
    events: list[ev.Call], counts: tuple[int, int]
) -> None:
    site = Site(counts[0])
    site.worker(events)
    after = site.planned(counts[1]).clocks
    for queue in {event.queue for event in events}:  # type: ignore[union-attr]
        came, went = partition_of(queue, counts[0]), partition_of(queue, counts[1])
        if any(_name(key) == queue for _, _, key, _ in site.cells()):
            assert (after[went] or 0) >= (site.clocks[came] or 0)
    assert set(after.values()) <= set(site.clocks.values())


def _name(key: Any) -> str:
    return key if isinstance(key, str) else str(key[0])


def test_figures_in_two_partitions_that_differ_are_a_clash() -> None:
    """Workers counted on in the new partition, beside the figures in the old one."""
    totals = next(shape for shape in SHAPES if shape.table == "tallies_total")
    cells = {0: {"q": TotalCell(offset=5, booked={0: 3})}, 1: {"q": TotalCell(offset=2, booked={0: 1})}}
    found = plan([(totals, cells)], {0: 6, 1: 3}, {}, lambda name: 1)
    assert found.clashes == [Clash("tallies_total", "q", (0, 1))]


def test_a_cell_beyond_the_committed_offset_is_told() -> None:
    totals = next(shape for shape in SHAPES if shape.table == "tallies_total")
    cells = {0: {"q": TotalCell(offset=5, booked={})}, 1: {"r": TotalCell(offset=5, booked={})}}
    assert list(ahead([(totals, cells)], {0: 6, 1: 5})) == [("tallies_total", 1)]
