"""The life of one alert: a pure step from what was, and what a rule sees now, to what is, and what changed.

    inactive --breached--> pending --held for `for`--> firing --clear for `keep_firing`--> resolved (inactive again)

While a figure is not seen (no data, a blind source) nothing is concluded from it: what was pending starts anew, what
fires goes on firing. Outside opening hours an alert ends. Times are milliseconds of data time, so that a replay and a
restart come to the same.
"""

import enum

from msgspec import Struct
from msgspec.structs import replace


class Phase(enum.StrEnum):
    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    NO_DATA = "no_data"
    BLIND = "blind"
    CLOSED = "closed"


class Severity(enum.IntEnum):
    """How bad; NONE is not bad."""

    NONE = 0
    WARNING = 1
    CRITICAL = 2


class Sight(enum.StrEnum):
    """Whether anything can be concluded at this moment."""

    SEEN = "seen"
    NO_DATA = "no_data"  # no value: nobody called, or nobody writes
    BLIND = "blind"  # the source sends nothing
    CLOSED = "closed"  # outside opening hours


class Reason(enum.StrEnum):
    """Why an alert is in the phase it is in: the same word in log, metric, wall and message."""

    FINE = "fine"
    BREACHED = "breached"
    THIN_EVIDENCE = "thin_evidence"
    WAITING_FOR = "waiting_for"  # breached, not for long enough
    DIPPED = "dipped"  # was pending, and is no longer breached
    HELD = "held"
    STILL_BREACHED = "still_breached"
    BETWEEN_LEVELS = "between_levels"
    CLEARING = "clearing"
    CLEARED = "cleared"
    WORSE = "worse"
    BETTER = "better"
    NO_DATA = "no_data"
    BLIND = "blind"
    CLOSED = "closed"
    REMOVED = "removed"  # its rule is no more


class Judgement(Struct, frozen=True):
    """What a rule says of one moment. `breach`: the highest severity whose level is passed, with enough evidence;
    `uncleared`: the highest whose clear level is not reached yet (never below `breach`); `thin`: a level is passed, the
    evidence too small."""

    sight: Sight
    breach: Severity = Severity.NONE
    uncleared: Severity = Severity.NONE
    thin: bool = False


class Timing(Struct, frozen=True):
    """How long a breach must last before it is told, and how long the all-clear before the end is."""

    for_ms: int
    keep_firing_ms: int


class State(Struct, frozen=True):
    """`since_ms`: when the phase began. `onset_ms`: when the breach that fires began, else None. `worse_ms`: since when
    a higher severity is breached without a break, `clear_ms`: since when a lower one is enough; else None."""

    phase: Phase = Phase.INACTIVE
    reason: Reason = Reason.FINE
    since_ms: int = 0
    onset_ms: int | None = None
    severity: Severity = Severity.NONE
    worse_ms: int | None = None
    clear_ms: int | None = None


class Transition(Struct, frozen=True):
    """A change that is told: into or out of firing, or of severity."""

    at_ms: int
    old: Severity
    new: Severity
    reason: Reason


START = State()


def step(state: State, judged: Judgement, timing: Timing, now_ms: int) -> tuple[State, Transition | None]:
    """The state after this moment, and what there is to tell."""
    if state.severity:
        return _firing(state, judged, timing, now_ms)
    if judged.sight is not Sight.SEEN:
        return _quiet(state, Phase(judged.sight.value), Reason(judged.sight.value), now_ms), None
    if not judged.breach:
        reason = Reason.DIPPED if state.phase is Phase.PENDING else Reason.THIN_EVIDENCE if judged.thin else Reason.FINE
        return _quiet(state, Phase.INACTIVE, reason, now_ms), None
    return _breached(state, judged, timing, now_ms)


def _quiet(state: State, phase: Phase, reason: Reason, now_ms: int) -> State:
    since = state.since_ms if state.phase is phase else now_ms
    return State(phase, reason, since)


def _breached(state: State, judged: Judgement, timing: Timing, now_ms: int) -> tuple[State, Transition | None]:
    """Nothing fires yet."""
    onset = state.onset_ms if state.phase is Phase.PENDING and state.onset_ms is not None else now_ms
    worse = _since(state.worse_ms, judged.breach > Severity.WARNING, now_ms)
    if now_ms - onset < timing.for_ms:
        reason = Reason.WAITING_FOR if state.phase is Phase.PENDING else Reason.BREACHED
        return State(Phase.PENDING, reason, onset, onset, worse_ms=worse), None
    severe = worse is not None and now_ms - worse >= timing.for_ms
    new = Severity.CRITICAL if severe else Severity.WARNING
    fires = State(Phase.FIRING, Reason.HELD, now_ms, onset, new, None if severe else worse)
    return fires, Transition(now_ms, Severity.NONE, new, Reason.HELD)


def _firing(state: State, judged: Judgement, timing: Timing, now_ms: int) -> tuple[State, Transition | None]:
    if judged.sight is Sight.CLOSED:
        return _changed(state, Severity.NONE, Reason.CLOSED, now_ms)
    if judged.sight is not Sight.SEEN:
        return replace(state, reason=Reason(judged.sight.value), worse_ms=None, clear_ms=None), None
    worse = _since(state.worse_ms, judged.breach > state.severity, now_ms)
    clear = _since(state.clear_ms, judged.uncleared < state.severity, now_ms)
    if worse is not None and now_ms - worse >= timing.for_ms:
        return _changed(state, judged.breach, Reason.WORSE, now_ms)
    if clear is not None and now_ms - clear >= timing.keep_firing_ms:
        reason = Reason.BETTER if judged.uncleared else Reason.CLEARED
        return _changed(state, judged.uncleared, reason, now_ms)
    going_on = Reason.STILL_BREACHED if judged.breach >= state.severity else Reason.BETWEEN_LEVELS
    reason = going_on if clear is None else Reason.CLEARING
    return replace(state, reason=reason, worse_ms=worse, clear_ms=clear), None


def _changed(state: State, new: Severity, reason: Reason, now_ms: int) -> tuple[State, Transition]:
    told = Transition(now_ms, state.severity, new, reason)
    if not new:
        phase = Phase.CLOSED if reason is Reason.CLOSED else Phase.INACTIVE
        return State(phase, reason, now_ms), told
    return State(Phase.FIRING, reason, state.since_ms, state.onset_ms, new), told


def _since(before: int | None, holds: bool, now_ms: int) -> int | None:
    """Since when it holds without a break."""
    if not holds:
        return None
    return now_ms if before is None else before
