"""From a trouble to the notice of it: value and evidence, how it moves, what to do about it."""

import hashlib

import msgspec
from msgspec.structs import replace

from callpulse.alerts.core import advice as advising
from callpulse.alerts.core import foresight
from callpulse.alerts.core import notice as told
from callpulse.alerts.core.capacity import Reading
from callpulse.alerts.core.defaults import DEFAULT_RULES
from callpulse.alerts.core.forecast import Forecaster
from callpulse.alerts.core.foresight import EXPECTED
from callpulse.alerts.core.incident import Incident
from callpulse.alerts.core.lifecycle import Severity
from callpulse.alerts.core.moment import Moment
from callpulse.alerts.core.notice import Kind, Labels, Notice, Trend
from callpulse.alerts.core.present import main_figure, value_of
from callpulse.alerts.core.queue_alert import Looked, Watch
from callpulse.alerts.core.recovery import recovery
from callpulse.alerts.core.rules import LENGTH_ORDER, NOW, Rule, Seen, bound
from callpulse.alerts.core.site_alert import CAUSES, MOST_NAMED, PAST, SHARE, Found
from callpulse.alerts.core.subjects import SUBJECTS

OURS = frozenset({*(rule.name for rule in DEFAULT_RULES), *foresight.NAMES, *CAUSES})  # have a heading each
STEADY = 0.02  # of a share: less is no movement
_SEVERITIES: dict[Severity, told.Severity] = {Severity.WARNING: "warning", Severity.CRITICAL: "critical"}


def of_queue(looked: Looked, kind: Kind, watch: Watch, moment: Moment, site: str, wall_url: str) -> Notice | None:
    """What there is to tell after a look; None where there is no trouble."""
    trouble = looked.incident
    if trouble is None:
        return None
    rule, resolved = headline(trouble, watch), kind == "resolved"
    kpi = trouble.kpi if rule is None else rule.kpi
    seen = moment.seen(kpi)
    figure = main_figure(rule, moment) if rule else None
    return Notice(
        id=trouble.id,
        kind=kind,
        labels=labels_of(trouble, moment.queue, site),
        onset_ms=trouble.onset_ms,
        at_ms=moment.look_ms,
        ended_ms=moment.look_ms if resolved else None,
        kpi="" if kpi == trouble.kpi else kpi,
        unit=unit(kpi),
        value=value_of(kpi, rule, moment, looked.reading),
        target=None if rule is None else target_of(rule, moment),
        n=None if figure is None else figure.n,
        bound=bound(rule, figure) if rule is not None and figure is not None and unit(rule.kpi) == "ratio" else None,
        readings=_readings(rule, seen, looked.reading),
        trend=None if rule is None else _trend(rule, moment),
        worst_contacts=moment.worst,
        advice=None if resolved else advice(looked.reading, watch, moment),
        acknowledged=trouble.acknowledged,
        worst=trouble.worst if kpi == trouble.kpi else None,
        hurt=trouble.hurt,
        wall_url=wall_url,
        runbook_url=rule.runbook if rule else "",
        definition=trouble.rule if rule is None else definition(rule),
    )


def headline(trouble: Incident, watch: Watch) -> Rule | None:
    """What matters most now: the rule that the trouble is named after, or one that is worse."""
    own = watch.rules.get(trouble.rule)
    rules = [watch.rules[name] for name in trouble.joined.rules if name in watch.rules]
    severe = [rule for rule in rules if trouble.joined.severity in rule.levels]
    return own if own in severe or not severe else severe[0]


def of_site(trouble: Incident, kind: Kind, rule: Rule, found: Found, wall_ms: int, site: str) -> Notice:
    """What there is to tell of the whole site."""
    return Notice(
        id=trouble.id,
        kind=kind,
        labels=labels_of(trouble, "", site),
        onset_ms=trouble.onset_ms,
        at_ms=wall_ms,
        ended_ms=wall_ms if kind == "resolved" else None,
        unit=unit(rule.kpi),
        value=found.value,
        worst=trouble.worst,
        acknowledged=trouble.acknowledged,
        queues=found.queues[:MOST_NAMED],
        sources=found.sources[:MOST_NAMED],
        definition=definition(rule),
    )


def linked(notice: Notice, runbook_url: str) -> Notice:
    """With the heading of the runbook about it, where its rule is one of ours and has no link of its own."""
    if notice.runbook_url or not runbook_url or notice.labels.rule not in OURS:
        return notice
    return replace(notice, runbook_url=f"{runbook_url}#{notice.labels.rule}")


def in_the_past(notice: Notice) -> Notice:
    """Of the whole site, for boards: what it was is no more, though it may come back."""
    cause = PAST.get(notice.labels.cause, notice.labels.cause)
    return replace(notice, labels=replace(notice.labels, cause=cause))


def labels_of(trouble: Incident, queue: str, site: str) -> Labels:
    """The severity is that of what fires, or of what was told last."""
    severity = trouble.joined.severity or trouble.told
    return Labels(
        rule=trouble.rule,
        queue=queue,
        site=site,
        kpi=trouble.kpi,
        cause=trouble.cause,
        severity=_SEVERITIES.get(severity, "warning"),
        rules=trouble.joined.rules,
    )


def definition(rule: Rule) -> str:
    """Its name, and a version that changes with every word of it."""
    return f"{rule.name}@{hashlib.sha256(msgspec.json.encode(rule)).hexdigest()[:6]}"


def unit(kpi: str) -> told.Unit:
    """Of what a rule can be about, of the file or of the site."""
    return "ratio" if kpi == SHARE else SUBJECTS[kpi].unit


def target_of(rule: Rule, moment: Moment) -> float | None:
    """What was promised: of a service level the target of its queue, of anything else where the rule begins."""
    if rule.kpi.startswith("service_level"):
        return moment.policy.target
    levels = list(rule.levels.values())
    return levels[0].enter if levels else None


def advice(reading: Reading | None, watch: Watch, moment: Moment) -> told.Advice | None:
    """What the queue would do with more agents, and what the interval needs. None where nothing is known."""
    ahead = watch.foresight
    if reading is None or ahead is None:
        return None
    found = _what_if(reading, ahead.forecaster, moment)
    needed, lost = _interval(reading, moment)
    if found is None:
        return None if needed is None and not lost else told.Advice(in_time_needed=needed, interval_lost=lost)
    better = next((each for each in found.options if each.more == found.needed), None)
    if better is None and found.needed != 0:
        better = next((each for each in found.options if each.service_level >= found.target), None)
    return told.Advice(
        agents=found.now.agents,
        level=found.now.service_level,
        abandonment=found.now.abandonment,
        more=better.more if better else None,
        level_with_more=better.service_level if better else None,
        abandonment_with_more=better.abandonment if better else None,
        in_time_needed=needed,
        interval_lost=lost,
        minutes_left=found.minutes_left,
        cold=reading.cold,
    )


def _what_if(reading: Reading, forecaster: Forecaster, moment: Moment) -> advising.Advice | None:
    """With those who are there now, as boards show them. The rules ask the mean of a minute, so that nobody is alarmed
    by a pause; who reads "Add 5 agents" would count from that mean, and ask for agents who have just come back."""
    agents = reading.agents if reading.staffed is None else reading.staffed
    if agents is None:
        return None
    queue = advising.Queue(reading.n, agents, reading.per_s, reading.aht_s, moment.policy.threshold_s)
    return advising.advise(queue, forecaster, moment.policy.target)


def _interval(reading: Reading, moment: Moment) -> tuple[int | None, bool]:
    """So many in a row in time bring the running interval back, or it is lost."""
    level = moment.seen("service_level").get("interval")
    if level is None or level.value is None or not level.n or reading.per_s is None:
        return None, False
    left_s = max(0, moment.interval_end_ms - moment.at_ms) / 1000
    found = recovery(round(level.value * level.n), level.n, reading.per_s * left_s, moment.policy.target)
    if found is None or found.next_in_time == 0:
        return None, False
    return (None, True) if found.lost else (found.next_in_time, False)


def _readings(rule: Rule | None, seen: dict[str, Seen], reading: Reading | None) -> tuple[told.Reading, ...]:
    if rule is None:
        return ()
    if rule.kpi == EXPECTED:
        return () if reading is None else (told.Reading(NOW, reading.forecast),)
    shortest_first = sorted(rule.windows, key=LENGTH_ORDER.index)
    return tuple(told.Reading(each, seen[each].value, seen[each].n) for each in shortest_first if each in seen)


def _trend(rule: Rule, moment: Moment) -> Trend | None:
    """Five minutes against a quarter of an hour."""
    short, long = (moment.seen(rule.kpi).get(window) for window in ("5m", "15m"))
    if short is None or long is None or short.value is None or long.value is None:
        return None
    change = short.value - long.value
    if abs(change) < (STEADY if unit(rule.kpi) == "ratio" else STEADY * max(abs(long.value), 1)):
        return "steady"
    return "improving" if (change > 0) == (rule.side == "below") else "worsening"
