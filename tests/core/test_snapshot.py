"""What leaves the worker, by example: windows, people, and what is shown beside the figures."""

from typing import Any

import msgspec
import pytest

from callpulse.stream.core import details
from callpulse.stream.core import events as ev
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.events import AgentState
from callpulse.stream.core.kpis import Figure, Policy
from callpulse.stream.core.limits import HOUR_MS, Limits
from callpulse.stream.core.minutes import MinuteStrip
from callpulse.stream.core.roster import EVERYBODY, Presence, RosterBook
from callpulse.stream.core.snapshot import QueueView, WindowReader, figures, part, view
from callpulse.stream.core.tally import OFFERED
from callpulse.stream.core.windows import INTERVAL_MS, LIVE_MS, MINUTE_MS, Calendar

NOON = 1_795_262_400_000  # 2026-11-21T12:00Z
UTC = Calendar()


def book(*events: Any) -> CallBook:
    kept = CallBook(Limits(), NOON - HOUR_MS)
    for offset, event in enumerate(events):
        kept.take(event, offset)
        kept.settle(offset)
    return kept


def enqueued(at_ms: int, contact: str, queue: str = "sales") -> ev.Enqueued:
    return ev.Enqueued(at=at_ms, queue=queue, contact_id=contact)


def connected(at_ms: int, contact: str, wait_s: float, queue: str = "sales") -> ev.Connected:
    return ev.Connected(at=at_ms, queue=queue, contact_id=contact, wait_s=wait_s)


def seen(kept: CallBook, queue: str = "sales", policy: Policy | None = None, *rosters: RosterBook) -> QueueView:
    return view(WindowReader(kept, UTC), rosters, queue, policy or Policy(), kept.clock_ms)


def test_a_rolling_window_forgets_what_the_day_remembers() -> None:
    kept = book(connected(NOON, "1", 5), ev.Heartbeat(at=NOON + 6 * MINUTE_MS))
    board = figures([seen(kept)])
    assert board["5m"]["service_level"] == Figure(None, 0)
    assert board["15m"]["service_level"] == board["day"]["service_level"] == Figure(1.0, 1)
    assert board["interval"]["offered"].value == 0  # it arrived in the quarter before noon
    assert board["all"]["offered"].value == 1


def test_who_waits_past_t_lowers_the_level_at_once() -> None:
    kept = book(connected(NOON, "1", 5), enqueued(NOON, "2"), ev.Heartbeat(at=NOON + 20_000))
    assert figures([seen(kept)])["5m"]["service_level_live"] == Figure(1.0, 1)
    assert figures([seen(kept, policy=Policy(boundary="lt"))])["5m"]["service_level_live"] == Figure(0.5, 2)
    later = book(connected(NOON, "1", 5), enqueued(NOON, "2"), ev.Heartbeat(at=NOON + 20_001))
    assert figures([seen(later)])["5m"]["service_level_live"] == Figure(0.5, 2)


def test_now_tells_who_waits_and_since_when() -> None:
    kept = book(enqueued(NOON, "1"), enqueued(NOON + 5_000, "2"))
    now = figures([seen(kept)])["now"]
    assert now["contacts_waiting"] == Figure(2, None)
    assert (now["longest_wait_s"], now["longest_wait_start_ms"]) == (Figure(5.0, None), Figure(NOON, None))
    quiet = figures([seen(book(connected(NOON, "1", 5)))])["now"]
    assert quiet["contacts_waiting"] == Figure(0, None)
    assert "longest_wait_s" not in quiet


def roster(*changes: tuple[int, str, str]) -> RosterBook:
    kept = RosterBook(Limits(), NOON)
    for offset, (at, agent, state) in enumerate(changes):
        for queue in ("sales", EVERYBODY):
            event = AgentState(at=NOON + at, agent=agent, state=state, queues=("sales",), queue=queue)  # type: ignore[arg-type]
            kept.take(event, 2 * offset + (queue == EVERYBODY))
    return kept


def test_people_and_their_time() -> None:
    people = roster((0, "7", "ready"), (0, "8", "talking"), (30_000, "7", "not_ready"))
    kept = book(enqueued(NOON, "1"), ev.Heartbeat(at=NOON + 60_000))
    board = figures([seen(kept, "sales", None, people, RosterBook(Limits(), NOON))])
    assert board["5m"]["occupancy"] == Figure(60 / 90, 90)
    assert "occupancy" not in board["all"]
    assert {name: f.value for name, f in board["now"].items() if name.startswith("agents.")} == {
        "agents.ready": 0,
        "agents.ringing": 0,
        "agents.talking": 1,
        "agents.hold": 0,
        "agents.wrapup": 0,
        "agents.not_ready": 1,
    }


def test_a_total_adds_queues_and_counts_each_person_once() -> None:
    kept = book(connected(NOON, "1", 5), connected(NOON, "2", 25, "help"))
    people = seen(kept, EVERYBODY, None, roster((0, "7", "ready")))
    board = figures([seen(kept, "sales"), seen(kept, "help")], people)
    assert board["5m"]["service_level"] == Figure(0.5, 2)
    assert board["now"]["agents.ready"].value == 1


def test_json_has_n_only_where_there_is_a_denominator() -> None:
    told = msgspec.to_builtins({"5m": {"service_level": Figure(None, 0), "offered": Figure(3, None)}})
    assert told == {"5m": {"service_level": {"value": None, "n": 0}, "offered": {"value": 3}}}


def test_a_queue_that_nobody_has_heard_of_is_empty() -> None:
    board = figures([seen(book(), "nowhere")])
    assert board["all"]["offered"].value == 0
    assert board["all"]["ledger_residual"].value == 0


def test_the_first_event_of_all_is_seen_though_it_comes_in_a_settled_hour() -> None:
    kept = book()
    reader = WindowReader(kept, UTC)
    kept.clock_ms = NOON
    spans = reader.spans(NOON)
    assert reader.tallies("sales", spans, NOON)["day"] == {}
    kept.take(enqueued(NOON - 3 * HOUR_MS, "1"), 0)
    kept.settle(0)
    assert reader.tallies("sales", spans, NOON)["day"] == {OFFERED: 1}


@pytest.mark.parametrize("ago_s", [0, 5, 10, 20, 30])
@pytest.mark.parametrize("ahead_s", [0, 15, 40])  # people of all queues are read at the newest clock of all partitions
def test_what_comes_a_few_panes_late_is_seen_at_once(ago_s: int, ahead_s: int) -> None:
    kept = book(enqueued(NOON - MINUTE_MS, "1"), ev.Heartbeat(at=NOON + 5_000))
    reader, as_of = WindowReader(kept, UTC), NOON + 5_000 + ahead_s * 1000
    spans = reader.spans(as_of)
    assert reader.tallies("sales", spans, as_of)["5m"] == {OFFERED: 1}
    kept.take(enqueued(NOON + 5_000 - ago_s * 1000, "2"), 2)
    kept.settle(2)
    assert reader.tallies("sales", spans, as_of)["5m"] == {OFFERED: 2}


def test_kept_sums_of_cells_that_are_gone_are_dropped() -> None:
    kept = book(enqueued(NOON, "1"))
    reader = WindowReader(kept, UTC)
    reader.tallies("sales", reader.spans(NOON), NOON)
    kept.live.clear()
    reader.forget()
    assert reader.tallies("sales", reader.spans(NOON), NOON)["1h"] == {}


def test_the_share_of_a_queue_in_a_cohort_is_who_arrived_in_it() -> None:
    kept = book(enqueued(NOON - 1, "1"), enqueued(NOON, "2"), ev.Heartbeat(at=NOON + 30_000))
    shown = seen(kept)
    assert [part(shown, window).waiting for window in ("5m", "interval", "day", "all")] == [None, 1, 2, 2]
    assert [part(shown, window).waiting_past_t for window in ("5m", "interval", "day", "all")] == [2, 1, 2, 2]


def decoded(rows: list[msgspec.Raw]) -> list[dict[str, Any]]:
    return [msgspec.json.decode(row) for row in rows]


def test_the_intervals_of_the_day_so_far() -> None:
    kept = book(connected(NOON, "1", 5), enqueued(NOON + INTERVAL_MS, "2"), ev.Heartbeat(at=NOON + 2 * INTERVAL_MS))
    strip = details.IntervalStrip(WindowReader(kept, UTC))
    rows = decoded(strip.rows("sales", Policy(), kept.clock_ms))
    assert len(rows) == 51
    assert [row["offered"] for row in rows[-4:]] == [1, 0, 1, 0]
    assert [row["provisional"] for row in rows[-4:]] == [False, False, True, True]
    assert rows[-4]["service_level"] == 1.0
    assert rows[-3]["service_level"] is None
    kept.take(ev.Abandoned(at=NOON + 2 * INTERVAL_MS, queue="sales", contact_id="2"), 9)
    kept.settle(9)
    again = decoded(strip.rows("sales", Policy(), kept.clock_ms))
    assert again[:-2] == rows[:-2]
    assert (again[-2]["abandoned"], again[-2]["provisional"]) == (1, False)


def test_the_last_interval_of_the_day_is_the_last_row() -> None:
    kept = book(ev.Heartbeat(at=NOON + 12 * HOUR_MS - 1))
    assert len(details.IntervalStrip(WindowReader(kept, UTC)).rows("sales", Policy(), kept.clock_ms)) == 96


def test_the_last_minutes_one_by_one_with_what_a_reader_adds() -> None:
    kept = book(
        connected(NOON, "1", 5),
        connected(NOON + LIVE_MS, "2", 50),
        ev.Ended(at=NOON + LIVE_MS + 30_000, queue="sales", contact_id="2", talk_s=20),
        enqueued(NOON + LIVE_MS + 61_000, "3"),
        ev.Heartbeat(at=NOON + LIVE_MS + 70_000),
    )
    spark = MinuteStrip(WindowReader(kept, UTC)).rows("sales", Policy(), kept.clock_ms)
    assert (spark["start_ms"], spark["step_ms"]) == (NOON - 33 * MINUTE_MS, MINUTE_MS)
    assert {len(spark[name]) for name in spark if not name.endswith("_ms") or isinstance(spark[name], list)} == {45}
    assert [level for level in spark["service_level"] if level is not None] == [1.0, 0.0]
    assert (spark["service_level"][33], spark["service_level.n"][33]) == (1.0, 1)
    assert (spark["service_level"][43], spark["answered"][43], spark["wait_ms"][43]) == (0.0, 1, 50_000)
    assert [minute for minute, offered in enumerate(spark["offered"]) if offered] == [32, 42, 44]
    assert (spark["handled"][43], spark["handle_ms"][43]) == (1, 20_000)
    assert spark["contacts_waiting"][-4:] == [0, 1, 0, 1]
    assert spark["contacts_waiting"][31:34] == [0, 1, 0]


def test_an_interval_holds_all_that_its_formulas_need() -> None:
    kept = book(
        connected(NOON + 30_000, "1", 5),
        ev.Abandoned(at=NOON + 40_000, queue="sales", contact_id="2", wait_s=3),
        ev.Abandoned(at=NOON + 50_000, queue="sales", contact_id="3", wait_s=10),
        ev.Exited(at=NOON + 60_000, queue="sales", contact_id="4", wait_s=30, cause="key"),
    )
    row = decoded(details.IntervalStrip(WindowReader(kept, UTC)).rows("sales", Policy(), kept.clock_ms))[-1]
    assert (row["answered"], row["answered_within_t"], row["abandoned"], row["abandoned_within_t"]) == (1, 1, 2, 2)
    assert (row["abandoned_short"], row["exits"], row["service_level.n"]) == (1, {"key": 1}, 4)


def test_the_worst_contacts_first_those_who_wait_included() -> None:
    kept = book(
        enqueued(NOON, "waits"),
        connected(NOON + 30_000, "quick", 10),
        ev.Lost(at=NOON + 40_000, queue="sales", contact_id="nobody"),
        ev.Abandoned(at=NOON + 40_000, queue="sales", contact_id="left", wait_s=50),
        connected(NOON + 40_000, "at once", 0),
    )
    rows = details.worst(WindowReader(kept, UTC), "sales", kept.clock_ms)
    assert [(row["contact_id"], row["outcome"], row["wait_ms"]) for row in rows] == [
        ("left", "abandoned", 50_000),
        ("waits", "waiting", 40_000),
        ("quick", "answered", 10_000),
    ]


def test_agents_are_shown_as_they_are() -> None:
    shown = details.agents([Presence("7", "ready", NOON, "lunch over")])
    assert shown == [{"agent": "7", "state": "ready", "since_ms": NOON, "reason": "lunch over"}]
