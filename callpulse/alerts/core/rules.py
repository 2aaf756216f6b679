"""A rule as data: which figure, of which queues, over which windows, beyond which levels, on how much evidence.

A level is passed when every window of the rule is beyond it (or any, `combine`). Evidence is asked of the longest
window alone: the others say that it is still so. It is clear when every window of `clear_on` is at the clear level or
better; a window in which nothing happened harmed nobody.
"""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Literal

from msgspec import Struct

from callpulse.alerts.core import evidence
from callpulse.alerts.core.lifecycle import Judgement, Severity, Sight, Timing
from callpulse.stream.core.windows import BOARD_WINDOWS

NOW = "now"
LENGTH_ORDER = (NOW, *BOARD_WINDOWS)  # shortest first


class Level(Struct, frozen=True, forbid_unknown_fields=True):
    """Passed beyond `enter`; clear from `clear` on, which is better than `enter` or the same."""

    enter: float
    clear: float


class Evidence(Struct, frozen=True, forbid_unknown_fields=True):
    """Both where both are given. `wilson`: the one-sided 95 % bound must be beyond the level too."""

    wilson: bool = False
    min_n: int = 0


class Seen(Struct, frozen=True):
    """A figure in a window: its value, None where nothing happened, and what is behind it."""

    value: float | None
    n: int | None = None


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`side`: on which side of a level it is bad. Durations are milliseconds of data time."""

    name: str
    kpi: str
    side: Literal["below", "above"]
    queues: tuple[str, ...] = ("*",)
    windows: tuple[str, ...] = ("15m",)
    combine: Literal["all", "any"] = "all"
    clear_on: tuple[str, ...] = ()  # () = the windows of the rule
    warning: Level | None = None
    critical: Level | None = None
    evidence: Evidence = Evidence()
    for_ms: int = 0
    keep_firing_ms: int = 300_000
    repeat_ms: int = 3_600_000
    audience: str = "supervisors"
    runbook: str = ""

    @property
    def timing(self) -> Timing:
        return Timing(self.for_ms, self.keep_firing_ms)

    @property
    def levels(self) -> dict[Severity, Level]:
        """By severity, the lower one first."""
        both = {Severity.WARNING: self.warning, Severity.CRITICAL: self.critical}
        return {severity: level for severity, level in both.items() if level is not None}

    def applies_to(self, queue: str) -> bool:
        """`*` stands for anything."""
        return any(fnmatchcase(queue, pattern) for pattern in self.queues)


def judge(rule: Rule, seen: Mapping[str, Seen], sight: Sight = Sight.SEEN) -> Judgement:
    """What the rule says of these figures (window -> figure)."""
    if sight is not Sight.SEEN:
        return Judgement(sight)
    if all(_value(seen, window) is None for window in rule.windows):
        return Judgement(Sight.NO_DATA)
    breach = uncleared = Severity.NONE
    thin = False
    for severity, level in rule.levels.items():
        if _is_beyond(rule, seen, level.enter):
            if _is_proved(rule, seen, level.enter):
                breach = severity
            else:
                thin = True
        if not _is_clear(rule, seen, level.clear):
            uncleared = severity
    return Judgement(Sight.SEEN, breach, max(breach, uncleared), thin and not breach)


def _is_beyond(rule: Rule, seen: Mapping[str, Seen], enter: float) -> bool:
    found = (_beyond(rule, _value(seen, window), enter) for window in rule.windows)
    return all(found) if rule.combine == "all" else any(found)


def _beyond(rule: Rule, value: float | None, level: float) -> bool:
    if value is None:
        return False
    return value < level if rule.side == "below" else value > level


def _is_proved(rule: Rule, seen: Mapping[str, Seen], enter: float) -> bool:
    longest = max(rule.windows, key=LENGTH_ORDER.index)
    figure = seen.get(longest, Seen(None))
    if (figure.n or 0) < rule.evidence.min_n:
        return False
    return not rule.evidence.wilson or _beyond(rule, bound(rule, figure), enter)


def bound(rule: Rule, figure: Seen) -> float | None:
    """The bound of a share that has to be beyond the level; None where there is no value."""
    if figure.value is None or not figure.n:
        return None
    side = evidence.upper if rule.side == "below" else evidence.lower
    return side(figure.value, figure.n)


def _is_clear(rule: Rule, seen: Mapping[str, Seen], clear: float) -> bool:
    values = [_value(seen, window) for window in rule.clear_on or rule.windows]
    return not any(_beyond(rule, value, clear) for value in values)


def _value(seen: Mapping[str, Seen], window: str) -> float | None:
    return seen.get(window, Seen(None)).value


def faults(rule: Rule, unit: Literal["ratio", "s", "count"] | None) -> Iterator[str]:
    """Why the rule could never fire, never clear, or means nothing; `unit` is None where nobody computes the KPI."""
    if unit is None:
        yield f"kpi: nobody computes {rule.kpi!r}"
    if not rule.levels:
        yield "warning, critical: expected at least one of them"
    if not rule.windows:
        yield "windows: expected at least one"
    for window in {*rule.windows, *rule.clear_on} - {*LENGTH_ORDER}:
        yield f"windows: {window!r} is none of {', '.join(LENGTH_ORDER)}"
    for severity, level in rule.levels.items():
        yield from (f"{severity.name.lower()}.{fault}" for fault in _level_faults(rule, level, unit))
    if rule.evidence.wilson and unit != "ratio":
        yield f"evidence.wilson: a bound is for shares; {rule.kpi} is none"
    if rule.warning and rule.critical and not _beyond(rule, rule.critical.enter, rule.warning.enter):
        yield f"critical.enter: {rule.critical.enter:g} is not worse than warning.enter, {rule.warning.enter:g}"


def _level_faults(rule: Rule, level: Level, unit: str | None) -> Iterator[str]:
    low, high = 0.0, 1.0 if unit == "ratio" else float("inf")
    if (level.enter <= low) if rule.side == "below" else (level.enter >= high):
        yield f"enter: nothing is ever {rule.side} {level.enter:g}, so it can never fire"
    if _beyond(rule, level.clear, level.enter):
        yield f"clear: {level.clear:g} is on the bad side of enter, {level.enter:g}: it would clear while breached"
    if (level.clear > high) if rule.side == "below" else (level.clear < low):
        yield f"clear: {rule.kpi} never gets to {level.clear:g}, so it can never clear"


def burn_level(burn: float, target: float) -> float:
    """The service level at which the budget of misses (1 − target) is burnt `burn` times as fast as it lasts. At 80 %
    no burn above 5 exists: the level is below 0 then, and `faults` says that it can never fire."""
    return 1 - burn * (1 - target)
