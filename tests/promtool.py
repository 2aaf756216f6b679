"""Unit tests of rules by Prometheus's own promtool, from series written in Python.

A queue is what its counters grow by in each step of 15 s; what it does not say stays 0.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

STEP_S = 15
COUNTERS = ("visits_offered", "visits_answered", "visits_abandoned", "visits_abandoned_short")
FINE = 0.0001  # to which figures are rounded: promtool compares every bit

Series = dict[str, str]


def queue(
    grows: Mapping[str, int],
    *,
    formula: str = "abandons_missed",
    threshold: int = 20,
    target: float = 0.8,
    since: int = 0,
    until: int = 300,
    start: int = 0,
    **labels: str,
) -> list[Series]:
    """All series of a queue. `grows`: counter -> by how much in a step, `-counter`: how much of it is taken back;
    `visits_abandoned_within` and `wait_s` (of the answered) are those of histograms. It has grown from `start` at step
    0 and is told from step `since` to the one before `until`."""
    own = {"site": "a", "queue": "sales", "channel": "voice", **labels}
    before = f"_x{since} " if since else ""

    def told(name: str, step: float, first: float = start, **more: object) -> Series:
        written = ", ".join(f"{key}={json.dumps(str(value))}" for key, value in {**own, **more}.items())
        values = f"{before}{first + since * step}+{step}x{until - since - 1} stale"
        return {"series": f"callpulse_{name}{{{written}}}", "values": values}

    found = [told("service_level_target_ratio", 0, target, formula=formula, threshold=threshold)]
    for sign, ending, middle in (("", "_total", ""), ("-", "_corrected_total", "_corrected")):
        found += [told(stem + ending, grows.get(sign + stem, 0)) for stem in COUNTERS]
        found += [
            told(f"visits_exited{ending}", grows.get(f"{sign}visits_exited", 0), cause="timeout"),
            told(f"visits_exited{ending}", 0, cause="callback"),
            told(f"visits_answered_within_threshold{ending}", grows.get(f"{sign}within", 0), threshold=threshold),
        ]
        histogram = f"visit_wait{middle}_seconds"
        found += [
            told(
                f"{histogram}_bucket",
                grows.get(f"{sign}visits_abandoned_within", 0),
                outcome="abandoned",
                le=f"{threshold}.0",
            ),
            told(f"{histogram}_bucket", grows.get(f"{sign}visits_abandoned", 0), outcome="abandoned", le="+Inf"),
            told(f"{histogram}_sum", grows.get(f"{sign}wait_s", 0), outcome="answered"),
        ]
    return found


def asked(figures: Mapping[str, Mapping[str, float]], at: str) -> Iterator[dict[str, Any]]:
    """Recorded name -> labels as PromQL writes them ("" = none) -> value, rounded; no labels at all: no value."""
    for name, expected in figures.items():
        samples = [{"labels": f"{{{labels}}}", "value": value} for labels, value in expected.items()]
        yield {"expr": f"round({name}, {FINE})", "eval_time": at, "exp_samples": samples}


def failures(folder: Path, rules: Sequence[Path], *cases: Mapping[str, Any]) -> str:
    """What promtool says against it; "" when all is so. A case: `series`, `figures`, `at` (15m)."""
    tests = [
        {
            "interval": f"{STEP_S}s",
            "input_series": case["series"],
            "promql_expr_test": list(asked(case["figures"], case.get("at", "20m"))),
        }
        for case in cases
    ]
    file = folder / "cases.yml"
    file.write_text(json.dumps({"rule_files": [str(path) for path in rules], "tests": tests,
                                "evaluation_interval": f"{STEP_S}s"}))  # fmt: skip
    done = subprocess.run(["promtool", "test", "rules", str(file)], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr
