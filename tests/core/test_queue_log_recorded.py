"""Whole queue_logs: the figures that were computed apart, line by line, stopped and gone on with."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from callpulse.sources.queue_log import BLANK, QueueLog
from callpulse.stream.core.events import (
    Abandoned,
    AgentState,
    Connected,
    Ended,
    Rejected,
)
from tests.core.queue_log_lines import read
from tests.data import shared_data

ROOT = Path(__file__).parents[2]


def tally(events: list[Any], queue: str) -> dict[str, Any]:
    mine = [e for e in events if getattr(e, "queue", None) == queue and not isinstance(e, AgentState)]
    count = Counter(type(e).__name__ for e in mine)
    waits: list[Any] = [e.wait_s for e in mine if isinstance(e, Connected)]
    left: list[Any] = [e.wait_s for e in mine if isinstance(e, Abandoned)]
    return {
        "offered": count["Enqueued"],
        "answered": count["Connected"],
        "abandoned": count["Abandoned"],
        "exited": count["Exited"],
        "lost": count["Lost"],
        "answered_within_t": sum(wait <= 20 for wait in waits),
        "abandoned_within_t": sum(wait <= 20 for wait in left),
        "abandoned_short": sum(wait < 5 for wait in left),
        "asa_s": round(sum(waits) / len(waits), 6),
        "wait_max_s": max(waits),
    }


@pytest.mark.parametrize("queue", ["sales", "support"])
def test_the_recorded_log_gives_the_figures_computed_apart(queue: str) -> None:
    expected = json.loads((ROOT / "tests/fixtures/asterisk_run_a.expected.json").read_text())["queues"][queue]
    events = read((ROOT / "examples/asterisk/queue_log").read_text())
    got = tally(events, queue)
    assert got == {name: expected[name] for name in got}
    assert not [e for e in events if isinstance(e, Rejected)]


def test_stopped_and_restored_after_any_line_the_events_are_the_same() -> None:
    lines = (ROOT / "examples/asterisk/queue_log").read_text().splitlines()
    whole = read("\n".join(lines))
    log, events = QueueLog(), []
    for number, line in enumerate(lines, 1):
        events += log.feed(line)
        if number % 97 == 0:
            state, log = log.state(), QueueLog()
            log.restore(state)
            assert log.line == number
    assert events == whole


def test_the_help_desk_log_gives_the_figures_computed_apart() -> None:
    events = read((shared_data() / "help_desk.queue_log").read_text())
    expected = json.loads((shared_data() / "help_desk.expected.json").read_text())["all"]
    got = tally(events, "IT")
    assert (got["offered"], got["answered"]) == (expected["offered"], expected["answered"])
    assert (got["abandoned"], got["asa_s"]) == (expected["abandoned"], expected["asa_mean"])
    talk: list[Any] = [e.talk_s for e in events if isinstance(e, Ended)]
    assert round(sum(talk) / len(talk), 6) == expected["aht_mean"]


def test_the_messy_log_is_accounted_for_line_by_line() -> None:
    log = QueueLog()
    lines = (shared_data() / "messy.queue_log").read_text().splitlines()
    got = [[type(e).__name__ for e in log.feed(line) if not isinstance(e, AgentState)] for line in lines]
    both = ["Connected", "Ended"]
    assert got == [
        [], ["Enqueued"], [], [], [], ["Connected"], ["Ended"],  # a call as it should be, with its DID
        *[["Enqueued"]] * 6,                                     # the first ENTERQUEUE six times more
        ["Enqueued"], ["Connected"],                             # no end
        ["Connected"],                                           # no beginning: its wait tells the arrival
        both,                                                    # neither: wait and talk tell
        ["Ended"], [], ["Ended"], ["Ended"], ["Ended"],          # an end four times, a blank line
        [],
    ]  # fmt: skip
    assert log.ignored[BLANK] == 2
