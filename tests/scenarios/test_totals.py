"""The total and the groups, from what the kpis topic says."""

import asyncio
from collections import namedtuple
from typing import Any

import msgspec
import pytest

from callpulse.current.keys import Keys
from callpulse.settings import Settings
from callpulse.stream.board_record import AsOf, People, QueueRecord, of_view
from callpulse.stream.core import events as ev
from callpulse.stream.core import snapshot
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.limits import Limits
from callpulse.stream.core.snapshot import WindowReader
from callpulse.stream.core.windows import Calendar
from callpulse.stream.current import CurrentWriter
from callpulse.stream.kpi_topic import KpiTopic
from callpulse.stream.pseudonyms import AgentNames
from callpulse.stream.totals import LONGEST_REST_S, PACE_S, Totals, rest_s
from callpulse.stream.transport import Batch, Part
from callpulse.stream.versions import Versions

NOON = 1_795_348_800_000
Record = namedtuple("Record", "topic partition offset key value")

FIRST = {"sales": ((0.0, 10.0), (1.0, 30.0)), "support": ((2.0, 5.0), (3.0, 6.0), (4.0, 7.0))}


def record(queue: str, waits: tuple[tuple[float, float], ...], **more: Any) -> QueueRecord:
    """A queue whose visits arrived at NOON + first and were answered after second seconds."""
    book = CallBook(Limits(max_future_ms=None))
    for offset, (at_s, wait_s) in enumerate(waits):
        at = NOON + round(1000 * (at_s + wait_s))
        book.take(ev.Connected(at=at, queue=queue, contact_id=str(offset), wait_s=wait_s), offset)
    book.settle(len(waits))
    view = snapshot.view(WindowReader(book, Calendar()), [], queue, Policy(), NOON + 60_000)
    place = {
        "partition": 0,
        "version": (1, 1),
        "writer": "w",
        "source": "pbx",
        "channel": "voice",
        "site": "main",
        "written_at_ms": NOON + 60_000,
    }
    return of_view(view, snapshot.figures([view]), **(place | more))


class Rig:
    """Totals with a writer that is never flushed: what it would write stays to be looked at."""

    def __init__(self, **settings: Any) -> None:
        chosen = msgspec.convert(settings, Settings)
        versions = Versions(lambda: 3)
        self.topic = KpiTopic(None, "kpis", None, writer="w", names=AgentNames(shown=True))  # type: ignore[arg-type]  # never sends
        self.current = CurrentWriter(_NeverAsked(), Keys("main"))  # type: ignore[arg-type]  # never flushed
        self.totals = Totals(self.current, self.topic, versions, chosen, "w")
        self.part = Part(0, 0, 1)
        self.totals.ready(self.part)
        self.offset = 0

    def read(self, key: str, value: Any) -> None:
        encoded = None if value is None else msgspec.json.encode(value)
        batch = Batch([Record("kpis", 0, self.offset, key.encode(), encoded)], "kpis", 0, self.offset, 1)
        self.totals.apply(batch, self.part)
        self.offset += 1

    def written(self, now_ms: int = NOON + 61_000) -> dict[str, Any]:
        asyncio.run(self.totals.round(now_ms))
        return {current.name: current for current in self.current._pending.values()}


class _NeverAsked:
    def register_script(self, _: str) -> Any:
        return namedtuple("Script", "sha")("")

    async def delete(self, key: str) -> None:
        """Of a group that is gone."""
        self.deleted = key


@pytest.fixture
def rig() -> Rig:
    found = Rig()
    for queue, waits in FIRST.items():
        found.read(f"queue:{queue}", record(queue, waits))
    return found


def test_tallies_are_added_and_divided_once(rig: Rig) -> None:
    total = rig.written()["total"].fields
    assert total["15m.offered"] == 5
    assert total["15m.asa_s"] == pytest.approx((10 + 30 + 5 + 6 + 7) / 5)
    assert total["15m.service_level"] == pytest.approx(4 / 5)  # the mean of 1/2 and 3/3 would be 0.75


def test_the_total_reaches_as_far_as_its_slowest_partition(rig: Rig) -> None:
    rig.read("queue:late", record("late", ((0.0, 1.0),), partition=1))
    rig.read("as_of:0", AsOf(1, 0, NOON + 90_000, NOON + 90_000, (1, 9)))
    assert rig.written()["total"].event_time_ms == NOON + 60_000
    rig.read("as_of:1", AsOf(1, 1, NOON + 80_000, NOON + 90_000, (1, 9)))
    assert rig.written()["total"].event_time_ms == NOON + 80_000


def test_an_older_record_does_not_come_back(rig: Rig) -> None:
    rig.read("queue:sales", record("sales", ((0.0, 1.0),), version=(1, 0)))
    assert rig.written()["total"].fields["15m.offered"] == 5


def test_a_new_group_is_believed_after_a_silence_longer_than_the_ttl(rig: Rig) -> None:
    rig.read("queue:sales", record("sales", ((0.0, 1.0),), version=(0, 1), written_at_ms=NOON + 91_000))
    assert rig.written()["total"].fields["15m.offered"] == 4


def test_nothing_is_published_before_the_end_that_was_seen_at_assignment() -> None:
    rig = Rig()
    rig.part.end = 2
    rig.read("queue:sales", record("sales", FIRST["sales"]))
    assert rig.written() == {}
    rig.read("queue:support", record("support", FIRST["support"]))
    assert rig.written()["total"].fields["15m.offered"] == 5


def test_a_group_has_its_queues_and_their_people_once() -> None:
    rig = Rig(groups={"front": {"queues": ["s*"]}, "nobody": {"queues": ["x"]}})
    for queue in ("sales", "support", "billing"):
        rig.read(f"queue:{queue}", record(queue, ((0.0, 10.0),)))
    people = [("a", "ready", NOON, ("sales", "support")), ("b", "talking", NOON, ("billing",))]
    rig.read("agents:0", People(1, 0, NOON, (1, 1), people))
    written = rig.written()
    assert set(written) == {"total", "front"}
    assert written["front"].fields["15m.offered"] == 2
    assert [written[name].fields["now.agents.ready"] for name in ("front", "total")] == [1, 1]
    assert [written[name].fields["now.agents.talking"] for name in ("front", "total")] == [0, 1]


def test_yesterday_s_quiet_queue_adds_nothing_to_today(rig: Rig) -> None:
    tomorrow = NOON + 86_400_000
    rig.read("as_of:0", AsOf(1, 0, tomorrow, tomorrow, (1, 9)))
    total = rig.written(tomorrow)["total"].fields
    assert total["day.offered"] == total["interval.offered"] == 0
    assert total["all.offered"] == 5


def test_a_tombstone_removes_a_queue_and_our_own_records_are_passed_over(rig: Rig) -> None:
    rig.read("queue:sales", None)
    rig.read("total", {"v": 1})
    rig.read("group:front", {"v": 1})
    assert rig.written()["total"].fields["15m.offered"] == 3
    assert rig.current._client.deleted == "callpulse:{main}:group:front"  # the settings have no such group


def test_a_tombstone_of_another_kind_removes_no_queue_of_that_name(rig: Rig) -> None:
    rig.read("agents:sales", None)
    rig.read("as_of:support", None)
    assert rig.written()["total"].fields["15m.offered"] == 5


def test_a_record_that_is_not_understood_is_passed_over(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.read("queue:sales", {"v": 1, "queue": 7})
    assert rig.written()["total"].fields["15m.offered"] == 5
    assert "not understood" in caplog.text


def test_without_news_the_total_is_written_once_per_cadence(rig: Rig) -> None:
    first = rig.written(NOON)["total"].version
    assert rig.written(NOON + 4_999)["total"].version == first
    assert rig.written(NOON + 5_000)["total"].version > first


def test_who_lost_the_topic_publishes_no_more(rig: Rig) -> None:
    rig.totals.lost()
    assert rig.written() == {}


async def test_who_gets_the_topic_in_the_middle_of_adding_up_publishes_no_part_of_it() -> None:
    rig = Rig(groups={"front": {"queues": ["s*"]}})
    rig.read("queue:sales", record("sales", FIRST["sales"]))
    adding = asyncio.create_task(rig.totals.round(NOON + 61_000))
    await asyncio.sleep(0)  # it begins, and lets events have their turn
    rig.part = Part(0, 0, 2, end=2)
    rig.totals.ready(rig.part)
    rig.read("queue:sales", record("sales", FIRST["sales"]))
    await adding
    assert rig.current._pending == {}


@pytest.mark.parametrize(
    ("took_s", "rest"),
    [
        (0.0, PACE_S),
        (0.1, 0.9),  # a tenth of the time for adding up, nine for events
        (10.0, LONGEST_REST_S),  # so did the process: it stood still in the middle of a round
    ],
)
def test_the_next_round_waits_for_events_but_not_for_long(took_s: float, rest: float) -> None:
    assert rest_s(took_s) == pytest.approx(rest)
