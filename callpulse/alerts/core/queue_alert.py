"""The alert of one queue: the states of its rules, and the one trouble that they tell of together.

A rule raises alone: where one fails, it is parked with its error on show, and the others go on.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct

from callpulse.alerts.core import foresight, incident, joining
from callpulse.alerts.core.capacity import Reading
from callpulse.alerts.core.flapping import LOOKED_AT, is_flapping
from callpulse.alerts.core.forecast import Forecaster
from callpulse.alerts.core.foresight import Memory
from callpulse.alerts.core.incident import Incident
from callpulse.alerts.core.joining import Firing, Joined
from callpulse.alerts.core.levels import Levels
from callpulse.alerts.core.lifecycle import (
    START,
    Judgement,
    Phase,
    Reason,
    Severity,
    Sight,
    State,
    Timing,
    Transition,
    step,
)
from callpulse.alerts.core.moment import Moment
from callpulse.alerts.core.notice import Kind
from callpulse.alerts.core.present import AGE, of_now, value_of
from callpulse.alerts.core.rules import NOW, Rule, Seen, judge
from callpulse.stream.core.windows import PANE_MS

LONGEST_GAP_MS = 180_000  # what is pending is stored each minute


class Foresight(NamedTuple):
    """What the rules of capacity of a queue ask."""

    forecaster: Forecaster
    levels: Levels
    zone: ZoneInfo
    memory: Memory


class Watch(NamedTuple):
    """How a queue is watched: `rules`, those of capacity among them where there is foresight."""

    rules: Mapping[str, Rule]
    foresight: Foresight | None


class QueueAlert(Struct, frozen=True, kw_only=True):
    """What has to survive a restart. `at_ms`: the newest moment that was judged (data time); `states` by rule, but for
    those at rest; `fired`: whether anything fired at the last looks, the newest last; `parked`: rule -> its error."""

    queue: str
    at_ms: int = 0
    states: Mapping[str, State] = {}
    fired: tuple[bool, ...] = ()
    flapping: bool = False
    incident: Incident | None = None
    parked: Mapping[str, str] = {}


class Change(NamedTuple):
    """What one rule did, for log, metric and history."""

    queue: str
    rule: str
    kpi: str
    transition: Transition


class Looked(NamedTuple):
    """After a look: the alert, what changed, what there is to tell of `incident` (the one that is over where it has
    ended), and what the last tick said."""

    alert: QueueAlert
    changes: Sequence[Change]
    kind: Kind | None
    incident: Incident | None
    reading: Reading | None


HeldBack = Callable[[Joined], bool]
"""Whether nobody is told of this now: a mute, trouble of the whole site."""


def never(_: Joined) -> bool:
    """Everything is told."""
    return False


class _Look:
    """One look at a queue. Accumulates states and changes."""

    def __init__(self, watch: Watch, alert: QueueAlert, sight: Sight, look_ms: int) -> None:
        self._watch, self._alert, self._sight = watch, alert, sight
        unseen = look_ms - alert.at_ms > LONGEST_GAP_MS  # whether it was still so meanwhile, nobody knows
        self.states = {
            rule: state
            for rule, state in alert.states.items()
            if rule in watch.rules and not (unseen and state.phase is Phase.PENDING)
        }
        self.parked: dict[str, str] = {}
        self.changes = [
            Change(alert.queue, rule, "", Transition(look_ms, state.severity, Severity.NONE, Reason.REMOVED))
            for rule, state in alert.states.items()
            if state.severity and rule not in watch.rules
        ]

    def ticks(self, moment: Moment) -> Reading | None:
        """The rules of capacity, tick by tick; what was judged before a restart is only taken in."""
        ahead, last = self._watch.foresight, None
        if ahead is None:
            return None
        try:
            for tick, last in foresight.readings(
                ahead.memory, tuple(moment.ticks), ahead.zone, ahead.forecaster, ahead.levels
            ):
                if tick.at_ms > self._alert.at_ms:
                    timings = foresight.timings(last)
                    for rule, judged in foresight.judgements(last).items():
                        self._step(rule, judged, tick.at_ms, timings.get(rule))
        except (ArithmeticError, ValueError, LookupError) as error:
            self.parked["capacity"] = _told(error)
        return last

    def figures(self, moment: Moment, extra: Mapping[str, Seen]) -> None:
        """The plain rules. `extra`: figures of now that are not the catalogue's."""
        for name, rule in self._watch.rules.items():
            if name in foresight.NAMES and self._watch.foresight is not None:
                continue
            try:
                seen = {NOW: extra[rule.kpi]} if rule.kpi in extra else moment.seen(rule.kpi)
                self._step(name, judge(rule, seen), moment.look_ms)
            except (ArithmeticError, ValueError, LookupError) as error:
                self.parked[name] = _told(error)

    def _step(self, name: str, judged: Judgement, now_ms: int, timing: Timing | None = None) -> None:
        """`timing`: that of this moment, where it is not the rule's."""
        rule, state = self._watch.rules[name], self.states.get(name, START)
        new, transition = step(state, self._sighted(rule, judged, state, now_ms), timing or rule.timing, now_ms)
        self.states[name] = new
        if transition is not None:
            self.changes.append(Change(self._alert.queue, name, rule.kpi, transition))

    def _sighted(self, rule: Rule, judged: Judgement, state: State, now_ms: int) -> Judgement:
        """Closed before blind before what is seen; of an age nobody is blind. Where the source lives and nobody calls,
        nobody is harmed: what fires comes to its end, it does not go on all night."""
        if rule.hours is not None and not rule.hours.is_open(now_ms):
            return Judgement(Sight.CLOSED)
        if self._sight is not Sight.SEEN and rule.kpi != AGE:
            return Judgement(self._sight)
        return Judgement(Sight.SEEN) if judged.sight is Sight.NO_DATA and state.severity else judged


def look(watch: Watch, alert: QueueAlert, moment: Moment, sight: Sight, held_back: HeldBack = never) -> Looked:
    """Judge what is new since the last look; the foresight's memory is changed in place."""
    at = _Look(watch, alert, sight, moment.look_ms)
    reading = at.ticks(moment)
    if moment.look_ms <= alert.at_ms:
        return Looked(alert, (), None, alert.incident, reading)
    at.figures(moment, of_now(moment, reading))
    fires = firing(watch, at.states)
    shown = joining.shown(fires)
    fired = (*_fired_until(alert, moment.look_ms), shown is not None)[-LOOKED_AT:]
    flapping = is_flapping(alert.flapping, fired)
    joined = joining.told(fires, alert.incident.joined if alert.incident else None, moment.look_ms)
    told, kind = _told_of(watch, alert, moment, reading, joined, held_back, flapping=flapping)
    new = QueueAlert(
        queue=alert.queue,
        at_ms=moment.look_ms,
        states={name: state for name, state in at.states.items() if state.phase is not Phase.INACTIVE},
        fired=fired,
        flapping=flapping,
        incident=None if kind == "resolved" or (joined is None and not flapping) else told,
        parked=at.parked,
    )
    return Looked(new, at.changes, kind, told, reading)


def _fired_until(alert: QueueAlert, look_ms: int) -> tuple[bool, ...]:
    """With the looks since the record was stored: had anything changed in them, it would have been stored."""
    missed = (look_ms - alert.at_ms) // PANE_MS - 1
    return (*alert.fired, *(alert.fired[-1:] * min(missed, LOOKED_AT)))


def _told_of(
    watch: Watch,
    alert: QueueAlert,
    moment: Moment,
    reading: Reading | None,
    joined: Joined | None,
    held_back: HeldBack,
    *,
    flapping: bool,
) -> tuple[Incident | None, Kind | None]:
    """The trouble after this moment, or the one that is over now. While it comes and goes, it goes on and nothing is
    told."""
    before, since_ms = alert.incident, alert.at_ms
    if before is None:
        if joined is None:
            return None, None
        before = begun(watch, alert.queue, reading, joined)
        since_ms = look_before(before)
    before = seen(before, watch, moment, reading, since_ms)
    if joined is None and flapping:
        return before, None
    rule = watch.rules.get(before.rule)
    repeat_ms = rule.repeat_ms if rule else 0
    hushed = flapping or (joined is not None and held_back(joined))
    after, kind = incident.followed(before, joined, moment.look_ms, repeat_ms, held_back=hushed)
    return after or before, kind


def firing(watch: Watch, states: Mapping[str, State]) -> list[Firing]:
    """The rules of a queue as they are joined."""
    return [Firing(name, state, watch.rules[name].alone_after_ms) for name, state in states.items()]


def look_before(begun: Incident) -> int:
    """Its onset is the first look that belongs to a trouble: what was missed there does too."""
    return begun.onset_ms - PANE_MS


def seen(trouble: Incident, watch: Watch, moment: Moment, reading: Reading | None, since_ms: int) -> Incident:
    """A trouble with what is seen now; `since_ms`: the look before."""
    rule = watch.rules.get(trouble.rule)
    harmed = sum(tick.misses for tick in moment.ticks if tick.at_ms > since_ms)
    value = value_of(trouble.kpi, rule, moment, reading)
    return incident.seen(trouble, value, rule.side if rule else "below", harmed)


def begun(watch: Watch, queue: str, reading: Reading | None, joined: Joined) -> Incident:
    """A trouble nobody has been told of yet, named after the worst of its rules: what is told first is what matters
    most."""
    rules = [watch.rules[name] for name in joined.rules]
    main = next((rule for rule in rules if joined.severity in rule.levels), rules[0])
    cause = reading.cause.value if reading is not None and reading.cause is not None else ""
    return incident.begun(main.name, main.kpi, cause, queue, joined)


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
