"""Real logs and the figures that must come out, computed independently of this program (see tests/data.py)."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from callpulse.sources.queue_log_names import QueueLogOptions
from callpulse.sources.reading import SourceOptions, open_source
from callpulse.stream.core.events import Event, Rejected
from tests.data import shared_data

EXAMPLES = Path(__file__).parents[1] / "examples"
BANK_BY_TYPE = EXAMPLES / "mappings/anonymous_bank.toml"
BANK_BY_PRIORITY = EXAMPLES / "mappings/anonymous_bank_by_priority.toml"
ASTERISK = EXAMPLES / "asterisk/queue_log"
ASTERISK_EXPECTED = Path(__file__).parent / "fixtures/asterisk_run_a.expected.json"

# id here -> name in the expected files of the bank and the help desk
BANK_NAMES = {
    "offered": "offered",
    "answered": "answered",
    "abandoned": "abandoned",
    "answered_within_t": "answered_within_T",
    "abandoned_within_t": "abandoned_within_T",
    "abandoned_short": "short_abandons_lt5",
    "asa_s": "asa_mean",
    "service_level": "sl_answered_over_offered",
    "service_level.answered_only.20": "sl_answered_over_answered",
    "service_level.short_ignored.20": "sl_excl_short_abandons",
    "service_level.abandons_met.20": "sl_abandons_within_T_count_as_met",
    "service_level.abandons_ignored_within_t.20": "sl_excl_abandons_within_T",
    "abandonment_rate": "abandon_rate",
    "abandonment_rate_corrected": "abandon_rate_excl_short",
    "talk_s": "aht_mean",
    "talk_sum_s": "total_talk_seconds",
    "not_offered.menu": "vru_hangs",
    "not_offered.phantom": "phantom",
}
BANK_WITHIN_1_S = {"wait_p50_s": "asa_median", "wait_p90_s": "asa_p90_nearest_rank", "wait_max_s": "asa_max"}


def bank() -> Path:
    return shared_data() / "anonymous_bank_1999-02.tsv.gz"


def bank_expected() -> dict[str, Any]:
    return _read(shared_data() / "anonymous_bank_1999-02.expected.json")


def help_desk() -> Path:
    return shared_data() / "help_desk.queue_log"


def help_desk_expected() -> dict[str, Any]:
    return _read(shared_data() / "help_desk.expected.json")


def asterisk_expected() -> dict[str, dict[str, Any]]:
    return _read(ASTERISK_EXPECTED)


def events_of(path: Path, mapping: Path | None = None) -> list[Event]:
    """Every event of a log, in the order of the file."""
    reading = open_source(
        "csv" if mapping else "queue_log", path, SourceOptions(mapping=mapping, log=QueueLogOptions())
    )
    return [event for _, found in reading for event in found if not isinstance(event, Rejected)]


def assert_bank(found: Mapping[str, float], expected: Mapping[str, Any]) -> None:
    """Every figure of the expected file; ratios there have six digits."""
    for name, theirs in BANK_NAMES.items():
        assert found.get(name, 0) == pytest.approx(expected[theirs], abs=6e-7), name
    for name, theirs in BANK_WITHIN_1_S.items():
        if name != "wait_p50_s" or expected["answered"] % 2:  # of an even number the file has the mean of two
            assert abs(found[name] - expected[theirs]) <= 1, name


def assert_asterisk(found: Mapping[str, float], queue: str) -> None:
    """Every figure of the expected file, and the details behind it."""
    expected = asterisk_expected()
    for name, value in expected["queues"][queue].items():
        assert found[name] == pytest.approx(value, abs=6e-7), name
    detail = expected["detail"][queue]
    assert found["handled"] == detail["handled"]
    assert found["talk_s"] == pytest.approx(detail["talk_mean_s"], abs=6e-7)
    assert found["transfer_rate"] == pytest.approx(detail["ended_by"]["transfer"] / detail["handled"])
    assert found["ledger_residual"] == 0
    for cause, count in detail["exited_by_cause"].items():
        assert found[f"exited.{cause}"] == count


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found
