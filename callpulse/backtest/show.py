"""A report as tables for a person."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from callpulse.backtest import rows
from callpulse.backtest.rows import RULES, WHY, Rows
from callpulse.backtest.run import Report
from callpulse.backtest.words import safe

WIDE = 120  # characters; on fewer the table is short
BREAKS = frozenset({RULES, WHY})  # columns that may be broken into lines
LONGEST_NAME = 24


def to_console(report: Report, zone: str, console: Console) -> None:
    """Every alert, then the totals of every rule; with several sets of rules each has a letter."""
    if report.first_ms:
        _say(console, rows.span(report, zone))
        for letter, outcome in zip(rows.letters(report), report.outcomes, strict=True):
            _say(console, f"{letter or 'rules'}: {outcome.name}")
        _print_alerts(report, zone, console)
        _print(rows.totals(report), console)
    else:
        _say(console, "no event in this log")
    _account(report, console)


def _print_alerts(report: Report, zone: str, console: Console) -> None:
    short = console.width < WIDE
    found = rows.alerts(report, zone, short=short)
    if not found.rows:
        _say(console, "no alert would have been")
        return
    _print(found, console, frozenset() if short else BREAKS)
    if short:
        _say(console, "left out, for want of width: seconds, other rules, hurt, why (a wider terminal, or --json)")


def _print(found: Rows, console: Console, breaks: frozenset[str] = BREAKS) -> None:
    """A terminal too narrow for the figures breaks lines; none is cut."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for place, head in enumerate(found.heads):
        longest = max(len(row[place]) for row in found.rows)
        table.add_column(
            head,
            overflow="fold" if head in breaks else "ellipsis",
            justify="right" if head in found.figures else "left",
            no_wrap=head not in breaks,
            max_width=LONGEST_NAME if head == "queue" else None,
            min_width=None if head in breaks else min(longest, LONGEST_NAME),
        )
    for row in found.rows:
        table.add_row(*map(Text, row))
    console.print(table, crop=False)


def _account(report: Report, console: Console) -> None:
    lines = report.recording
    _say(console, f"{lines.lines:,} {lines.unit} read, {len(lines.events):,} events, {report.looks:,} looks")
    if lines.outside:
        _say(console, f"left out: {lines.outside:,} events before --since or from --until on")
    for refusal in lines.refusals:
        field = f" ({refusal.field})" if refusal.field else ""
        _say(console, f"{refusal.where}: {refusal.reason}{field}: {refusal.detail}")
    for reason, count in sorted(lines.rejected.items()):
        _say(console, f"set aside: {count:,} × {reason}")


def _say(console: Console, sentence: str) -> None:
    """Texts may hold what somebody else wrote: nothing in them is markup."""
    console.print(safe(sentence), markup=False, emoji=False, highlight=False)
