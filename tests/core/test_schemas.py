"""Stored values of other versions: what is older is brought up to date, what is newer is refused, neither by half."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from callpulse.newer import NewerError, NewerStateError
from callpulse.stream import codecs
from callpulse.stream.core import cells
from callpulse.stream.core.schemas import Schema, stored_offset, upgraded
from callpulse.stream.transport.cellstore import CellStore, Codec
from tests.chaos.cells import CODECS

pack = msgspec.msgpack.encode


class SecondCell(Struct, array_like=True, gc=False):
    """Version 2 of the cell of a queue's totals, made up here: it learned of what currency its visits are, and what was
    `site` before is a list."""

    schema: int = 2
    offset: int = -1
    booked: dict[int, int] = {}
    taken_back: dict[int, int] = {}
    channel: str = ""
    sites: tuple[str, ...] = ()
    source: str = ""
    currency: str = ""


def _to_second(value: list[Any]) -> list[Any]:
    """How an upgrade is written: the list of version 1 in, that of version 2 out."""
    schema, offset, booked, taken_back, channel, site, source = value
    return [schema, offset, booked, taken_back, channel, [site] if site else [], source, "none"]


SECOND = Schema(upgrades=(_to_second,))
FIRST = cells.TotalCell(offset=41, booked={0: 3, 12: 2}, taken_back={0: 1}, channel="chat", site="ams", source="pbx")


def test_the_version_that_is_written_follows_from_the_upgrades_there_are() -> None:
    assert (Schema().version, SECOND.version) == (1, 2)


def test_a_cell_of_the_former_version_is_read_as_one_of_this() -> None:
    decode = cells.decoder(SecondCell, SECOND)
    second = decode(cells.encode(FIRST))
    assert second == SecondCell(2, 41, {0: 3, 12: 2}, {0: 1}, "chat", ("ams",), "pbx", "none")
    assert decode(cells.encode(second)) == second
    assert stored_offset(SECOND)(cells.encode(FIRST)) == stored_offset(SECOND)(cells.encode(second)) == 41


def test_a_worker_of_the_next_version_recovers_what_both_versions_wrote() -> None:
    """As after a rolling upgrade: some cells were written again by the new version, others not yet."""
    codec: Codec[str, Any] = Codec(
        cells.encode, msgspec.msgpack.Decoder(str).decode, cells.encode, cells.decoder(SecondCell, SECOND),
        lambda cell: cell.offset, stored_offset(SECOND),
    )  # fmt: skip
    store = CellStore("tallies_total", codec, 1000)
    store.open(0)
    newer = SecondCell(offset=50, booked={0: 9})
    older = cells.TotalCell(offset=49, booked={0: 8})
    written = [("sales", FIRST), ("help", older), ("help", newer), ("help", older)]
    store.fold_all(0, [(at, cells.encode(key), cells.encode(cell)) for at, (key, cell) in enumerate(written)])
    assert store.cells[0] == {"help": newer, "sales": cells.decoder(SecondCell, SECOND)(cells.encode(FIRST))}
    assert list(store.dirty[0]) == ["help"]  # a worker of the former version, frozen, wrote last


def test_several_versions_are_passed_one_after_the_other() -> None:
    third = Schema(upgrades=(lambda value: [*value, "a"], lambda value: [*value, "b"]))
    assert msgspec.msgpack.decode(upgraded(pack([1, 5, {}]), third)) == [3, 5, {}, "a", "b"]
    assert msgspec.msgpack.decode(upgraded(pack([2, 5, {}]), third)) == [3, 5, {}, "b"]
    assert msgspec.msgpack.decode(upgraded(pack([3, 5, {}]), third)) == [3, 5, {}]


@pytest.mark.parametrize("table", CODECS)
@pytest.mark.parametrize("rest", [[], [{}], [[], 5, False], ["of another shape"], [{}, {}, "", "", "", "more"]])
def test_no_table_reads_anything_of_a_newer_version(table: str, rest: list[Any]) -> None:
    codec, newer = CODECS[table], pack([2, 17, *rest])
    for read in (codec.decode_value, codec.stored_offset):
        with pytest.raises(NewerError, match="schema version 2; this callpulse knows versions up to 1"):
            read(newer)


@given(st.integers(2, 2**40), st.integers(-1, 2**60), st.lists(st.recursive(st.text() | st.integers(0, 99), st.lists)))
def test_whatever_a_newer_version_stores_it_is_called_newer_and_never_corrupt(
    schema: int, offset: int, rest: list[Any]
) -> None:
    store = CellStore("contacts", codecs.CONTACTS, 1000, "callpulse.stream-contacts-changelog")
    store.open(3)
    held = cells.encode((1, 4, [], -1, False))
    with pytest.raises(NewerStateError) as refused:
        store.fold_all(
            3,
            [(6, cells.encode(("sales", "a")), held), (7, cells.encode(("sales", "b")), pack([schema, offset, *rest]))],
        )
    said = str(refused.value)
    assert "callpulse.stream-contacts-changelog/3/7, key ('sales', 'b')" in said
    assert f"schema version {schema}; this callpulse knows versions up to 1" in said
    assert "Run the version of callpulse that wrote it, or a later one" in said


@pytest.mark.parametrize("stored", [b"", b"\xc0", pack([0, 5, {}]), pack(["1", 5, {}])])
def test_what_is_of_no_version_is_corrupt_and_not_newer(stored: bytes) -> None:
    for codec in CODECS.values():
        with pytest.raises(msgspec.MsgspecError):
            codec.decode_value(stored)
