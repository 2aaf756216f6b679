"""The books of a partition on top of its tables, without a broker: forgetting, burying, what is stored of totals."""

from collections import namedtuple
from typing import Any

import pytest

from callpulse.clock import now_ms
from callpulse.stream import codecs
from callpulse.stream.calls import Calls
from callpulse.stream.core import events as ev
from callpulse.stream.core.limits import HOUR_MS, Limits
from callpulse.stream.core.tally import OFFERED, Tally
from callpulse.stream.core.windows import Calendar
from callpulse.stream.core.wire import encode
from callpulse.stream.outbox import Outbox
from callpulse.stream.partitioning import partition_of
from callpulse.stream.pseudonyms import AgentNames
from callpulse.stream.refusals import Refusals
from callpulse.stream.stored import StoredTotals
from callpulse.stream.transport import Batch, Part
from callpulse.stream.transport.cellstore import CellStore

NOON = 1_795_348_800_000
P = partition_of("sales", 4)
Record = namedtuple("Record", "topic partition offset key value timestamp")
Written = namedtuple("Written", "partition next clock tables")
WrittenTable = namedtuple("WrittenTable", "table taken")


class Rig:
    """Calls on the stores that lie under the real tables."""

    def __init__(self) -> None:
        made = [("live", codecs.LIVE), ("intervals", codecs.INTERVALS), ("totals", codecs.TOTALS)]
        self.tables: Any = tuple(CellStore(name, codec, 1 << 20) for name, codec in [*made, ("c", codecs.CONTACTS)])
        for table in self.tables:
            table.open(P)
            table.store = table
        self.refusals = Refusals(Outbox(None), "rejected", AgentNames())  # type: ignore[arg-type]  # never posted
        self.calls = Calls("calls", self.tables, self.refusals, Limits(max_future_ms=None), Calendar(), 4)
        self.part = Part(0, 0, 1)
        self.calls.ready(P, self.part)

    def apply(self, *events: ev.Call, partition: int = P) -> None:
        start = self.part.next
        records = [
            Record("calls", partition, start + i, None, encode(event), event.at) for i, event in enumerate(events)
        ]
        self.calls.apply(Batch(records, "calls", partition, start, 1), self.part)

    @property
    def contacts(self) -> dict[tuple[str, str], Any]:
        return self.tables[3].cells[P]


@pytest.fixture
def rig() -> Rig:
    return Rig()


def entered(contact: str, hours: float = 0.0) -> ev.Call:
    return ev.Enqueued(at=NOON + round(hours * HOUR_MS), queue="sales", contact_id=contact)


def left(contact: str, hours: float = 0.0) -> ev.Call:
    return ev.Abandoned(at=NOON + round(hours * HOUR_MS), queue="sales", contact_id=contact, wait_s=1.0)


def test_a_contact_is_forgotten_when_the_committed_clock_passed_its_horizon(rig: Rig) -> None:
    rig.apply(left("old"), entered("waits"))
    rig.apply(ev.Heartbeat(at=NOON + 25 * HOUR_MS, source="pbx"))
    for committed, clock_ms in ((0, NOON + 25 * HOUR_MS), (3, NOON)):
        assert rig.calls.forget(P, committed, clock_ms) == []
    assert rig.calls.forget(P, 3, NOON + 25 * HOUR_MS) == [("sales", "old")]
    assert rig.calls.books[P].waits.open["sales"] == {"waits": NOON}


def test_a_closed_contact_is_buried_unless_it_came_back(rig: Rig) -> None:
    rig.apply(left("old"), left("back"), ev.Heartbeat(at=NOON + 25 * HOUR_MS, source="pbx"))
    rig.calls.forget(P, 9, NOON + 25 * HOUR_MS)
    rig.apply(entered("back", 25))
    for contact in ("old", "back"):
        rig.calls.bury(P, ("sales", contact))
    assert list(rig.contacts) == [("sales", "back")]
    tombstones = [value for _, value in rig.tables[3].take(P).records if value is None]
    assert len(tombstones) == 1


def test_closed_contacts_are_found_again_after_a_restart(rig: Rig) -> None:
    rig.apply(left("old"), ev.Heartbeat(at=NOON + 25 * HOUR_MS, source="pbx"))
    rig.calls.forget(P, 9, NOON + 25 * HOUR_MS)
    rig.calls.ready(P, rig.part)
    assert rig.calls.forget(P, 0, NOON) == [("sales", "old")]


def test_a_partition_that_was_lost_is_left_alone(rig: Rig) -> None:
    rig.calls.lost(P)
    rig.calls.bury(P, ("sales", "1"))
    assert rig.calls.books == {}


def test_the_clock_starts_at_the_newest_fact_where_none_was_stored(rig: Rig) -> None:
    rig.apply(entered("1"), entered("2", 1))
    assert rig.calls.recovered_clock(P) == NOON + HOUR_MS
    assert rig.calls.recovered_clock(3 - P) == 0


def test_copies_and_conflicts_survive_a_rebalance(rig: Rig) -> None:
    rig.apply(entered("1"), entered("1"))
    assert rig.calls.copies() == 1
    rig.calls.ready(P, rig.part)
    assert rig.calls.copies() == 1
    rig.calls.lost(P)
    assert (rig.calls.copies(), rig.calls.conflicts()) == (1, 0)


def test_a_kept_partition_that_reads_again_books_nothing_twice(rig: Rig) -> None:
    rig.apply(entered("1"), entered("2"))
    rig.part = Part(1, NOON, 2)  # the last commit did not reach the broker
    rig.calls.ready(P, rig.part)
    rig.apply(entered("2"), entered("3"))
    assert rig.calls.books[P].totals["sales"].booked[OFFERED] == 3


def test_a_record_in_the_wrong_partition_is_refused_and_named(rig: Rig) -> None:
    rig.calls.ready(P, rig.part)
    wrong = Record("calls", P, 0, b"other", encode(ev.Enqueued(at=NOON, queue=_elsewhere(), contact_id="1")), NOON)
    rig.calls.apply(Batch([wrong], "calls", P, 0, 1), rig.part)
    assert rig.refusals.counts == {("calls", "wrong_partition"): 1}
    [sentence] = rig.refusals.wrong_keys.sentences(now_ms())
    assert f"queue {_elsewhere()!r}, key another of 5 bytes, came in partition {P} and belongs to " in sentence


def _elsewhere() -> str:
    return next(name for name in ("a", "b", "c", "d", "e") if partition_of(name, 4) != P)


def test_prometheus_sees_totals_only_once_they_are_committed(rig: Rig) -> None:
    stored = StoredTotals(rig.tables[2])
    stored.ready(P, 0)
    rig.apply(entered("1"))
    stored.note(Written(P, 1, NOON, [WrittenTable(rig.tables[2], rig.tables[2].take(P))]))  # type: ignore[arg-type]
    assert stored.total(P, "sales") is None
    stored.committed(P, 0)
    assert stored.total(P, "sales") is None
    stored.committed(P, 1)
    assert _booked(stored) == {OFFERED: 1}
    assert stored.clock_ms(P) == NOON
    rig.apply(entered("2"))
    stored.ready(P, NOON)  # kept in a rebalance: what was not stored is still not shown
    assert _booked(stored) == {OFFERED: 1}
    stored.lost(P)
    assert stored.total(P, "sales") is None


def _booked(stored: StoredTotals) -> Tally:
    cell = stored.total(P, "sales")
    assert cell is not None
    return cell.booked
