"""A rule as data: which figure, of which queues, over which windows, beyond which levels, on how much evidence.

A level is passed when every window of the rule is beyond it (or any, `combine`). Evidence is asked of the longest
window alone: the others say that it is still so. It is clear when every window of `clear_on` is at the clear level or
better; a window in which nothing happened harmed nobody. What makes no rule is said in rule_faults.py.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from callpulse.alerts.core import evidence
from callpulse.alerts.core.hours import Hours
from callpulse.alerts.core.lifecycle import Judgement, Severity, Sight, Timing
from callpulse.alerts.core.patterns import matches
from callpulse.stream.core.windows import BOARD_WINDOWS

NOW = "now"
LENGTH_ORDER = (NOW, *BOARD_WINDOWS)  # shortest first
FINE = 12  # decimals of a level: 1 − 1 × (1 − 0.8) is 0.8 then, and no queue at its very target is below it
EVERYDAY_AUDIENCE = "supervisors"


class Level(Struct, frozen=True, forbid_unknown_fields=True):
    """Passed beyond `enter`; clear from `clear` on, which is better than `enter` or the same. With `burn` both say how
    many times as fast as it lasts the queue's budget of misses is burnt: `Rule.at` makes plain levels of them."""

    enter: float
    clear: float
    burn: bool = False


class Evidence(Struct, frozen=True, forbid_unknown_fields=True):
    """Both where both are given. `wilson`: the one-sided 95 % bound must be beyond the level too."""

    wilson: bool = False
    min_n: Annotated[int, Meta(ge=0)] = 0


class Seen(Struct, frozen=True):
    """A figure in a window: its value, None where nothing happened, and what is behind it."""

    value: float | None
    n: int | None = None


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`side`: on which side of a level it is bad. Durations are milliseconds of data time. `alone_after_ms`: it is told
    when a rule that tells at once (0) agrees, or when it has fired for so long by itself. `hours`: None = always."""

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
    alone_after_ms: int = 0
    audience: str = EVERYDAY_AUDIENCE
    runbook: str = ""
    hours: Hours | None = None

    @property
    def timing(self) -> Timing:
        return Timing(self.for_ms, self.keep_firing_ms)

    @property
    def levels(self) -> dict[Severity, Level]:
        """By severity, the lower one first. Raises ValueError where they are still burns."""
        both = {Severity.WARNING: self.warning, Severity.CRITICAL: self.critical}
        found = {severity: level for severity, level in both.items() if level is not None}
        if any(level.burn for level in found.values()):
            raise ValueError(f"the levels of {self.name} are burns: they are judged at the target of a queue")
        return found

    def at(self, target: float) -> "Rule":
        """The same rule for a queue with that target (0-1): its levels are plain. A burn that is more than the budget
        of that target allows is never reached there."""
        return replace(self, warning=_plain(self.warning, target), critical=_plain(self.critical, target))

    def applies_to(self, queue: str) -> bool:
        """`*` stands for anything."""
        return any(matches(pattern, queue) for pattern in self.queues)


def _plain(level: Level | None, target: float) -> Level | None:
    if level is None or not level.burn:
        return level
    return Level(burn_level(level.enter, target), burn_level(level.clear, target))


def burn_level(burn: float, target: float) -> float:
    """The service level at which the budget of misses (1 − target) is burnt `burn` times as fast as it lasts. At 80 %
    no burn above 5 exists: the level is below 0 then."""
    return round(1 - burn * (1 - target), FINE)


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
    found = (beyond(rule, _value(seen, window), enter) for window in rule.windows)
    return all(found) if rule.combine == "all" else any(found)


def beyond(rule: Rule, value: float | None, level: float) -> bool:
    if value is None:
        return False
    return value < level if rule.side == "below" else value > level


def _is_proved(rule: Rule, seen: Mapping[str, Seen], enter: float) -> bool:
    longest = max(rule.windows, key=LENGTH_ORDER.index)
    figure = seen.get(longest, Seen(None))
    if (figure.n or 0) < rule.evidence.min_n:
        return False
    return not rule.evidence.wilson or beyond(rule, bound(rule, figure), enter)


def bound(rule: Rule, figure: Seen) -> float | None:
    """The bound of a share that has to be beyond the level; None where there is no value."""
    if figure.value is None or not figure.n:
        return None
    side = evidence.upper if rule.side == "below" else evidence.lower
    return side(figure.value, figure.n)


def _is_clear(rule: Rule, seen: Mapping[str, Seen], clear: float) -> bool:
    values = [_value(seen, window) for window in rule.clear_on or rule.windows]
    return not any(beyond(rule, value, clear) for value in values)


def _value(seen: Mapping[str, Seen], window: str) -> float | None:
    return seen.get(window, Seen(None)).value
