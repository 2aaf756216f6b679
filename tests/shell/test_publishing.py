"""What a round of the publisher puts, without Redis and without a broker."""

import asyncio
from collections import namedtuple
from typing import Any

from callpulse.current.keys import Keys
from callpulse.settings import Settings
from callpulse.stream import codecs
from callpulse.stream.calls import Calls
from callpulse.stream.core import events as ev
from callpulse.stream.core.limits import Limits
from callpulse.stream.core.windows import Calendar
from callpulse.stream.core.wire import encode
from callpulse.stream.current import CurrentWriter
from callpulse.stream.kpi_topic import KpiTopic
from callpulse.stream.outbox import Outbox
from callpulse.stream.partitioning import partition_of
from callpulse.stream.pseudonyms import AgentNames
from callpulse.stream.publishing import Publisher
from callpulse.stream.refusals import Refusals
from callpulse.stream.rosters import Rosters
from callpulse.stream.transport import Batch, Part
from callpulse.stream.transport.cellstore import CellStore
from callpulse.stream.versions import Versions
from callpulse.stream.viewing import Viewing

NOON = 1_795_348_800_000
PARTITIONS = 8
P = partition_of("sales", PARTITIONS)
Record = namedtuple("Record", "topic partition offset key value timestamp")
Nobody = namedtuple("Nobody", "books")


def stores(**shapes: Any) -> Any:
    made = tuple(CellStore(name, codec, 1 << 20) for name, codec in shapes.items())
    for table in made:
        table.open(P)
    return made


class Rig:
    """A publisher over the books of one partition, with a writer that is never flushed."""

    def __init__(self) -> None:
        refusals, limits = Refusals(Outbox(None), "rejected", AgentNames()), Limits(max_future_ms=None)
        tables = stores(live=codecs.LIVE, intervals=codecs.INTERVALS, totals=codecs.TOTALS, contacts=codecs.CONTACTS)
        rosters = stores(live=codecs.LIVE, intervals=codecs.INTERVALS, members=codecs.QUEUE_AGENTS)
        self.calls = Calls("calls", tables, refusals, limits, Calendar(), PARTITIONS)
        self.part = Part(0, 0, 1)
        self.calls.ready(P, self.part)
        viewing = Viewing(self.calls, Rosters("queue-agents", rosters, refusals, limits), Settings())
        self.topic = KpiTopic(None, "kpis", Nobody({}), writer="w", names=AgentNames(shown=True))  # type: ignore[arg-type]  # never sends
        self.current = CurrentWriter(_NeverAsked(), Keys("main"))  # type: ignore[arg-type]  # never flushed
        self.publisher = Publisher(viewing, self.current, self.topic, Versions(lambda: 1), Settings(), "w")

    def apply(self, *events: ev.Call) -> None:
        start = self.part.next
        records = [Record("calls", P, start + i, None, encode(event), event.at) for i, event in enumerate(events)]
        self.calls.apply(Batch(records, "calls", P, start, 1), self.part)


class _NeverAsked:
    def register_script(self, _: str) -> Any:
        return namedtuple("Script", "sha")("")


async def test_heartbeats_go_on_while_many_queues_are_published() -> None:
    """Else the board, which sees the figures go on, would take the source for silent."""
    rig = Rig()
    rig.apply(
        ev.Heartbeat(at=NOON, source="pbx"),
        *(ev.Enqueued(at=NOON, queue=queue, contact_id="1", source="pbx") for queue in ("sales", *neighbours("sales"))),
    )
    publishing = asyncio.create_task(rig.publisher.round(NOON))
    await asyncio.sleep(0)  # the first queue is published
    rig.apply(ev.Heartbeat(at=NOON + 1000, source="pbx"))
    await publishing
    assert {name for _, name in rig.current._pending} == {"sales", *neighbours("sales")}
    assert rig.current._heartbeats == {"pbx": NOON + 1000}


async def test_what_comes_just_before_its_turn_is_news_for_the_topic_too() -> None:
    rig, last = Rig(), max("sales", *neighbours("sales"))
    rig.apply(*(ev.Enqueued(at=NOON, queue=queue, contact_id="1") for queue in ("sales", *neighbours("sales"))))
    await rig.publisher.round(NOON)
    assert rig.topic._unsent[f"queue:{last}"].waiting == (NOON,)
    publishing = asyncio.create_task(rig.publisher.round(NOON + 10_000))  # a cadence later
    await asyncio.sleep(0)  # the first queue is published
    rig.apply(ev.Abandoned(at=NOON + 900, queue=last, contact_id="1"))
    await publishing
    assert rig.topic._unsent[f"queue:{last}"].waiting == ()


async def test_a_partition_that_goes_to_another_worker_during_a_round_is_told_no_more() -> None:
    rig = Rig()
    rig.apply(*(ev.Enqueued(at=NOON, queue=queue, contact_id="1") for queue in ("sales", *neighbours("sales"))))
    publishing = asyncio.create_task(rig.publisher.round(NOON))
    await asyncio.sleep(0)  # the first queue is published
    rig.calls.lost(P)
    assert await publishing
    assert f"as_of:{P}" not in rig.topic._unsent


async def test_a_wait_that_passes_t_is_news_when_it_does() -> None:
    rig = Rig()
    rig.apply(ev.Enqueued(at=NOON + 3000, queue="sales", contact_id="1"))
    await rig.publisher.round(NOON)
    rig.apply(ev.Heartbeat(at=NOON + 20_000, source="pbx"))
    await rig.publisher.round(NOON)
    for at, misses in ((NOON + 23_000, None), (NOON + 23_001, 0.0), (NOON + 23_002, None)):
        rig.current._pending.clear()
        rig.apply(ev.Heartbeat(at=at, source="pbx"))
        await rig.publisher.round(NOON + 100)  # long before the cadence has passed
        found = rig.current._pending.get(("queue", "sales"))
        assert (found is None) == (misses is None)
        assert found is None or found.fields["15m.service_level_live"] == misses


def neighbours(queue: str, many: int = 2) -> list[str]:
    """Other queues of its partition."""
    place = partition_of(queue, PARTITIONS)
    return [name for name in map(str, range(2000)) if partition_of(name, PARTITIONS) == place][:many]


async def test_news_comes_before_what_is_only_kept_alive() -> None:
    rig = Rig()
    quiet = neighbours("sales", 60)
    rig.apply(*(ev.Enqueued(at=NOON, queue=queue, contact_id="1") for queue in quiet))
    await rig.publisher.round(NOON)
    rig.current._pending.clear()
    rig.apply(ev.Enqueued(at=NOON + 10_000, queue="sales", contact_id="2"))
    await rig.publisher.round(NOON + 10_000)
    published = [name for _, name in rig.current._pending]
    assert published[0] == "sales"
    assert 1 < len(published) < len(quiet)
    for number in range(1, 10):
        await rig.publisher.round(NOON + 10_000 + 100 * number)
    assert {name for _, name in rig.current._pending} == {"sales", *quiet}


async def test_of_the_news_that_which_nobody_shows_yet_comes_first() -> None:
    """Who takes over from a worker that died has to show its queues before those on show already."""
    rig, (*known, new) = Rig(), sorted(("sales", *neighbours("sales")))
    rig.apply(*(ev.Enqueued(at=NOON, queue=queue, contact_id="1") for queue in known))
    await rig.publisher.round(NOON)
    rig.current._pending.clear()
    rig.apply(*(ev.Enqueued(at=NOON + 1, queue=queue, contact_id="2") for queue in (*known, new)))
    await rig.publisher.round(NOON + 1)
    assert [name for _, name in rig.current._pending] == [new, *known]


async def test_the_topic_hears_of_a_quiet_queue_at_once_and_of_a_busy_one_once_a_second() -> None:
    rig, told = Rig(), []
    for at_ms in (0, 100, 500, 1000, 1040, 2100):
        rig.apply(ev.Enqueued(at=NOON + at_ms, queue="sales", contact_id=f"{at_ms}"))
        await rig.publisher.round(NOON + at_ms)
        if rig.topic._unsent.pop("queue:sales", None) is not None:
            told.append(at_ms)
    assert told == [0, 1000, 2100]


async def test_how_far_the_data_reaches_is_told_after_what_it_holds() -> None:
    """Who judges takes the newest record of a queue for true up to there: an alert that is over would stay."""
    rig = Rig()
    rig.apply(ev.Enqueued(at=NOON, queue="sales", contact_id="1"))
    await rig.publisher.round(NOON)
    rig.apply(ev.Enqueued(at=NOON + 700, queue="sales", contact_id="2"))
    await rig.publisher.round(NOON + 700)
    rig.topic._unsent.pop("queue:sales", None)  # sent: the queue is no quiet one
    rig.apply(ev.Abandoned(at=NOON + 900, queue="sales", contact_id="1"), ev.Heartbeat(at=NOON + 31_000, source="pbx"))
    await rig.publisher.round(NOON + 1100)
    keys = list(rig.topic._unsent)
    assert rig.topic._unsent[f"as_of:{P}"].as_of_ms == NOON + 31_000
    assert keys.index("queue:sales") < keys.index(f"as_of:{P}")
    assert rig.topic._unsent["queue:sales"].waiting == (NOON + 700,)


async def test_the_topic_hears_of_the_end_of_ten_seconds_in_which_something_happened_at_once() -> None:
    """Rules look at it then. In the next ten seconds nothing happens, and they are not told."""
    rig, told = Rig(), []
    come = ev.Enqueued(at=NOON + 3000, queue="sales", contact_id="1")
    left = ev.Abandoned(at=NOON + 4000, queue="sales", contact_id="1")
    rig.apply(come)
    await rig.publisher.round(NOON + 3000)
    rig.apply(left)
    await rig.publisher.round(NOON + 4000)
    rig.topic._unsent.clear()
    for at_ms in range(5000, 24_000, 100):
        rig.apply(ev.Heartbeat(at=NOON + at_ms, source="pbx"))
        rig.publisher._schedule.done("sales", NOON + at_ms)  # it is never kept alive here
        await rig.publisher.round(NOON + at_ms)
        if rig.topic._unsent.pop("queue:sales", None) is not None:
            told.append(at_ms)
    assert told == [10_000]


async def test_while_somebody_waits_the_topic_hears_of_each_end_of_ten_seconds() -> None:
    rig, told = Rig(), []
    rig.apply(ev.Enqueued(at=NOON + 3000, queue="sales", contact_id="1"))
    await rig.publisher.round(NOON + 3000)
    rig.topic._unsent.clear()
    for at_ms in range(5000, 44_000, 100):
        rig.apply(ev.Heartbeat(at=NOON + at_ms, source="pbx"))
        rig.publisher._schedule.done("sales", NOON + at_ms)
        await rig.publisher.round(NOON + at_ms)
        if rig.topic._unsent.pop("queue:sales", None) is not None:
            told.append(at_ms)
    assert [at_ms for at_ms in told if at_ms % 10_000 == 0] == [10_000, 20_000, 30_000, 40_000]


async def test_the_topic_hears_of_a_busy_queue_at_once_when_ten_seconds_end() -> None:
    """Rules look at it then, and who is woken by them should not wait for the rest of a second."""
    rig, told = Rig(), []
    for at_ms in range(8600, 12_000, 100):
        rig.apply(ev.Enqueued(at=NOON + at_ms, queue="sales", contact_id=f"{at_ms}"))
        await rig.publisher.round(NOON + at_ms)
        if rig.topic._unsent.pop("queue:sales", None) is not None:
            told.append(at_ms)
    assert told == [8600, 9600, 10_000, 10_600, 11_600]
