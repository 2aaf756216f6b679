"""`callpulse check` on real logs: every figure that was computed independently comes out, in order or not, at any
moment, and cut into any windows."""

import functools
import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callpulse.check.compute import By, Checked, figures
from callpulse.check.run import Report, Request, check
from callpulse.check.show import to_json
from callpulse.settings import Settings, Site
from callpulse.sources.reading import SourceOptions
from callpulse.stream.core.events import Enqueued
from callpulse.stream.core.snapshot import Figures
from tests import figures as known

BOGOTA = Settings(site=Site(zone="America/Bogota"))  # UTC-5 all year, as the help desk's clock
WINDOWS: tuple[By, ...] = get_args(By)
COUNTS = ("offered", "answered", "abandoned", "exited", "lost", "not_offered", "answered_within_t", "abandoned_short")
LEFT = {"CONNECT": "answered", "ABANDON": "abandoned", "EXITWITHTIMEOUT": "exited", "EXITEMPTY": "exited"}


def checked(path: Path, mapping: Path | None = None, chosen: Settings | None = None, **more: Any) -> Report:
    source = "csv" if mapping else "queue_log"
    request = Request(path=path, source=source, options=SourceOptions(mapping=mapping), **{"by": "all", **more})
    return check(request, chosen or Settings(), lambda _: None)


def values(found: Figures, window: str = "all") -> dict[str, Any]:
    return {name: figure.value for name, figure in found[window].items()}


def booked(events: list[Any], by: By = "all", at_ms: int | None = None) -> tuple[dict[str, Figures], Figures]:
    """The figures of events, in the order in which they are given."""
    book = Checked(BOGOTA.limits(), BOGOTA.calendar(), at_ms)
    for event in events:
        assert book.take(event) is None
    return figures(book, book.finish(BOGOTA.channel), by, BOGOTA.policy)


@functools.cache
def recorded(name: str) -> list[Any]:
    return known.events_of(known.ASTERISK if name == "asterisk" else known.help_desk())


@functools.cache
def lines(name: str) -> list[list[str]]:
    path = known.ASTERISK if name == "asterisk" else known.help_desk()
    return [line.split("|") for line in path.read_text().splitlines()]


# -- the bank's month


def test_every_row_of_the_bank_s_month_by_priority() -> None:
    report = checked(known.bank(), known.BANK_BY_PRIORITY)
    expected = known.bank_expected()
    assert sorted(report.queues) == sorted(expected["by_priority"])
    for queue, row in expected["by_priority"].items():
        known.assert_bank(values(report.queues[queue]), row)
    known.assert_bank(values(report.total), expected["all"])
    assert (report.lines, report.rejected, report.broken_off) == (expected["all"]["rows"] + 1, {}, "")


@pytest.fixture(scope="module")
def bank_json() -> Any:
    """What the command line prints of the bank's month."""
    command = ("check", str(known.bank()), "--mapping", str(known.BANK_BY_TYPE), "--by", "all", "--json")
    done = subprocess.run(
        [sys.executable, "-m", "callpulse", *command], capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_the_bank_s_total_to_the_digits(bank_json: Any) -> None:
    total = {name: figure["value"] for name, figure in bank_json["total"]["all"].items()}
    counts = {
        "offered": 31_125,
        "answered": 27_162,
        "abandoned": 3_963,
        "exited": 0,
        "lost": 0,
        "not_offered.menu": 1_941,
        "not_offered.phantom": 278,
        "ledger_residual": 0,
    }
    assert {name: total[name] for name in counts} == counts
    assert {name: round(total[name], 6) for name in ("asa_s", "talk_s")} == {"asa_s": 40.774317, "talk_s": 176.352993}
    shares = {
        "service_level": 52.0771,
        "service_level.abandons_missed.20": 52.0771,
        "service_level.answered_only.20": 59.6753,
        "service_level.abandons_met.20": 56.1157,
        "service_level.abandons_ignored_within_t.20": 54.2688,
        "service_level.short_ignored.20": 52.4461,
        "abandonment_rate": 12.7325,
        "abandonment_rate_corrected": 12.1142,
    }
    assert {name: round(100 * total[name], 4) for name in shares} == shares


def test_every_row_of_the_bank_s_month_by_type(bank_json: Any) -> None:
    expected = known.bank_expected()
    assert sorted(bank_json["queues"]) == sorted(expected["by_type"])
    for queue, row in expected["by_type"].items():
        found = {name: figure["value"] for name, figure in bank_json["queues"][queue]["all"].items()}
        known.assert_bank(found, row)
    assert bank_json["lines"]["read"] == expected["all"]["rows"] + 1
    assert bank_json["queues"]["PS"]["all"]["asa_s"]["n"] == expected["by_type"]["PS"]["answered"]


# -- the help desk's week


def assert_help_desk(found: dict[str, Any], row: dict[str, Any]) -> None:
    counts = {
        "offered": row["offered"],
        "answered": row["answered"],
        "abandoned": row["abandoned"],
        "answered_within_t": row["answered_within_T"],
        "abandoned_within_t": row["abandoned_within_T"],
        "abandoned_short": row["short_abandons_lt5"],
        "handled": row["calls_with_talk_time"],
    }
    assert {name: found[name] for name in counts} == counts
    assert found.get("exited.timeout", 0) == found["exited"] == row["exit_with_timeout"]
    assert found["ledger_residual"] == 0
    judged = row["answered"] + row["abandoned"] + row["exit_with_timeout"]
    ratios = {
        "asa_s": row["asa_mean"],
        "talk_s": row["aht_mean"],
        "service_level.answered_only.20": row["sl_answered_over_answered"],
        "service_level": row["answered_within_T"] / judged if judged else None,
        "abandonment_rate": row["abandoned"] / judged if judged else None,
    }
    for name, expected in ratios.items():
        assert found[name] == (expected if expected is None else pytest.approx(expected, abs=6e-7)), name
    if row["answered"]:
        assert abs(found["wait_p90_s"] - row["asa_p90_nearest_rank"]) <= 1


def test_the_help_desk_s_week() -> None:
    report = checked(known.help_desk(), chosen=BOGOTA)
    found = values(report.queues["IT"])
    assert_help_desk(found, known.help_desk_expected()["all"])
    assert round(found["asa_s"], 6) == 38.698925
    assert [found[n] for n in ("offered", "answered", "abandoned", "exited.timeout")] == [108, 93, 12, 1]
    assert values(report.total, "now")["contacts_waiting"] == 2
    assert (report.lines, report.rejected) == (1000, {})


def test_the_help_desk_s_days_on_its_own_clock() -> None:
    report = checked(known.help_desk(), chosen=BOGOTA, by="day")
    expected = known.help_desk_expected()["by_day_local_utc_minus_5"]
    found = {day: values(report.queues["IT"], day) for day in report.queues["IT"] if day != "now"}
    assert {day for day, figures_ in found.items() if figures_["offered"]} == set(expected)
    for day, row in expected.items():
        assert_help_desk(found[day], row)


def test_the_help_desk_s_hours_are_the_sums_of_its_quarters() -> None:
    report = checked(known.help_desk(), chosen=BOGOTA, by="interval")
    hours: Counter[tuple[str, str]] = Counter()
    for window in report.queues["IT"]:
        if window != "now":
            found, hour = values(report.queues["IT"], window), window[:13].replace("T", " ") + ":00"
            for name in ("offered", "answered", "abandoned", "answered_within_t", "wait_sum_s"):
                hours[hour, name] += found[name]
    for hour, row in known.help_desk_expected()["by_hour_local"].items():
        names = ("offered", "answered", "abandoned", "answered_within_t")
        theirs = [row["offered"], row["answered"], row["abandoned"], row["answered_within_T"]]
        assert [hours[hour, name] for name in names] == theirs
        if row["answered"]:
            assert hours[hour, "wait_sum_s"] / row["answered"] == pytest.approx(row["asa_mean"], abs=6e-7)


def test_who_still_waits_after_two_hours_is_lost_and_never_abandoned() -> None:
    end = max(event.at for event in recorded("help_desk"))
    _, total = booked(recorded("help_desk"), at_ms=end + 3 * 3_600_000)
    found = values(total)
    assert [found[n] for n in ("offered", "answered", "abandoned", "exited", "lost")] == [108, 93, 12, 1, 2]
    assert values(total, "now")["contacts_waiting"] == 0


# -- odd lines, and a crash


def test_every_odd_line_of_the_messy_log_is_accounted_for(tmp_path: Path) -> None:
    """Four calls. One entered six times over; two have a later part only, and the wait they state is their arrival;
    three more copies of an ending change nothing; two lines are blank and one names the number that was dialled."""
    messy = known.help_desk().with_name("messy.queue_log")
    report = checked(messy)
    found = values(report.queues["201"])
    assert [found[n] for n in ("offered", "answered", "abandoned", "exited", "lost")] == [4, 4, 0, 0, 0]
    assert found["wait_sum_s"] == 10 + 14 + 6 + 10
    assert found["handled"] == 3
    assert found["talk_sum_s"] == 122 + 228 + 406
    assert values(report.total, "now")["contacts_waiting"] == 0
    assert (report.lines, report.rejected, report.ignored) == (23, {}, {"(blank)": 2, "DID": 1})


def test_a_recorded_asterisk_and_the_eleven_that_its_crash_lost() -> None:
    report = checked(known.ASTERISK)
    for queue in ("sales", "support"):
        known.assert_asterisk(values(report.queues[queue]), queue)
    total = values(report.total)
    assert [total[n] for n in ("offered", "lost", "lost.restart", "ledger_residual")] == [747, 11, 11, 0]
    assert report.rejected == {}


def test_order_and_copies_change_no_figure() -> None:
    events = recorded("asterisk")
    mixed = [*events, *events]
    random.Random(5).shuffle(mixed)
    for by in WINDOWS:
        assert booked(mixed, by) == booked(events, by)


# -- at any moment


def counted(name: str, until_s: int) -> Counter[tuple[str, str]]:
    """(queue, what) -> how many, by reading the lines up to that moment one by one."""
    count: Counter[tuple[str, str]] = Counter()
    waiting: dict[tuple[str, str], str] = {}
    for fields in lines(name):
        call, queue, what = (fields[1], fields[2]), fields[2], fields[4]
        if int(fields[0]) > until_s:
            continue
        if what == "ENTERQUEUE":
            waiting[call] = queue
            count[queue, "offered"] += 1
        elif what in LEFT and waiting.pop(call, ""):
            count[queue, LEFT[what]] += 1
        elif what == "QUEUESTART":
            count.update((each, "lost") for each in waiting.values())
            waiting.clear()
    count.update((each, "waiting") for each in waiting.values())
    return count


@settings(max_examples=25)
@given(name=st.sampled_from(["asterisk", "help_desk"]), share=st.floats(0, 1), passed_ms=st.sampled_from([-1, 0, 1]))
def test_the_ledger_balances_at_any_moment_and_what_is_later_does_not_exist(
    name: str, share: float, passed_ms: int
) -> None:
    events = recorded(name)
    at_ms = events[round(share * (len(events) - 1))].at + passed_ms
    queues, _ = booked(events, at_ms=at_ms)
    assert queues == booked([event for event in events if event.at <= at_ms], at_ms=at_ms)[0]
    truth = counted(name, at_ms // 1000)
    for queue, found in queues.items():
        all_, now = values(found), values(found, "now")
        outcomes = {what: truth[queue, what] for what in ("offered", "answered", "abandoned", "exited", "lost")}
        assert {what: all_[what] for what in outcomes} == outcomes
        assert now["contacts_waiting"] == truth[queue, "waiting"]
        ended = sum(all_[what] for what in ("answered", "abandoned", "exited", "lost"))
        assert all_["offered"] == ended + now["contacts_waiting"]
        assert all_["ledger_residual"] == 0


@settings(max_examples=10)
@given(name=st.sampled_from(["asterisk", "help_desk"]), share=st.floats(0.01, 1))
def test_intervals_add_up_to_days_and_days_to_all(name: str, share: float) -> None:
    events = recorded(name)
    first, last = (pick(event.at for event in events) for pick in (min, max))
    by = {each: booked(events, each, first + round(share * (last - first))) for each in WINDOWS[1:]}
    for queue in by["all"][0]:
        sums = {each: summed(found[queue]) for each, (found, _) in by.items()}
        assert sums["interval"] == sums["day"] == sums["all"]
    assert summed(by["interval"][1]) == summed(by["day"][1]) == summed(by["all"][1])


def summed(found: Figures) -> list[Any]:
    return [sum(values(found, window)[name] for window in found if window != "now") for name in COUNTS]


def test_a_call_that_is_open_at_that_moment_is_a_miss_once_it_is_past_t() -> None:
    entered = next(event for event in recorded("asterisk") if isinstance(event, Enqueued))
    for passed_s, live in ((0, None), (20, None), (21, 0)):
        _, total = booked([entered], at_ms=entered.at + passed_s * 1000)
        found, now = values(total), values(total, "now")
        assert [found[n] for n in ("offered", "answered", "service_level", "service_level_live")] == [1, 0, None, live]
        assert [now[n] for n in ("contacts_waiting", "longest_wait_s")] == [1, passed_s]


# -- the shape of the JSON


def test_json_names_things_as_redis_and_the_topic_do() -> None:
    at_ms = max(event.at for event in recorded("help_desk"))
    for by, window in (("all", "all"), ("day", "2018-12-03"), ("interval", "2018-12-03T09:15"), ("board", "15m")):
        report = checked(known.help_desk(), chosen=BOGOTA, by=by)
        shape = json.loads(to_json(report, BOGOTA.site.zone))
        assert list(shape) == ["at", "queues", "total", "lines"]
        assert shape["at"] == "2018-12-04T12:00:51.000-05:00"
        assert at_ms == report.as_of_ms
        assert set(shape["queues"]) == {"IT"}
        assert list(shape["total"]) == list(shape["queues"]["IT"])
        assert window in shape["total"]
        assert set(shape["total"][window]["service_level"]) == {"value", "n"}
        assert set(shape["total"][window]["offered"]) == {"value"}
        assert shape["total"]["now"]["contacts_waiting"] == {"value": 2}
        assert shape["lines"]["read"] == 1000
        assert sum(shape["lines"]["ignored"].values()) > 0


def test_windows_of_the_board_are_those_of_redis() -> None:
    report = checked(known.ASTERISK, by="board")
    assert list(report.total) == ["5m", "15m", "30m", "1h", "interval", "day", "all", "now"]


def test_a_threshold_from_the_command_line_is_for_every_queue() -> None:
    report = checked(known.ASTERISK, threshold_s=10)
    for queue, detail in known.asterisk_expected()["detail"].items():
        found = values(report.queues[queue])
        assert [found["answered_within_t"], found["abandoned_within_t"]] == [
            detail["answered_within_10"],
            detail["abandoned_within_10"],
        ]
