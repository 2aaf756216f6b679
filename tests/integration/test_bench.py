"""Each benchmark runs, with very few events, and its last line is an outcome that has its figures."""

import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec

from bench.figures import Failure, Outcome
from bench.report import report, revised


def outcome_of(name: str, *options: str, timeout_s: float = 300) -> Outcome:
    argv = [sys.executable, "-m", f"bench.{name}", "--rounds", "1", *options]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=timeout_s, check=False)
    assert done.returncode == 0, done.stderr
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=Outcome)


def test_check_is_measured_as_a_command_and_in_its_two_halves() -> None:
    found = outcome_of("check", "--events", "2000")
    assert found.figures.keys() >= {"command_events_per_s", "reading_events_per_cpu_s", "core_events_per_cpu_s"}
    assert found.settings["events"] > 1000


def test_a_worker_that_catches_up_is_measured_beside_a_plain_loop_and_its_own_core() -> None:
    found = outcome_of("throughput", "--broker", "embedded", "--events", "3000", "--stock-events", "0")
    assert found.figures["ratio_same_core"]["median"] > 0
    assert {aim["figure"] for aim in found.aims} == {"ratio_same_core", "ratio_plain"}


def test_the_age_of_a_figure_in_redis_is_measured_event_by_event() -> None:
    options = ("--seconds", "1", "--rate", "200", "--rate", "300", "--queues", "40", "--history", "20")
    found = outcome_of("latency", "--broker", "embedded", *options)
    for case in ("200_per_s_40_of_40", "200_per_s_20_of_40", "300_per_s_40_of_40", "300_per_s_20_of_40"):
        p50, p99 = (found.figures[f"embedded_{case}_{name}_ms"]["median"] for name in ("p50", "p99"))
        assert 0 < p50 <= p99
    assert [aim["aim"] for aim in found.aims] == ["<= 100"] * 4


def test_a_scrape_is_timed_in_both_formats_and_what_it_costs_the_events() -> None:
    found = outcome_of("scrape", "--queues", "20", "--scrapes", "2", "--seconds", "3", "--rate", "100")
    assert found.figures["openmetrics_gzip_ms"]["median"] > 0
    assert found.figures["text_mb"]["median"] > found.figures["pressed_mb"]["median"] > 0
    assert found.figures["lines"]["median"] > 20 * 200
    assert found.figures["event_p95_ms"]["median"] >= found.figures["event_p50_ms"]["median"] > 0
    assert len(found.aims) == 6


def test_the_demo_is_timed_until_its_first_figure_and_weighed() -> None:
    found = outcome_of("demo", "--memory-after", "0")
    assert found.figures["first_figure_s"]["median"] > 0
    assert found.figures["memory_mb: callpulse worker"]["median"] > 10


def test_the_same_events_are_spread_over_few_and_many_queues() -> None:
    found = outcome_of("scale", "--broker", "embedded", "--events", "2000", "--queues", "5", "--queues", "50")
    assert found.figures["ratio_most_queues"]["median"] > 0


def test_a_document_is_written_from_all_that_ran_and_names_what_failed(tmp_path: Path) -> None:
    written = tmp_path / "PERFORMANCE.md"
    argv = [sys.executable, "-m", "bench", "--quick", "--only", "check", "--write", str(written)]
    assert subprocess.run(argv, timeout=120, check=False, capture_output=True).returncode == 0
    text = written.read_text()
    assert "| check | command_events_per_s | >= 80,000 |" in text
    assert "`python -m bench.check --events 20000 --rounds 1`" in text


def test_a_quick_run_leaves_the_published_figures_alone(tmp_path: Path) -> None:
    published = tmp_path / "docs/PERFORMANCE.md"
    published.parent.mkdir()
    published.write_text("measured on a quiet machine")
    argv = [sys.executable, "-m", "bench", "--quick", "--only", "check"]
    where = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(argv, timeout=120, check=False, capture_output=True, text=True, cwd=tmp_path, env=where)
    assert done.returncode == 0, done.stderr
    assert "written nowhere" in done.stdout
    assert published.read_text() == "measured on a quiet machine"


def test_a_benchmark_that_failed_is_named_in_the_document() -> None:
    text = report([Failure("soak", "--events 9", 1, 3)], "python -m bench --only soak")
    assert "**Failed**: `python -m bench.soak --events 9` ended with exit code 3." in text


def test_alert_rules_are_compared_on_both_sizes_of_queue() -> None:
    argv = [sys.executable, "-m", "bench.alerts", "--hours", "3", "--rule", "default", "--rule", "naive", "--catalogue"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found = msgspec.json.decode(done.stdout.splitlines()[-1])
    for rule in ("default", "naive"):
        for size in ("20", "100"):
            figures = found[rule][size]
            assert figures.keys() >= {"onsets_per_8h", "median_detection_min", "noticed", "alerts_per_trouble"}
            assert figures["onsets_per_8h"] >= 0
    assert found["settings"]["hours"] == 3
    assert found["figures"]["default_20_onsets_per_8h"]["median"] == found["default"]["20"]["onsets_per_8h"]


def test_what_judging_costs_is_measured_with_the_forecast_and_without() -> None:
    found = outcome_of("alert_load", "--queues", "4")
    assert 0 < found.figures["4_queues_forecast_cores"]["median"] < 1
    assert [aim["aim"] for aim in found.aims] == ["<= 0.3", "<= 0.3"]


def test_an_event_is_followed_to_the_webhook() -> None:
    found = outcome_of("alert_latency", "--broker", "embedded", "--queues", "4", "--quiet", "1")
    assert 0 < found.figures["from_look_p50_s"]["median"] <= found.figures["max_s"]["median"]
    assert {aim["figure"] for aim in found.aims} == {"from_look_p99_s"}


def test_weeks_of_alerts_leave_nothing_that_grows() -> None:
    found = outcome_of("alert_soak", "--queues", "2", "--days", "4")
    assert found.notes["growing_collections"] == []
    assert found.figures["told"]["median"] > 0
    assert len(found.notes["curve_mb"]) == 4


def test_a_document_keeps_what_was_not_measured_this_time(tmp_path: Path) -> None:
    written = tmp_path / "PERFORMANCE.md"
    before = (Path(__file__).parents[2] / "docs/PERFORMANCE.md").read_text()
    written.write_text(before)
    argv = [sys.executable, "-m", "bench", "--quick", "--only", "alerts", "--write", str(written)]
    assert subprocess.run(argv, timeout=120, check=False, capture_output=True).returncode == 0
    ours, text = re.compile(r"^## alerts\n.*?(?=^## |\Z)", re.M | re.S), written.read_text()
    assert ours.sub("", text).rstrip() == ours.sub("", before).rstrip()
    assert "| default_20_onsets_per_8h |" in ours.search(text).group()  # type: ignore[union-attr]
    assert revised(text, []) == text
