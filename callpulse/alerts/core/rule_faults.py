"""Why a rule could never fire, could never clear, or means nothing: it is refused then, with the reason."""

import difflib
import math
from collections.abc import Collection, Iterable, Iterator

from callpulse.alerts.core.lifecycle import Severity
from callpulse.alerts.core.patterns import matches
from callpulse.alerts.core.rules import LENGTH_ORDER, Level, Rule, beyond
from callpulse.alerts.core.subjects import LEVELS, SUBJECTS, Subject


def faults(rule: Rule, target: float = 0.8) -> Iterator[str]:
    """All of them, each `key: sentence` with the keys of the settings. `target`: the highest of the queues that the
    rule is for, which has the least to miss and can be missed the most times over."""
    subject = SUBJECTS.get(rule.kpi)
    if subject is None:
        yield f"kpi: nobody computes {rule.kpi!r}; {nearest(rule.kpi, 'a KPI', SUBJECTS)}"
        return
    if not rule.queues:
        yield "queues: expected at least one, * for all"
    if not (rule.warning or rule.critical):
        yield "warning, critical: expected at least one of them"
    yield from _window_faults(rule, subject)
    yield from _evidence_faults(rule, subject)
    of_levels = [
        f"{severity.name.lower()}.{fault}"
        for severity, level in _given(rule).items()
        for fault in (_burn_faults(rule, level, target) if level.burn else _level_faults(rule, level, subject))
    ]
    yield from of_levels or _ladder_faults(rule, target)
    if rule.hours:
        yield from (f"hours.{fault}" for fault in rule.hours.faults())


def unmet(rules: Iterable[Rule], queues: Collection[str]) -> Iterator[str]:
    """Rules that name a queue nobody has heard of, each in a sentence: a slip, or a queue of tomorrow."""
    for rule in rules if queues else ():
        for named in rule.queues:
            if not any(matches(named, queue) for queue in queues):
                yield (
                    f"alerts.rules.{rule.name}.queues: no queue matches {named!r} so far; "
                    f"{nearest(named, 'a queue', queues)}"
                )


def nearest(name: str, of: str, known: Iterable[str]) -> str:
    """`expected the name of a queue, the nearest is sales`"""
    (found,) = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.0)
    return f"expected the name of {of}, the nearest is {found}"


def _given(rule: Rule) -> dict[Severity, Level]:
    both = {Severity.WARNING: rule.warning, Severity.CRITICAL: rule.critical}
    return {severity: level for severity, level in both.items() if level is not None}


def _window_faults(rule: Rule, subject: Subject) -> Iterator[str]:
    if not rule.windows:
        yield "windows: expected at least one"
    for key, windows in (("windows", rule.windows), ("clear_on", rule.clear_on)):
        for window in windows:
            if window not in LENGTH_ORDER:
                yield f"{key}: {window!r} is none of {', '.join(LENGTH_ORDER)}"
            elif window not in subject.windows:
                yield f"{key}: {rule.kpi} has no value in {window!r}; expected some of {', '.join(subject.windows)}"


def _evidence_faults(rule: Rule, subject: Subject) -> Iterator[str]:
    if rule.evidence.wilson and (subject.unit, subject.behind) != ("ratio", "contacts"):
        yield f"evidence.wilson: a bound is for shares of contacts; {rule.kpi} is none"
    if rule.evidence.min_n and subject.behind is None:
        yield f"evidence.min_n: {rule.kpi} has nothing counted behind it, so it can never fire"


def _level_faults(rule: Rule, level: Level, subject: Subject) -> Iterator[str]:
    if not (math.isfinite(level.enter) and math.isfinite(level.clear)):
        yield "enter, clear: expected numbers"
        return
    low = -math.inf if rule.kpi == "ledger_residual" else 0.0
    high = 1.0 if subject.unit == "ratio" else math.inf
    if (level.enter <= low) if rule.side == "below" else (level.enter >= high):
        yield f"enter: nothing is ever {rule.side} {level.enter:g}, so it can never fire"
    if beyond(rule, level.clear, level.enter):
        yield f"clear: {level.clear:g} is on the bad side of enter, {level.enter:g}: it would clear while breached"
    if (level.clear > high) if rule.side == "below" else (level.clear < low):
        yield f"clear: {rule.kpi} never gets to {level.clear:g}, so it can never clear"


def _burn_faults(rule: Rule, level: Level, target: float) -> Iterator[str]:
    if not (math.isfinite(level.enter) and math.isfinite(level.clear)):
        yield "burn, clear_burn: expected numbers"
        return
    if rule.kpi not in LEVELS:
        yield f"burn: {rule.kpi} has no budget of misses as {', '.join(sorted(LEVELS))} have; expected enter and clear"
        return
    if rule.side == "above":
        yield "burn: a budget is burnt below a target; expected side = 'below'"
    most = 1 / (1 - target)
    if level.enter >= round(most, 9):
        yield (
            f"burn: at a target of {100 * target:g} % the budget of misses burns at most {most:.3g} times as fast as "
            f"it lasts, so {level.enter:g} can never fire"
        )
    if level.clear > level.enter:
        yield f"clear_burn: {level.clear:g} is more than burn, {level.enter:g}: it would clear while breached"
    if level.clear < 0:
        yield f"clear_burn: nothing burns {level.clear:g} times as fast, so it can never clear"


def _ladder_faults(rule: Rule, target: float) -> Iterator[str]:
    """Only what is critical may be worse."""
    if not (rule.warning and rule.critical):
        return
    warning, critical = rule.at(target).levels.values()
    if not beyond(rule, critical.enter, warning.enter):
        lower, higher = ("burn" if level.burn else "enter" for level in (rule.warning, rule.critical))
        yield f"critical.{higher}: {rule.critical.enter:g} is not worse than warning.{lower}, {rule.warning.enter:g}"
