"""A report as rows of words, for the tables of the console and of the page."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

from callpulse.backtest import words
from callpulse.backtest.alert import Alert
from callpulse.backtest.run import Report
from callpulse.backtest.totals import Total
from callpulse.backtest.words import Times, safe

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BY, RULES, WHY = "by", "rules", "why"
HEADS = ("from", "to", "queue", "severity", RULES, "told", "worst", "hurt", WHY)
FIGURES = frozenset({"worst", "hurt"})
SPARED = frozenset({"hurt", WHY})  # left to --json where nothing else helps
TOTALS = ("onsets", "minutes", "longest", "flaps")


class Rows(NamedTuple):
    """`figures`: heads of the columns that hold numbers."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: frozenset[str]


def times_of(report: Report, zone: str, *, seconds: bool = True) -> Times:
    return Times(report.first_ms, report.last_ms, zone, seconds=seconds)


def span(report: Report, zone: str) -> str:
    """`2026-11-21 22:58:50 to 23:21:50, times in UTC`"""
    times = times_of(report, zone)
    return f"{times.whole(report.first_ms)} to {times.shown(report.last_ms)}, times in {zone}"


def letters(report: Report) -> list[str]:
    """Of each set of rules; none where there is only one."""
    many = len(report.outcomes) > 1
    return [LETTERS[place % len(LETTERS)] if many else "" for place in range(len(report.outcomes))]


def alerts(report: Report, zone: str, *, short: bool = False) -> Rows:
    """All sets together, by when an alert began. `short`: of its rules one is named and the others
    are counted, no seconds, no harm and no reasons."""
    times = times_of(report, zone, seconds=not short)
    found = [
        (letter, alert)
        for letter, outcome in zip(letters(report), report.outcomes, strict=True)
        for alert in outcome.alerts
    ]
    found.sort(key=lambda each: (each[1].from_ms, each[1].queue, each[0]))
    heads = [BY] if len(report.outcomes) > 1 else []
    heads += [head for head in HEADS if not (short and head in SPARED)]
    return Rows(
        heads, [[_cells(letter, alert, times, short)[head] for head in heads] for letter, alert in found], FIGURES
    )


def _cells(letter: str, alert: Alert, times: Times, short: bool) -> dict[str, str]:
    others = [rule for rule in alert.rules if rule != alert.rule]
    more = f" +{len(others)}" if others else ""
    return {
        BY: letter,
        "from": times.shown(alert.from_ms),
        "to": words.STILL if alert.to_ms is None else times.shown(alert.to_ms),
        "queue": words.place(alert),
        "severity": alert.severity,
        RULES: safe(alert.rule + more if short else ", ".join((alert.rule, *others))),
        "told": words.told(alert, times),
        "worst": words.worst(alert),
        "hurt": words.NOTHING if alert.hurt is None else f"{alert.hurt:,}",
        WHY: words.cause(alert),
    }


def totals(report: Report) -> Rows:
    """A row for each rule; of each figure one column by set of rules, so that they stand side by side."""
    rules = dict.fromkeys(rule for outcome in report.outcomes for rule in outcome.totals)
    heads = [
        f"{head} {letter}".strip() if not place else letter
        for head in TOTALS
        for place, letter in enumerate(letters(report))
    ]
    rows = []
    for rule in rules:
        by_set = [_total(outcome.totals.get(rule)) for outcome in report.outcomes]
        rows.append([safe(rule), *(cell for cells in zip_longest(*by_set) for cell in cells)])
    return Rows(["rule", *heads], rows, frozenset(heads))


def _total(total: Total | None) -> list[str]:
    if total is None:
        return [words.NOTHING] * len(TOTALS)
    longest, minutes = words.minutes(total.longest_ms), words.minutes(total.firing_ms)
    return [f"{total.onsets:,}", minutes, longest, f"{total.flaps:,}"]
