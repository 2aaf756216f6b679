"""Alerts about the floor: the rules of `[alerts]` about service level and abandonment, in PromQL.

Prometheus is the second eye: the alerts worker sees sooner (it forecasts) and knows opening hours, mutes and who has
taken an alert. So what it would tell late is told late here too, and Alertmanager keeps it back while it watches.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from callpulse.alerts.core.lifecycle import Severity
from callpulse.alerts.core.rules import LENGTH_ORDER, Level, Rule
from callpulse.monitoring.alert import Alert
from callpulse.monitoring.levels import QUEUE, TARGET
from callpulse.monitoring.promql import any_like, duration, quoted
from callpulse.monitoring.recording import LOWER, RANGES, UPPER, seconds
from callpulse.settings import Settings, rules_of

SEVERITIES: dict[Severity, Literal["warning", "critical"]] = {
    Severity.WARNING: "warning",
    Severity.CRITICAL: "critical",
}


class Subject(NamedTuple):
    """What a rule may be about: its alert, the stem of the recorded share, what it is a share of, words for people."""

    alert: str
    stem: str
    counted: str
    words: str
    first: str


SUBJECTS = {
    "service_level": Subject(
        "CallpulseServiceLevelLow",
        "callpulse:service_level",
        "callpulse:service_level_counted:rate",
        "service level",
        "look at the wall: who waits, who is free? Move or free agents.",
    ),
    "abandonment_rate": Subject(
        "CallpulseAbandonmentHigh",
        "callpulse:abandonment",
        "callpulse:visits_done:rate",
        "abandonment",
        "look at the wall: how long do callers wait? Move or free agents, offer a callback.",
    ),
}


def alerts(settings: Settings) -> Iterator[Alert]:
    """One for each level of each rule that Prometheus can judge."""
    for rule in rules_of(settings):
        if can_be_judged(rule):
            yield from (_alert(rule, severity, level) for severity, level in _levels(rule))


def left_out(settings: Settings) -> list[str]:
    """Names of rules that only the alerts worker can judge."""
    return [rule.name for rule in rules_of(settings) if not can_be_judged(rule)]


def can_be_judged(rule: Rule) -> bool:
    """Prometheus knows rolling windows, and what is recorded of them."""
    return rule.kpi in SUBJECTS and {*rule.windows, *rule.clear_on} <= {*RANGES}


def _levels(rule: Rule) -> Iterator[tuple[Severity, Level]]:
    for severity, level in ((Severity.WARNING, rule.warning), (Severity.CRITICAL, rule.critical)):
        if level is not None:
            yield severity, level


def _alert(rule: Rule, severity: Severity, level: Level) -> Alert:
    subject, labels = SUBJECTS[rule.kpi], {"rule": rule.name, "level": _named(level)}
    longest = max(rule.windows, key=LENGTH_ORDER.index)
    return Alert(
        name=subject.alert,
        expr=f"(\n{_begins(rule, level.enter, level.burn, longest)}\n)\nor\n(\n{_lasts(rule, severity, level)}\n)",
        for_=duration(rule.for_ms + rule.alone_after_ms),
        keep=duration(rule.keep_firing_ms),
        severity=SEVERITIES[severity],
        audience="supervisors",
        labels=labels,
        summary=f"{{{{ $labels.queue }}}}: {subject.words} {{{{ $value | humanizePercentage }}}}",
        description=f"{subject.words.capitalize()} of {{{{ $labels.queue }}}} ({{{{ $labels.channel }}}}) is "
        f"{{{{ $value | humanizePercentage }}}} over {longest}, {_words(rule, level)}, of about {_n(subject, longest)} "
        f"visits. First: {subject.first}",
    )


def _begins(rule: Rule, enter: float, burn: bool, longest: str) -> str:
    """Beyond the level in its windows, and on enough evidence in the longest of them."""
    beyond, stem = _beyond(rule, enter, burn), SUBJECTS[rule.kpi].stem
    windows = f"\n  {'and' if rule.combine == 'all' else 'or'} ".join(
        f"{_share(rule, window)} {beyond}" for window in rule.windows
    )
    asked = [f"  ({windows})" if rule.combine == "any" else f"  {windows}"]
    if rule.evidence.wilson:
        asked.append(f"  and {stem}:{UPPER if rule.side == 'below' else LOWER}{longest} {beyond}")
    if rule.evidence.min_n:
        asked.append(f"  and {SUBJECTS[rule.kpi].counted}{longest} * {seconds(longest)} >= {rule.evidence.min_n}")
    return "\n".join(asked)


def _lasts(rule: Rule, severity: Severity, level: Level) -> str:
    """Fires already, and is not yet at the level at which it is over."""
    beyond = _beyond(rule, level.clear, level.burn)
    windows = " or ".join(f"{_share(rule, window)} {beyond}" for window in rule.clear_on or rule.windows)
    firing = f'alertname="{SUBJECTS[rule.kpi].alert}", alertstate="firing"'
    own = f'rule={quoted(rule.name)}, severity="{SEVERITIES[severity]}"'
    return f"  ({windows})\n  and on ({QUEUE}) ALERTS{{{firing}, {own}}}"


def _share(rule: Rule, window: str) -> str:
    queues = "" if rule.queues == ("*",) else f"{{queue=~{any_like(rule.queues)}}}"
    return f"{SUBJECTS[rule.kpi].stem}:ratio_rate{window}{queues}"


def _beyond(rule: Rule, level: float, burn: bool) -> str:
    side = "<" if rule.side == "below" else ">"
    return f"{side} on ({QUEUE}) (1 - {level:g} * (1 - {TARGET}))" if burn else f"{side} {level:g}"


def _named(level: Level) -> str:
    return f"{level.enter:g} x budget" if level.burn else f"{100 * level.enter:g} %"


def _words(rule: Rule, level: Level) -> str:
    if not level.burn:
        return f"{rule.side} {_named(level)}"
    return "below its target" if level.enter == 1 else f"missed {level.enter:g} times as often as its target allows"


def _n(subject: Subject, window: str) -> str:
    """How many are behind the share, asked when the alert is told."""
    asked = f"{subject.counted}{window}{{site=%q,queue=%q,channel=%q}} * {seconds(window)}"
    found = '{{ with query . }}{{ . | first | value | printf "%.0f" }}{{ end }}'
    return f"{{{{ with printf `{asked}` $labels.site $labels.queue $labels.channel }}}}{found}{{{{ end }}}}"
