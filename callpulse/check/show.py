"""A report as JSON, or as tables for a person."""

from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from callpulse.check.run import Report
from callpulse.stream.core.catalogue import unit_of
from callpulse.stream.core.kpis import Figure
from callpulse.stream.core.snapshot import Figures

COLUMNS = (  # KPI id, its title, and the title where columns are scarce
    ("offered", "offered", "offer."),
    ("answered", "answered", "answ."),
    ("abandoned", "aband.", "aband."),
    ("exited", "exited", "exit."),
    ("lost", "lost", "lost"),
    ("service_level", "SL %", "SL %"),
    ("asa_s", "ASA s", "ASA s"),
    ("abandonment_rate", "ab. %", "ab. %"),
    ("wait_p90_s", "P90 s", "P90 s"),
    ("aht_s", "AHT s", "AHT s"),
    ("occupancy", "occ. %", "occ.%"),
)
SPARED = frozenset({"exited", "lost", "occupancy"})  # left to --json where nothing else helps
QUEUE = (5, 24)  # characters: never less of a name; more of it only where there is room
NOTHING = Figure(None, None)


def local_time(at_ms: int | None, zone: str) -> str | None:
    """RFC 3339 in the site's zone."""
    if at_ms is None:
        return None
    return datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)).isoformat(timespec="milliseconds")


def to_json(report: Report, zone: str) -> bytes:
    """`{"at": …, "queues": {queue: {window: {kpi_id: {"value": …, "n": …}}}}, "total": {window: …}}` and what became of
    the lines."""
    shape: dict[str, Any] = {
        "at": local_time(report.as_of_ms, zone),
        "queues": report.queues,
        "total": report.total,
        "lines": {
            "read": report.lines,
            "events": report.events,
            "later_than_at": report.later,
            "ignored": report.ignored,
            "rejected": report.rejected,
        },
    }
    return msgspec.json.encode(shape)


def to_console(report: Report, zone: str, console: Console, file: str = "") -> None:
    """A row for each window and queue, and the total from added tallies. `file`: its name, for lines set aside."""
    if report.as_of_ms is not None:
        _say(console, f"As of {local_time(report.as_of_ms, zone)}")
    if report.total:
        _print_table(report, console)
        _say(console, _now(report.total))
        if unmatched := _unmatched(report.total):
            _say(console, f"outcomes from which no arrival follows, in no figure above: {unmatched:,}")
    else:
        _say(console, "no visit in this log")
    _account(report, console, file)


class _Row(NamedTuple):
    window: str
    queue: str
    total: bool
    figures: dict[str, str]


class _Layout(NamedTuple):
    """Which columns, under which titles, how far apart."""

    titles: dict[str, str]
    gap: int

    def room(self, rows: list[_Row]) -> dict[str, int]:
        """Characters of every column but the queue's, so that no figure is cut."""
        found = {name: max(len(title), *(len(r.figures[name]) for r in rows)) for name, title in self.titles.items()}
        return {"window": max(len("window"), *(len(row.window) for row in rows)), **found}


LAYOUTS = (
    _Layout({name: title for name, title, _ in COLUMNS}, 2),
    _Layout({name: short for name, _, short in COLUMNS}, 1),
    _Layout({name: title for name, title, _ in COLUMNS if name not in SPARED}, 2),
    _Layout({name: short for name, _, short in COLUMNS if name not in SPARED}, 1),
)


def _print_table(report: Report, console: Console) -> None:
    rows = _rows(report)
    longest = max(QUEUE[0], *(cell_len(row.queue) for row in rows))
    wanted = min(longest, QUEUE[1])
    layout = next((each for each in LAYOUTS if _rest(each, rows, console.width) >= wanted), LAYOUTS[-1])
    rest = _rest(layout, rows, console.width)
    queue_width = max(QUEUE[0], min(longest, rest))
    table = _table(layout, rows, queue_width)
    table.width = console.width - rest + queue_width  # a terminal too narrow for the figures breaks lines, we cut none
    console.print(table, crop=False)
    spared = [title for name, title, _ in COLUMNS if name not in layout.titles]
    if spared:
        _say(console, f"left out, for want of width: {', '.join(spared)} (all columns: a wider terminal, or --json)")


def _rest(layout: _Layout, rows: list[_Row], width: int) -> int:
    """Characters that are left for the queue's name."""
    return width - sum(room + layout.gap for room in layout.room(rows).values())


def _table(layout: _Layout, rows: list[_Row], queue_width: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, layout.gap - 1, 0, 0))
    room = layout.room(rows)
    table.add_column("window", width=room["window"], no_wrap=True)
    table.add_column("queue", width=queue_width, overflow="ellipsis", no_wrap=True)
    for name, title in layout.titles.items():
        table.add_column(title, width=room[name], justify="right", no_wrap=True)
    for row, after in zip(rows, [*rows[1:], None], strict=True):
        cells = (row.window, row.queue, *(row.figures[name] for name in layout.titles))
        ends = after is not None and after.window != row.window
        table.add_row(*map(Text, cells), style="bold" if row.total else None, end_section=ends)
    return table


def _rows(report: Report) -> list[_Row]:
    rows: list[_Row] = []
    for window in report.total:
        if window == "now":
            continue
        rows += [_Row(window, _safe(name), False, _cells(found, window)) for name, found in report.queues.items()]
        if len(report.queues) > 1:
            rows.append(_Row(window, "total", True, _cells(report.total, window)))
    return rows


def _safe(name: str) -> str:
    """Names come from outside: no control characters, nothing that turns the line around."""
    return "".join(c if c.isprintable() else "�" for c in name)


def _cells(found: Figures, window: str) -> dict[str, str]:
    figures = found.get(window, {})
    return {name: shown(name, figures.get(name, NOTHING)) for name, _, _ in COLUMNS}


def shown(kpi_id: str, figure: Figure) -> str:
    """A figure for the eye; nothing is a dash, never 0."""
    if figure.value is None:
        return "–"
    unit = unit_of(kpi_id)
    if unit == "ratio":
        return f"{100 * figure.value:.1f}"
    return f"{figure.value:.1f}" if unit == "s" else f"{figure.value:,}"


def _unmatched(total: Figures) -> int:
    counts = {window: int(by_id["unmatched"].value or 0) for window, by_id in total.items() if "unmatched" in by_id}
    return counts["all"] if "all" in counts else sum(counts.values())


def _now(total: Figures) -> str:
    now = total["now"]
    waiting = now["contacts_waiting"].value
    longest = now.get("longest_wait_s")
    text = f"waiting at that moment: {waiting}"
    return text if longest is None else f"{text}, longest {shown('longest_wait_s', longest)} s"


def _account(report: Report, console: Console, file: str) -> None:
    _say(console, f"{report.lines:,} lines read, {report.events:,} events")
    if report.later:
        _say(console, f"{report.later:,} events are later than --at and do not exist yet")
    if report.ignored:
        said = ", ".join(f"{name} {count}" for name, count in sorted(report.ignored.items()))
        _say(console, f"lines that no figure depends on: {said}")
    for refusal in report.refusals:
        field = f" ({refusal.field})" if refusal.field else ""
        place = f"{file}, line {refusal.line}" if file else f"line {refusal.line}"
        _say(console, f"{place}: {refusal.reason}{field}: {refusal.detail}")
    for reason, count in sorted(report.rejected.items()):
        _say(console, f"set aside: {count:,} × {reason}")


def _say(console: Console, sentence: str) -> None:
    """Texts may hold what somebody else wrote: nothing in them is markup."""
    console.print(_safe(sentence), markup=False, emoji=False, highlight=False)
