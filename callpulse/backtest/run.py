"""`callpulse backtest`: play a recording, say what every set of rules would have told."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from callpulse.alerts.core import foresight, site_alert
from callpulse.alerts.core.engine import Plan
from callpulse.alerts.core.queue_alert import Change
from callpulse.alerts.core.rule_faults import nearest
from callpulse.alerts.core.rules import NOW, Rule
from callpulse.alerts.core.subjects import SUBJECTS
from callpulse.alerts.planning import plan_of
from callpulse.backtest.alert import Alert
from callpulse.backtest.books import Books
from callpulse.backtest.course import Course
from callpulse.backtest.playing import Line, Played, Player, Shown
from callpulse.backtest.recording import Recording
from callpulse.backtest.seeing import OCCUPANCY
from callpulse.backtest.totals import Total, totals
from callpulse.settings import Settings, load, verified
from callpulse.stream.core.events import Event
from callpulse.stream.core.kpis import Policy

ALWAYS_DRAWN: tuple[Shown, ...] = (("service_level", "15m"), ("abandonment_rate", "15m"))
IN_FORCE = "the rules in force"


class RuleSet(Struct, frozen=True):
    """Rules to try, and what they are called."""

    name: str
    plan: Plan


class Request(Struct, frozen=True):
    """What to try. `pictures`: keep what a picture of each queue needs."""

    rules: tuple[RuleSet, ...]
    threshold_s: int | None = None
    pictures: bool = False


class Outcome(Struct, frozen=True):
    """What one set of rules would have done. `alerts` by when they began."""

    name: str
    alerts: list[Alert]
    changes: list[Change]
    totals: dict[str, Total]
    rules: dict[str, list[Rule]]  # by queue, at its target


class Report(Struct, frozen=True):
    """What came out. `first_ms` and `last_ms` are the first and the last look, 0 where there was none; `lines` by queue
    and (KPI, window)."""

    outcomes: list[Outcome]
    recording: Recording
    first_ms: int
    last_ms: int
    looks: int
    lines: dict[str, dict[Shown, Line]]
    targets: dict[str, float]


def rule_sets(files: Sequence[Path], settings: Settings) -> tuple[RuleSet, ...]:
    """`[alerts]` of each file, on a site that is otherwise as `settings` say; without files their own. Raises
    SettingsError."""
    if not files:
        return (RuleSet(IN_FORCE, plan_of(settings)),)
    names = [file.name for file in files]
    names = names if len(set(names)) == len(names) else [str(file) for file in files]
    return tuple(RuleSet(name, _plan(file, settings)) for name, file in zip(names, files, strict=True))


def _plan(file: Path, settings: Settings) -> Plan:
    return plan_of(verified(replace(settings, alerts=load(file).alerts), str(file)))


def backtest(recording: Recording, request: Request, settings: Settings, progress: Callable[[str], None]) -> Report:
    """What the books refuse is counted in the recording. `progress(where it is)` is called now and then."""
    policy = policy_of(settings, request.threshold_s)
    timed = any(rule.kpi == OCCUPANCY for each in request.rules for rule in each.plan.rules)
    books = Books(settings.limits(), settings.calendar(), settings.channel, agent_time=timed)
    shown = drawn([each.plan for each in request.rules]) if request.pictures else ()
    player = Player(books, policy, [each.plan for each in request.rules], shown)
    played = player.play(
        recording.events, lambda refused: recording.refuse(refused, None), _told(recording.events, progress)
    )
    queues = books.queues()
    return Report(
        [_outcome(each.name, course, played, queues, policy) for each, course in _named(request, played)],
        recording,
        played.first_ms,
        played.last_ms,
        played.looks,
        played.lines,
        {queue: policy(queue).target for queue in queues},
    )


def idle(request: Request, report: Report) -> Iterator[str]:
    """Rules that say nothing because the log has no queue they are about: perhaps a slip."""
    for each in request.rules:
        for rule in each.plan.rules:
            if report.targets and not any(map(rule.applies_to, report.targets)):
                meant = ", ".join(rule.queues)
                known = nearest(rule.queues[0], "a queue", report.targets) if rule.queues else ""
                yield f"{each.name}: rule {rule.name}: this log has no queue {meant}; {known}"


def _told(events: Sequence[Event], progress: Callable[[str], None]) -> Callable[[int], None]:
    """How far it has come, every hour of the log."""
    if not events:
        return lambda _: None
    first_ms, length_ms = events[0].at, max(1, events[-1].at - events[0].at)
    return lambda at_ms: progress(f"{min(1.0, max(0, at_ms - first_ms) / length_ms):.0%} of the log played")


def drawn(plans: Sequence[Plan]) -> tuple[Shown, ...]:
    """What a picture shows: service level and abandonment, the forecast, and what rules of one's own are about."""
    rules = [rule for plan in plans for rule in plan.rules]
    own = [(rule.kpi, rule.windows[0]) for rule in rules if rule.kpi in SUBJECTS]
    ahead = [(foresight.EXPECTED, NOW)] if any(plan.capacity for plan in plans) else []
    return tuple(dict.fromkeys((*ALWAYS_DRAWN, *ahead, *own)))


def policy_of(settings: Settings, threshold_s: int | None) -> Callable[[str], Policy]:
    """How a queue is judged, with another T where one is given."""
    if threshold_s is None:
        return settings.policy
    return lambda queue: replace(settings.policy(queue), threshold_s=threshold_s)


def _named(request: Request, played: Played) -> list[tuple[RuleSet, Course]]:
    return list(zip(request.rules, played.courses, strict=True))


def _outcome(
    name: str, course: Course, played: Played, queues: Sequence[str], policy: Callable[[str], Policy]
) -> Outcome:
    plan = course.engine.plan
    own = foresight.NAMES if plan.capacity else ()
    names = dict.fromkeys([*own, *(rule.name for rule in plan.rules), site_alert.MANY])
    return Outcome(
        name,
        sorted(course.alerts, key=lambda alert: (alert.from_ms, alert.queue)),
        course.changes,
        totals(course.changes, names, played.last_ms),
        {queue: list(course.watch(queue, policy(queue)).rules.values()) for queue in queues},
    )
