"""docs/PERFORMANCE.md from the outcomes of a run."""

import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from bench.figures import Failure, Outcome

HEAD = """\
# Performance

Written by `make bench` (`python -m bench`). Every figure is the median of its rounds, with the smallest and largest
beside it. Absolute figures depend on the machine and on what else it does; ratios of contestants that took turns
depend on that far less, so they are what is aimed for. `load…` is how many processes wanted a core, averaged over the
minute before: at the beginning of a quiet run it is near 0.
"""
POINTS_A_LINE = 10
AIMS = "| benchmark | figure | aim | median | |\n|---|---|---|---:|---|\n"


def report(found: Sequence[Outcome | Failure], command: str) -> str:
    """The whole document."""
    outcomes = [each for each in found if isinstance(each, Outcome)]
    minutes = sum(each.took_s for each in found) / 60
    lines = [HEAD]
    if outcomes:
        lines += [_machine(outcomes[0].machine), f"Command: `{command}`, {minutes:.0f} minutes.\n", *_aims(outcomes)]
    return "\n".join([*lines, *map(_told, found)])


def revised(before: str, found: Sequence[Outcome | Failure]) -> str:
    """The document as it was, with what it says of these benchmarks in place of what it said of them."""
    names = {each.bench for each in found}
    top, _, rest = before.partition(AIMS)
    rows, _, rest = rest.partition("\n\n")
    kept = [row for row in rows.splitlines() if row.split(" | ")[0].removeprefix("| ") not in names]
    aims = [*kept, *_rows([each for each in found if isinstance(each, Outcome)])]
    sections = {text.partition("\n")[0]: f"## {text}".rstrip() for text in re.split(r"^## ", rest, flags=re.M)[1:]}
    sections |= {each.bench: _told(each).rstrip() for each in found}
    return f"{top}{AIMS}" + "\n\n".join(["\n".join(aims), *sections.values()]) + "\n"


def _told(each: Outcome | Failure) -> str:
    return _section(each) if isinstance(each, Outcome) else _failed(each)


def _machine(machine: dict[str, Any]) -> str:
    packages = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
    return (
        f"Machine: {machine['cores']} cores ({machine['cpu']}), {machine['system']}, Python {machine['python']};"
        f" {packages}."
    )


def _aims(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """All aims in one table."""
    yield AIMS.rstrip()
    yield from _rows(outcomes)
    yield ""


def _rows(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for found in outcomes:
        for aim in found.aims:
            median, met = found.figures[aim["figure"]]["median"], "met" if aim["met"] else "**missed**"
            yield f"| {found.bench} | {aim['figure']} | {aim['aim']} | {median:,} | {met} |"


def _failed(failure: Failure) -> str:
    asked = f"`{_command(failure)}`"
    return f"## {failure.bench}\n\n**Failed**: {asked} ended with exit code {failure.exit_code}.\n"


def _section(found: Outcome) -> str:
    explained = (import_module(f"bench.{found.bench}").__doc__ or "").strip()
    asked = ", ".join(
        f"{name} {value:,}" if isinstance(value, int) else f"{name} {value}" for name, value in found.settings.items()
    )
    rows = [
        f"| {name} | {each['median']:,} | {each['min']:,} | {each['max']:,} | {_aim(found, name)} |"
        for name, each in found.figures.items()
    ]
    table = ["| figure | median | min | max | aim |", "|---|---:|---:|---:|---|", *rows]
    noted = [line for name, value in found.notes.items() for line in _note(name, value)]
    head = f"`{_command(found)}`, {found.on}, {found.took_s} s: {asked}."
    return "\n".join([f"## {found.bench}", explained, "", head, "", *table, "", *noted])


def _command(found: Outcome | Failure) -> str:
    return f"python -m bench.{found.bench} {found.options}".strip()


def _note(name: str, value: Any) -> Iterator[str]:
    """A paragraph; a curve in lines of ten points."""
    if isinstance(value, dict):
        points = [f"{place}: {height:,}" for place, height in value.items()]
        yield from (f"{name}:", "", "```", *_lines(points), "```", "")
    elif value not in ([], {}, ""):
        yield from (f"{name}: {value}", "")


def _lines(points: list[str]) -> Iterator[str]:
    for start in range(0, len(points), POINTS_A_LINE):
        yield "  ".join(points[start : start + POINTS_A_LINE])


def _aim(found: Outcome, figure: str) -> str:
    return next((f"{a['aim']}: {'met' if a['met'] else '**missed**'}" for a in found.aims if a["figure"] == figure), "")
