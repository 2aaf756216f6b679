"""The day of a board and the half hour of its tiles, added together from what Redis holds of each queue."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpulse.board.adding import MINUTE_MS, added, course, sums
from callpulse.board.bands import bands
from callpulse.board.levels import Target
from callpulse.board.view import board
from callpulse.current.alerts import Alerts
from callpulse.current.parts import Interval, Minutes, Parts
from callpulse.current.transitions import Move
from callpulse.wallboard.day import bars, drawn
from callpulse.wallboard.wall import wall
from tests.core.readings import AT, OPEN, picture, reading
from tests.core.test_wall import ALL, ZONE, busy, shown

MINUTE = AT - AT % MINUTE_MS
QUARTER = 900_000
FIRST = AT - 4 * QUARTER


def minutes(ago: int, n: int, level: float, waiting: int = 0, abandoned: int = 0) -> Minutes:
    """45 minutes until `ago` minutes before now: in each so many, of that level, each answered after 10 s."""
    each = (n,) * 45
    return Minutes(
        start_ms=MINUTE - (44 + ago) * MINUTE_MS, level=(level if n else None,) * 45, level_n=each,
        contacts_waiting=(waiting,) * 45, answered=(n - abandoned,) * 45, abandoned=(abandoned,) * 45,
        exited=(0,) * 45, wait_ms=((n - abandoned) * 10_000,) * 45, handled=each, handle_ms=(n * 60_000,) * 45,
    )  # fmt: skip


def test_the_half_hour_is_there_at_once_and_says_how_a_figure_moved() -> None:
    falling = reading(0.76, 40, asa_s=10.0, abandonment_rate=0.108)
    parts = Parts(minutes={"a": minutes(0, 30, 0.9, 2, 3)})
    level, asa, abandoned, waiting, handle = shown(picture({"a": falling}, total=falling), parts=parts).tiles
    assert (level.lines[1], abandoned.lines[1]) == ("▾ 14 pts in 15 min", "▴ 0.8 pts in 15 min")
    assert asa.lines[1] == "unchanged in 15 min"
    assert [tile.spark and tile.spark.points[:30] for tile in (level, asa, abandoned, waiting, handle)] == [
        (0.9,) * 30, (10.0,) * 30, (0.1,) * 30, (2,) * 30, (60.0,) * 30,
    ]  # fmt: skip
    assert level.spark
    assert level.spark.points[30] == 0.76


def test_minutes_of_queues_are_added_and_divided_once_and_a_queue_behind_adds_what_it_has() -> None:
    two = course(sums([minutes(0, 30, 0.9, 2), minutes(0, 10, 0.5, 1)], AT))
    assert two["service_level"] == (pytest.approx(32 / 40),) * 30
    assert two["contacts_waiting"] == (3,) * 30
    late = course(sums([minutes(0, 30, 0.9, 2), minutes(10, 10, 0.5, 1)], AT))
    assert (late["service_level"][0], late["service_level"][29]) == (
        pytest.approx(32 / 40), pytest.approx((15 * 27 + 6 * 5) / (15 * 30 + 6 * 10))
    )  # fmt: skip
    assert late["contacts_waiting"][29] == 3


def test_of_minutes_in_which_nobody_was_counted_there_is_no_point() -> None:
    none = course(sums([minutes(0, 0, 0.0)], AT))
    assert {none[kpi] for kpi in ("service_level", "asa_s", "abandonment_rate", "aht_s")} == {(None,) * 30}
    assert course(sums([], AT))["contacts_waiting"] == (None,) * 30


def interval(place: int, n: int, met: int, **more: Any) -> Interval:
    """The one that began so many quarters after 16:00; at 17:00 it is now."""
    start = FIRST + place * QUARTER
    return Interval(start_ms=start, end_ms=start + QUARTER, offered=n, level=met / n if n else None, level_n=n, **more)


def test_the_day_begins_with_the_first_call_of_the_board() -> None:
    parts = Parts(
        intervals={
            "a": (interval(0, 0, 0), interval(1, 4, 2), interval(2, 0, 0), interval(3, 10, 9, provisional=True)),
            "b": (interval(0, 0, 0), interval(1, 0, 0), interval(2, 6, 3), interval(3, 0, 0, provisional=True)),
        }
    )
    found = shown(picture({"a": busy(), "b": busy()}, total=busy()), parts=parts)
    assert [(bar.share, bar.kind) for bar in found.rows["a"].day] == [(0.5, "missed"), (None, "none"), (0.9, "running")]
    assert [(bar.share, bar.kind) for bar in found.rows["b"].day] == [
        (None, "none"),
        (0.5, "missed"),
        (None, "running"),
    ]
    assert [bar.said for bar in found.rows["a"].day] == ["16:15: 50 %, n 4", "16:30: –", "16:45: 90 %, n 10"]
    assert found.rows["a"].day[0].start_ms == FIRST + QUARTER
    assert (found.axes.get("day"), found.interval.ticks) == (None, ())


def test_the_day_of_a_board_is_added_tallies_each_queue_by_its_own_t() -> None:
    parts = Parts(
        intervals={
            "a": (interval(0, 90, 81), interval(1, 4, 2), interval(2, 5, 5, provisional=True)),
            "b": (interval(0, 10, 1), interval(1, 0, 0)),
            "gone": (interval(0, 1000, 0),),
        }
    )
    seen = picture({"a": busy(), "b": busy()}, total=busy(), gone={"gone": AT - 60_000})
    found = shown(seen, parts=parts).interval
    assert [(bar.share, bar.kind) for bar in found.bars] == [(0.82, "met"), (0.5, "missed"), (1.0, "running")]
    assert found.title == "Interval and day · service level of arrivals · 2 of 3 queues"
    assert found.ticks == ((0.0, "16:00"),)


def test_a_queue_whose_worker_gives_ratios_alone_is_left_out_of_the_bars_and_that_is_said() -> None:
    old = (msgspec.structs.replace(interval(0, 10, 0), level_n=None),)
    parts = Parts(intervals={"a": (interval(0, 10, 9),), "old": old})
    found = shown(picture({"a": busy(), "old": busy()}, total=busy()), parts=parts).interval
    assert ([bar.share for bar in found.bars], found.title[-15:]) == ([0.9], "· 1 of 2 queues")


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50), st.integers(0, 50)), max_size=30))
def test_the_day_of_a_board_is_the_sum_of_its_queues_in_whatever_order(each: list[tuple[int, int, int]]) -> None:
    days = [tuple(interval(place, n, min(met, n)) for place in range(first, 5)) for first, n, met in each]
    found = added(days)
    assert found == added(reversed(days))
    assert [one.level_n for one in found] == [sum(day[0].offered for day in days)] * len(found)
    assert [one.met for one in found] == [sum(day[0].met for day in days)] * len(found)


LENGTHS_MS = st.lists(st.integers(0, 3_600_000), max_size=8)


@given(st.lists(st.tuples(LENGTHS_MS, LENGTHS_MS), max_size=12))
def test_means_of_the_day_are_those_that_the_worker_would_make_to_the_last_digit(
    each: list[tuple[list[int], list[int]]],
) -> None:
    """Waits and handle times in ms; the worker adds them all and divides once."""

    def mean(of_ms: list[int]) -> float | None:
        return sum(of_ms) / 1000 / len(of_ms) if of_ms else None

    def queue(waits: list[int], handled: list[int]) -> tuple[Interval, ...]:
        counts = {"answered": len(waits), "handled": len(handled)}
        return (interval(0, len(waits), 0, asa_s=mean(waits), aht_s=mean(handled), **counts),)

    days = [queue(*one) for one in each]
    found = added(days)
    assert found == added(reversed(days))
    waits, handled = ([ms for one in each for ms in one[at]] for at in (0, 1))
    assert [(one.asa_s, one.aht_s) for one in found] == [(mean(waits), mean(handled))] * len(found)


@pytest.mark.parametrize("mean", ["asa_s", "aht_s"])
@pytest.mark.parametrize("value", [-1.0, 1e308])
def test_a_mean_that_cannot_be_is_refused(mean: str, value: float) -> None:
    raw = msgspec.json.encode({"start_ms": 0, mean: value})
    with pytest.raises(msgspec.ValidationError, match=mean):
        msgspec.json.decode(raw, type=Interval)


def test_a_closed_board_shows_how_its_day_was() -> None:
    day = {"day_service_level": 0.84, "day_service_level.n": 312, "day_asa_s": 14.0, "day_asa_s.n": 300}
    quiet = reading(0.2, offered=0, **day)
    state = board(picture({"a": quiet}, total=quiet), hours=lambda _: OPEN)
    parts = Parts(intervals={"a": (interval(0, 10, 9),)})
    found = wall(ALL, state, drawn(parts, state, ZONE), "en", ZONE)
    level, asa, abandoned, waiting, _ = found.tiles
    assert (level.state, level.word, level.value.text) == ("closed", "CLOSED", "84")
    assert (level.lines, level.spark) == (("target ≥ 80 % in 20 s · n 312", "today"), None)
    assert (asa.value.text, asa.lines) == ("14", ("target ≤ 20 s · n 300", "today"))
    assert (abandoned.value.text, abandoned.why) == ("–", "no calls today")
    said = "closed since 16:00 · day 84 %, n 312 · opens Tue 09:00"
    assert (waiting.value.text, waiting.why) == ("–", said)
    assert (found.rows["a"].state, found.rows["a"].sentence, found.total.sentence) == ("closed", said, said)
    assert [bar.share for bar in found.rows["a"].day] == [0.9]
    assert (found.interval.value, found.interval.sentence, found.interval.day) == (
        "–", "closed since 16:00", "day 84 % · n 312"
    )  # fmt: skip
    assert [(count.state, count.count) for count in found.header.counts] == [("closed", 1)]


def test_the_bars_have_room_until_the_last_queue_closes() -> None:
    parts = Parts(intervals={"a": (interval(0, 10, 9), interval(1, 10, 9, provisional=True))})
    state = board(picture({"a": busy()}))
    day = drawn(parts, state, ZONE, FIRST + 4 * QUARTER)
    assert [bar.kind for bar in day.rows["a"]] == ["met", "running", "ahead", "ahead"]


def test_alerts_of_a_queue_are_bands_below_its_day_the_worst_of_its_rules() -> None:
    moves = [
        Move(FIRST + QUARTER // 2, "a", "late", "warning"),
        Move(FIRST + QUARTER, "a", "lost", "critical"),
        Move(FIRST + QUARTER, "b", "late", "warning"),
        Move(FIRST + 2 * QUARTER, "a", "lost", "none"),
        Move(FIRST + 3 * QUARTER, "a", "late", "none"),
    ]
    parts = Parts(intervals={name: tuple(interval(place, 4, 4) for place in range(4)) for name in "ab"})
    state = board(picture({"a": busy(), "b": busy()}, alerts=Alerts()))
    found = drawn(parts, state, ZONE, None, moves).bands
    assert found["a"] == (
        (0.125, 0.25, "watch", "16:07–16:15"), (0.25, 0.5, "act", "16:15–16:30"), (0.5, 0.75, "watch", "16:30–16:45"),
    )  # fmt: skip
    assert found["b"] == ((0.25, 0.9997, "watch", "16:15–"),)
    assert wall(ALL, state, drawn(parts, state, ZONE, None, moves), "en", ZONE).rows["a"].bands == found["a"]
    nobody = drawn(parts, board(picture({"a": busy(), "b": busy()})), ZONE, None, moves).bands
    assert nobody["b"] == ((0.25, 0.75, "watch", "16:15–"),)  # nobody judges any more: until the last that was heard


MOVES = st.lists(
    st.builds(
        Move, st.integers(0, 50), st.just("a"), st.sampled_from("xy"), st.sampled_from(["none", "warning", "critical"])
    )
)


@given(MOVES, st.integers(0, 50))
def test_at_any_time_a_band_says_the_worst_that_stood(moves: list[Move], at: int) -> None:
    moves = sorted(moves, key=lambda move: move.at_ms)
    stood = {move.rule: move.new for move in moves if move.at_ms <= at}
    worst = next((each for each in ("critical", "warning") if each in stood.values()), None)
    found = bands([move for move in moves if move.queue == "a"])
    here = [band.severity for band in found if band.from_ms <= at < (band.until_ms or 99)]
    assert here == ([worst] if worst else [])


@pytest.mark.parametrize(
    ("level", "n", "under"), [(0.2, 9, False), (0.7, 18, False), (0.2, 10, True), (0.9, 60, False)]
)
def test_an_interval_that_runs_is_painted_only_with_enough_evidence(level: float, n: int, under: bool) -> None:
    fields = {"offered": n, "level": level, "level_n": n, "provisional": True}
    day = (Interval(start_ms=FIRST, end_ms=FIRST + QUARTER, **fields),)
    (bar,) = bars(day, [(FIRST, FIRST + QUARTER)], Target(), ZONE)
    assert (bar.kind, bar.under) == ("running", under)
