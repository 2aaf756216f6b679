"""Figures of several rounds, and the machine they were taken on."""

import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import click
import msgspec
from msgspec import Struct

PACKAGES = ("callpulse", "faust-streaming", "aiokafka", "msgspec", "redis")


class Aim(Struct, frozen=True):
    """What the median of a figure should reach: at least (`>=`) or at most (`<=`) `limit`."""

    figure: str
    sign: str
    limit: float

    def met(self, found: float) -> bool:
        return found >= self.limit if self.sign == ">=" else found <= self.limit


class Outcome(Struct, frozen=True):
    """The last line of a benchmark. `figures`: name (with its unit) -> min, median, max and the rounds. How it was
    asked, on which day, and how long it took is told by whoever ran it."""

    bench: str
    settings: dict[str, Any]
    figures: dict[str, dict[str, Any]]
    aims: list[dict[str, Any]]
    machine: dict[str, Any]
    notes: dict[str, Any] = {}
    options: str = ""
    on: str = ""
    took_s: int = 0


class Failure(Struct, frozen=True):
    """A benchmark that ended without an outcome."""

    bench: str
    options: str
    took_s: int
    exit_code: int


def spread(rounds: Sequence[float]) -> dict[str, Any]:
    """Min, median, max of the rounds, which are kept in their order."""
    return {
        "min": rounded(min(rounds)),
        "median": rounded(median(rounds)),
        "max": rounded(max(rounds)),
        "rounds": [rounded(each) for each in rounds],
    }


def rounded(number: float) -> float | int:
    """Four digits that mean something."""
    return round(number) if abs(number) >= 1000 else float(f"{number:.4g}")


def outcome(
    bench: str,
    settings: Mapping[str, Any],
    rounds: Mapping[str, Sequence[float]],
    aims: Sequence[Aim] = (),
    notes: Mapping[str, Any] | None = None,
) -> Outcome:
    """The outcome of all rounds; a figure without a round is left out."""
    found = {name: spread(values) for name, values in rounds.items() if values}
    judged = [
        {"figure": a.figure, "aim": f"{a.sign} {a.limit:,g}", "met": a.met(found[a.figure]["median"])}
        for a in aims
        if a.figure in found
    ]
    return Outcome(bench, dict(settings), found, judged, machine(), dict(notes or {}))


def finish(result: Outcome) -> None:
    """Print a table for the eye, then the JSON line."""
    for name, found in result.figures.items():
        say(f"  {name:<34} {found['median']:>12,} (min {found['min']:,}, max {found['max']:,})")
    for aim in result.aims:
        say(f"  aim: {aim['figure']} {aim['aim']}: {'met' if aim['met'] else 'MISSED'}")
    click.echo(msgspec.json.encode(result))


def say(sentence: str) -> None:
    """Progress, at once."""
    print(sentence, flush=True)


def load() -> float:
    """How busy the machine is: processes that want a core, averaged over the last minute."""
    return round(os.getloadavg()[0], 2)


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    return {
        "cores": os.cpu_count(),
        "cpu": _cpu_model(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "packages": {name: version(name) for name in PACKAGES},
    }


def _cpu_model() -> str:
    described = Path("/proc/cpuinfo")
    lines = described.read_text("utf-8").splitlines() if described.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
