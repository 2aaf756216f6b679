"""docs/PERFORMANCE.md from the outcomes of a run."""

from collections.abc import Sequence
from importlib import import_module

from bench.figures import Outcome

HEAD = """\
# Performance

Written by `make bench` (`python -m bench`). Every figure is the median of its rounds, with the smallest and largest
beside it. Absolute figures depend on the machine and on what else it does; ratios of contestants that took turns
depend on that far less, so they are what is aimed for.
"""


def report(outcomes: Sequence[Outcome], command: str) -> str:
    """The whole document."""
    sections = [_section(each) for each in outcomes]
    return "\n".join([HEAD, _machine(outcomes[0], command), *sections])


def _machine(first: Outcome, command: str) -> str:
    machine = first.machine
    packages = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
    return (
        f"Machine: {machine['cores']} cores ({machine['cpu']}), {machine['system']}, Python {machine['python']};"
        f" {packages}.\nCommand: `{command}`\n"
    )


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
    noted = [f"{name}: {value}" for name, value in found.notes.items()]
    return "\n".join(
        [f"## {found.bench}", explained, "", f"`python -m bench.{found.bench}`: {asked}.", "", *table, "", *noted, ""]
    )


def _aim(found: Outcome, figure: str) -> str:
    return next((f"{a['aim']}: {'met' if a['met'] else '**missed**'}" for a in found.aims if a["figure"] == figure), "")
