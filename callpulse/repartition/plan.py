"""Which stored cells belong to another partition, and what has to be written so that they are there: pure.

A cell that moves is one that every event below `start` of its new partition has been applied to, since none of those
was about its key: it is stored there with the source offset `start - 1`. So reading on from `start` neither skips an
event nor counts one twice. The same plan made again from what a broken-off run left behind moves the rest.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from callpulse.repartition.shapes import Shape

Cells = Mapping[int, Mapping[Any, Any]]  # partition -> key -> cell
Clocks = Mapping[int, int | None]


class Write(NamedTuple):
    """One record of a changelog; without a value a tombstone."""

    table: str
    partition: int
    key: bytes
    value: bytes | None


class Clash(NamedTuple):
    """Two cells of one key that tell different things: both were counted on, and nobody knows what is right."""

    table: str
    name: str
    partitions: tuple[int, int]


class Plan(NamedTuple):
    """`writes` first, acknowledged, then `tombstones`. `clocks`: of each partition when all is done. `cells`: all that
    were looked at; `names`: (short source topic, queue or agent) of all that move."""

    writes: list[Write]
    tombstones: list[Write]
    clocks: dict[int, int | None]
    clashes: list[Clash]
    names: set[tuple[str, str]]
    cells: int


def plan(
    tables: Sequence[tuple[Shape, Cells]], starts: Mapping[int, int], clocks: Clocks, home: Callable[[str], int]
) -> Plan:
    """Of the tables of one source topic. `starts`: where each of its partitions is read on from (0 where it is not in
    there); `clocks`: of each, as it stands there; `home(name)`: the partition of a queue or agent from now on."""
    found = Plan([], [], dict(clocks), [], set(), 0)
    for shape, cells in tables:
        there: dict[Any, bytes] = {}
        for source, key, target in _strays(shape, cells, home):
            value = _moved(shape, cells[source][key], starts.get(target, 0))
            name, stored_key = shape.name_of(key), shape.codec.encode_key(key)
            found.tombstones.append(Write(shape.table, source, stored_key, None))
            found.names.add((shape.source, name))
            found.clocks[target] = later(found.clocks.get(target), clocks.get(source))
            held = cells.get(target, {}).get(key)
            known = there.setdefault(key, value) if held is None else _moved(shape, held, starts.get(target, 0))
            if known != value:
                found.clashes.append(Clash(shape.table, name, (source, target)))
            elif held is None:
                found.writes.append(Write(shape.table, target, stored_key, value))
    return found._replace(cells=sum(len(held) for _, cells in tables for held in cells.values()))


def ahead(tables: Iterable[tuple[Shape, Cells]], starts: Mapping[int, int]) -> Iterator[tuple[str, int]]:
    """(table, partition) of cells that hold events which will be read again: a worker was killed while it stored. In
    another partition nobody could tell which."""
    for shape, cells in tables:
        for partition, held in cells.items():
            last = max(map(shape.codec.offset_of, held.values()), default=-1)
            if last >= starts.get(partition, 0):
                yield shape.table, partition


def _strays(shape: Shape, cells: Cells, home: Callable[[str], int]) -> Iterator[tuple[int, Any, int]]:
    """(the partition it is in, its key, the partition it belongs to)."""
    for partition, held in cells.items():
        for key in held:
            target = home(shape.name_of(key))
            if target != partition:
                yield partition, key, target


def _moved(shape: Shape, cell: Any, start: int) -> bytes:
    """The cell as it is stored in a partition that is read on from `start`."""
    return shape.codec.encode_value(shape.codec.at_offset(cell, start - 1))


def later(one: int | None, other: int | None) -> int | None:
    """A partition is as far as the furthest of those that its cells came from."""
    known = [clock for clock in (one, other) if clock is not None]
    return max(known, default=None)
