"""Unit tests of rules by Prometheus's own promtool, from series written in Python.

A queue is what its counters grow by in each step of 15 s; what it does not say stays 0.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from callpulse.monitoring import prometheus
from callpulse.settings import Settings

STEP_S = 15
COUNTERS = ("visits_offered", "visits_answered", "visits_abandoned", "visits_abandoned_short")
FINE = 0.0001  # to which figures are rounded: promtool compares every bit

Series = dict[str, str]


def queue(
    grows: Mapping[str, float],
    *,
    formula: str = "abandons_missed",
    threshold: int = 20,
    target: float = 0.8,
    since: int = 0,
    until: int = 300,
    start: int = 0,
    later: Mapping[str, float] | None = None,
    turns: int = 0,
    **labels: str,
) -> list[Series]:
    """All series of a queue. `grows`: counter -> by how much in a step, `-counter`: how much of it is taken back;
    `visits_abandoned_within` and `wait_s` (of the answered) are those of histograms. It has grown from `start` at step
    0 and is told from step `since` to the one before `until`. From step `turns` on it grows as `later` says."""
    own = {"site": "a", "queue": "sales", "channel": "voice", **labels}
    before = f"_x{since} " if since else ""

    def told(name: str, key: str, first: float = start, **more: object) -> Series:
        written = ", ".join(f"{label}={json.dumps(str(value))}" for label, value in {**own, **more}.items())
        step, turned = grows.get(key, 0), (later or {}).get(key, 0)
        values = f"{first + since * step}+{step}x{(turns or until) - since - 1}"
        if turns:
            values += f" {first + turns * step}+{turned}x{until - turns - 1}"
        return {"series": f"callpulse_{name}{{{written}}}", "values": f"{before}{values} stale"}

    found = [told("service_level_target_ratio", "", target, formula=formula, threshold=threshold)]
    for sign, ending, middle in (("", "_total", ""), ("-", "_corrected_total", "_corrected")):
        found += [told(stem + ending, sign + stem) for stem in COUNTERS]
        found += [
            told(f"visits_exited{ending}", f"{sign}visits_exited", cause="timeout"),
            told(f"visits_exited{ending}", "", cause="callback"),
            told(f"visits_answered_within_threshold{ending}", f"{sign}within", threshold=threshold),
        ]
        histogram = f"visit_wait{middle}_seconds"
        found += [
            told(
                f"{histogram}_bucket",
                f"{sign}visits_abandoned_within",
                outcome="abandoned",
                le=f"{threshold}.0",
            ),
            told(f"{histogram}_bucket", f"{sign}visits_abandoned", outcome="abandoned", le="+Inf"),
            told(f"{histogram}_sum", f"{sign}wait_s", outcome="answered"),
        ]
    return found


def series(name: str, values: str, **labels: str) -> Series:
    """One series of any name."""
    written = ", ".join(f"{label}={json.dumps(value)}" for label, value in {"site": "a", **labels}.items())
    return {"series": f"{name}{{{written}}}", "values": values}


def rule_files(folder: Path, settings: Settings, *groups: str) -> list[Path]:
    """The rules as these settings make them. `groups`: of the recording rules, those that are needed ("counts" or a
    window; none: all), since each takes its time in each step."""
    made = {Path(path).name: text for path, text in prometheus.files(settings).items()}
    recorded = yaml.safe_load(made["recording.yml"])
    wanted = [each for each in recorded["groups"] if each["name"].removeprefix("callpulse-") in groups or not groups]
    (folder / "recording.yml").write_text(json.dumps({"groups": wanted}))
    (folder / "alerts.yml").write_text(made["alerts.yml"])
    return [folder / "recording.yml", folder / "alerts.yml"]


def asked(figures: Mapping[str, Mapping[str, float]], at: str, name: str) -> Iterator[dict[str, Any]]:
    """Recorded name -> labels as PromQL writes them ("" = none) -> value, rounded; no labels at all: no value."""
    for figure, expected in figures.items():
        samples = [{"labels": f"{{{labels}}}", "value": value} for labels, value in expected.items()]
        yield {"expr": f"round({figure}, {FINE}) # {name}", "eval_time": at, "exp_samples": samples}


def failures(folder: Path, rules: Sequence[Path], *cases: Mapping[str, Any]) -> str:
    """What promtool says against it; "" when all is so. A case: `series`, `figures`, `at` (20m), `name`."""
    tests = [
        {
            "interval": f"{STEP_S}s",
            "input_series": case["series"],
            "promql_expr_test": list(asked(case["figures"], case.get("at", "20m"), case.get("name", ""))),
        }
        for case in cases
    ]
    file = folder / "cases.yml"
    file.write_text(json.dumps({"rule_files": [str(path) for path in rules], "tests": tests,
                                "evaluation_interval": f"{STEP_S}s"}))  # fmt: skip
    done = subprocess.run(["promtool", "test", "rules", str(file)], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr
