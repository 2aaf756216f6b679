"""Cells that are stored where their key does not belong, and the one list of tables by which they are found."""

from typing import Any

from callpulse.repartition.shapes import SHAPES
from callpulse.settings import Settings
from callpulse.stream.app import StreamApp
from callpulse.stream.core.cells import TotalCell
from callpulse.stream.partitioning import partition_of
from callpulse.stream.strays import StrayCellsError, stray
from callpulse.stream.topic_list import TABLES, changelog, group
from callpulse.stream.transport import Part

NOBODY: Any = None


def app_with(settings: Settings) -> StreamApp:
    return StreamApp(settings, "me", NOBODY, NOBODY)


def test_the_first_name_that_belongs_elsewhere_is_told_with_its_home() -> None:
    home, elsewhere = partition_of("sales", 6), (partition_of("sales", 6) + 1) % 6
    assert stray(["sales"], home, 6) is None
    assert stray([], elsewhere, 6) is None
    assert stray(["sales"], elsewhere, 6) == ("sales", home)


async def test_a_worker_that_recovers_strays_ends_with_the_command_that_puts_it_right() -> None:
    """As after somebody added partitions to the changelogs too: nothing else tells it."""
    app = app_with(Settings())
    home = partition_of("sales", 8)
    wrong = (home + 1) % 8
    for table in app.call_tables:
        table.open(wrong)
    app.call_tables[2].cells[wrong]["sales"] = TotalCell(offset=3, booked={})
    app.on_part_ready("callpulse.calls", wrong, Part(4, 0, 1))
    assert isinstance(app.crash_reason, StrayCellsError)
    assert str(app.crash_reason) == (
        f"callpulse.calls/{wrong}: what is stored here of 'sales' belongs to partition {home} of 8. Partitions were "
        "added, and the figures did not move with their keys. Stop sources and workers, then: callpulse repartition "
        "--partitions 8"
    )


async def test_the_list_of_tables_is_that_of_the_worker() -> None:
    app = app_with(Settings())
    prefix = len("callpulse.")
    assert {topic[prefix:]: tuple(t.store.name for t in each.tables) for topic, each in app.sources.items()} == {
        **TABLES, "kpis": (),
    }  # fmt: skip
    assert {table.store.name: table.changelog_name() for table in app.all_tables()} == {
        shape.table: changelog("callpulse", shape.table) for shape in SHAPES
    }
    assert {table.store.name: table.store.codec for table in app.all_tables()} == {s.table: s.codec for s in SHAPES}
    assert app.conf.id == group("callpulse")
