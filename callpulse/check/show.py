"""A report as JSON, or as tables for a person."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from callpulse.check.run import Report
from callpulse.stream.core.catalogue import unit_of
from callpulse.stream.core.kpis import Figure
from callpulse.stream.core.snapshot import Figures, as_json

COLUMNS = (
    ("offered", "offered"),
    ("answered", "answered"),
    ("abandoned", "aband."),
    ("exited", "exited"),
    ("lost", "lost"),
    ("service_level", "SL %"),
    ("asa_s", "ASA s"),
    ("abandonment_rate", "ab. %"),
    ("wait_p90_s", "P90 s"),
    ("aht_s", "AHT s"),
    ("occupancy", "occ. %"),
)
WIDE = 100  # characters; below this the columns in SPARED are left to --json
SPARED = frozenset({"exited", "lost", "occupancy"})
NOTHING = Figure(None, None)


def local_time(at_ms: int, zone: str) -> str:
    """RFC 3339 in the site's zone."""
    return datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)).isoformat(timespec="milliseconds")


def to_json(report: Report, zone: str) -> bytes:
    """`{"at": …, "queues": {queue: {window: {kpi_id: {"value": …, "n": …}}}}, "total": {window: …}}` and what became of
    the lines."""
    shape: dict[str, Any] = {
        "at": local_time(report.as_of_ms, zone),
        "queues": {queue: as_json(found) for queue, found in report.queues.items()},
        "total": as_json(report.total),
        "lines": {
            "read": report.lines,
            "events": report.events,
            "later_than_at": report.later,
            "ignored": report.ignored,
            "rejected": report.rejected,
        },
    }
    return msgspec.json.encode(shape)


def to_console(report: Report, zone: str, console: Console) -> None:
    """A row for each window and queue, and the total from added tallies."""
    console.print(f"As of [bold]{local_time(report.as_of_ms, zone)}[/bold]", highlight=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("window", no_wrap=True)
    table.add_column("queue", overflow="ellipsis", no_wrap=True, min_width=5)
    columns = [(name, title) for name, title in COLUMNS if console.width >= WIDE or name not in SPARED]
    for _, title in columns:
        table.add_column(title, justify="right", no_wrap=True, min_width=len(title))
    for window in report.total:
        if window != "now":
            _add_window(table, window, report, [name for name, _ in columns])
    if report.total:
        console.print(table)
        console.print(_now(report.total), highlight=False)
    else:
        console.print("no visit in this log")
    _account(report, console)


def _add_window(table: Table, window: str, report: Report, names: list[str]) -> None:
    for queue, found in report.queues.items():
        table.add_row(window, _safe(queue), *_cells(found, window, names))
    if len(report.queues) > 1:
        table.add_row(window, "total", *_cells(report.total, window, names), style="bold")
    table.add_section()


def _safe(name: str) -> str:
    """Queue names come from outside: no markup, no control characters."""
    return "".join(c if c.isprintable() else "�" for c in name).replace("[", "\\[")


def _cells(found: Figures, window: str, names: list[str]) -> list[str]:
    figures = found.get(window, {})
    return [shown(name, figures.get(name, NOTHING)) for name in names]


def shown(kpi_id: str, figure: Figure) -> str:
    """A figure for the eye; nothing is a dash, never 0."""
    if figure.value is None:
        return "–"
    unit = unit_of(kpi_id)
    if unit == "ratio":
        return f"{100 * figure.value:.1f}"
    return f"{figure.value:.1f}" if unit == "s" else f"{figure.value:,}"


def _now(total: Figures) -> str:
    now = total["now"]
    waiting = now["contacts_waiting"].value
    longest = now.get("longest_wait_s")
    text = f"waiting at that moment: {waiting}"
    return text if longest is None else f"{text}, longest {shown('longest_wait_s', longest)} s"


def _account(report: Report, console: Console) -> None:
    console.print(f"{report.lines:,} lines read, {report.events:,} events", highlight=False)
    if report.later:
        console.print(f"{report.later:,} events are later than --at and do not exist yet", highlight=False)
    if report.ignored:
        said = ", ".join(f"{name} {count}" for name, count in sorted(report.ignored.items()))
        console.print(f"lines that no figure depends on: {_safe(said)}", highlight=False)
    for refusal in report.refusals:
        field = f" ({refusal.field})" if refusal.field else ""
        console.print(f"line {refusal.line}: {refusal.reason}{_safe(field)}: {_safe(refusal.detail)}", highlight=False)
    for reason, count in sorted(report.rejected.items()):
        console.print(f"set aside: {count:,} × {reason}", highlight=False)
