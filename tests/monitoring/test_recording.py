"""Recording rules say what the worker's own formulas say, and nothing where nothing happened."""

from pathlib import Path

import pytest

from callpulse.settings import QueueSettings, Settings
from callpulse.stream.core.catalogue import FORMULAS
from callpulse.stream.core.kpis import Counts, service_level
from tests.prometheus import needs_prometheus
from tests.promtool import failures, queue, rule_files

pytestmark = needs_prometheus

# In a step: what was booked, and what was taken back of it. Net: A 100, A_T 86, B 6, B_T 2, B_s 1, X 2.
BUSY = {
    "visits_offered": 110, "-visits_offered": 2,
    "visits_answered": 101, "-visits_answered": 1,
    "within": 87, "-within": 1,
    "visits_abandoned": 7, "-visits_abandoned": 1,
    "visits_abandoned_short": 1,
    "visits_abandoned_within": 3, "-visits_abandoned_within": 1,
    "visits_exited": 2,
    "wait_s": 1515, "-wait_s": 15,
}  # fmt: skip
NET = Counts(answered=100, abandoned=6, exited=2, answered_t=86, abandoned_t=2, abandoned_short=1)
WINDOWS = ("5m", "15m", "30m", "1h", "1d")


@pytest.fixture
def rules(tmp_path: Path) -> list[Path]:
    return rule_files(tmp_path, Settings(), "counts", "5m", "15m")


def of(name: str) -> str:
    return f'queue="{name}", site="a", channel="voice"'


def test_each_formula_is_that_of_the_worker_over_each_window(tmp_path: Path) -> None:
    shares = {name: met / counted for name in FORMULAS for met, counted in [service_level(name, NET)]}
    expected = {of(name): round(share, 4) for name, share in shares.items()}
    figures = {f"callpulse:service_level:ratio_rate{window}": expected for window in WINDOWS}
    series = [told for name in FORMULAS for told in queue(BUSY, queue=name, formula=name)]
    case = {"series": series, "figures": figures, "at": "70m"}
    assert failures(tmp_path, rule_files(tmp_path, Settings()), case) == ""


def test_rates_are_what_was_booked_without_what_was_taken_back(rules: list[Path], tmp_path: Path) -> None:
    figures = {
        "callpulse:visits_offered:rate15m * 15": {of("sales"): 108},
        "callpulse:visits_answered:rate15m * 15": {of("sales"): 100},
        "callpulse:visits_abandoned:rate15m * 15": {of("sales"): 6},
        "callpulse:visits_exited:rate15m * 15": {of("sales"): 2},
        "callpulse:abandonment:ratio_rate15m": {of("sales"): round(6 / 108, 4)},
        "callpulse:asa:seconds_rate15m": {of("sales"): 15},
    }
    assert failures(tmp_path, rules, {"series": queue(BUSY), "figures": figures}) == ""


def test_a_site_adds_counts_and_divides_once(rules: list[Path], tmp_path: Path) -> None:
    bad = {"visits_offered": 2, "visits_answered": 2, "visits_abandoned": 2, "wait_s": 200}
    figures = {
        "callpulse_site:service_level:ratio_rate15m": {'site="a"': round(86 / 112, 4), 'site="b"': 0},
        "callpulse_site:abandonment:ratio_rate15m": {'site="a"': round(8 / 112, 4), 'site="b"': 0.5},
        "callpulse_site:asa:seconds_rate15m": {'site="a"': round(1700 / 102, 4), 'site="b"': 100},
    }
    series = [*queue(BUSY), *queue(bad, queue="care"), *queue(bad, site="b")]
    assert failures(tmp_path, rules, {"series": series, "figures": figures}) == ""


def test_where_nothing_happened_there_is_no_share(rules: list[Path], tmp_path: Path) -> None:
    figures = {
        "callpulse:service_level:ratio_rate15m": {},
        "callpulse:abandonment:ratio_rate15m": {},
        "callpulse:asa:seconds_rate15m": {},
        "callpulse_site:service_level:ratio_rate15m": {},
        "callpulse:visits_offered:rate15m": {of("sales"): 0},
    }
    assert failures(tmp_path, rules, {"series": queue({}, start=7), "figures": figures}) == ""


def test_a_correction_of_what_was_before_the_window_makes_no_share_that_cannot_be(
    rules: list[Path], tmp_path: Path
) -> None:
    figures = {"callpulse:service_level:ratio_rate15m": {}, "callpulse:abandonment:ratio_rate15m": {}}
    turned = {"visits_answered": 2, "within": 2, "-visits_abandoned": 1}
    assert failures(tmp_path, rules, {"series": queue(turned, start=500), "figures": figures}) == ""


@pytest.mark.parametrize("taken_up_at", [42, 37], ids=["after a pause", "before the former has noticed"])
def test_a_queue_that_moves_is_neither_doubled_nor_does_it_miss_what_came_meanwhile(
    rules: list[Path], tmp_path: Path, taken_up_at: int
) -> None:
    series = [*queue(BUSY, instance="w1", until=40), *queue(BUSY, instance="w2", since=taken_up_at)]
    figures = {
        "callpulse:visits_answered:rate15m * 15": {of("sales"): 100},
        "callpulse:service_level:ratio_rate15m": {of("sales"): round(86 / 108, 4)},
        "count(callpulse:visits_answered:rate15m)": {"": 1},
    }
    assert failures(tmp_path, rules, {"series": series, "figures": figures, "at": "15m"}) == ""


def test_of_a_queue_that_nobody_tells_any_more_there_is_no_rate(rules: list[Path], tmp_path: Path) -> None:
    figures = {"callpulse:visits_answered:rate15m": {}, "callpulse:service_level:ratio_rate15m": {}}
    assert failures(tmp_path, rules, {"series": queue(BUSY, until=40), "figures": figures, "at": "12m"}) == ""


def test_a_new_threshold_has_no_level_until_it_was_there_all_along(rules: list[Path], tmp_path: Path) -> None:
    """T is 30 s from 20 min on; the first value of the new series is that of the whole past."""
    counters = [told for told in queue(BUSY) if "threshold" not in told["series"]]
    former = [told for told in queue(BUSY, until=80) if "threshold" in told["series"]]
    later = [told for told in queue(BUSY, since=80, threshold=30) if "threshold" in told["series"]]
    series, level = [*counters, *former, *later], "callpulse:service_level:ratio_rate5m"
    cases = [
        {"series": series, "figures": {level: {of("sales"): round(86 / 108, 4)} if known else {}}, "at": at}
        for at, known in (("19m", True), ("24m", False), ("26m", True))
    ]
    assert failures(tmp_path, rules, *cases) == ""


def test_less_than_t_has_no_level_where_buckets_would_be_needed_for_it(tmp_path: Path) -> None:
    settings = Settings(queues={"sales": QueueSettings(boundary="lt", formula="abandons_met"), "care": QueueSettings()})
    series = [*queue(BUSY, formula="abandons_met"), *queue(BUSY, formula="abandons_met", queue="care")]
    figures = {"callpulse:service_level:ratio_rate15m": {of("care"): round(88 / 108, 4)}}
    assert (
        failures(tmp_path, rule_files(tmp_path, settings, "counts", "15m"), {"series": series, "figures": figures})
        == ""
    )


def test_where_less_than_t_is_usual_only_queues_that_say_otherwise_have_one(tmp_path: Path) -> None:
    settings = Settings(queue_defaults=QueueSettings(boundary="lt"), queues={"care": QueueSettings(boundary="le")})
    series = [*queue(BUSY, formula="abandons_met"), *queue(BUSY, formula="abandons_met", queue="care")]
    figures = {"callpulse:service_level:ratio_rate15m": {of("care"): round(88 / 108, 4)}}
    assert (
        failures(tmp_path, rule_files(tmp_path, settings, "counts", "15m"), {"series": series, "figures": figures})
        == ""
    )
