"""One trouble, one alert: the rules of one queue that fire together are one alert, their names a label on it.

A rule that is shown at once need not wake anybody at once (`alone_after_ms`): what it says is told when a rule that
tells at once agrees, or when it has fired for so long by itself.
"""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct

from callpulse.alerts.core.lifecycle import Reason, Severity, State

STILL = frozenset({Reason.HELD, Reason.STILL_BREACHED, Reason.WORSE})


class Firing(NamedTuple):
    """One rule in its queue; `alone_after_ms` is 0 for a rule that tells at once."""

    rule: str
    state: State
    alone_after_ms: int = 0


class Joined(Struct, frozen=True):
    """What fires in one queue. `onset_ms` is the earliest onset of `rules`, which are in the order of the alphabet."""

    severity: Severity
    onset_ms: int
    rules: tuple[str, ...]


def shown(each: Iterable[Firing]) -> Joined | None:
    """What the wall shows: every rule that fires."""
    firing = sorted((one for one in each if one.state.severity), key=lambda one: one.rule)
    if not firing:
        return None
    onsets = [one.state.onset_ms for one in firing if one.state.onset_ms is not None]
    return Joined(max(one.state.severity for one in firing), min(onsets), tuple(one.rule for one in firing))


def told(each: Iterable[Firing], before: Joined | None, now_ms: int) -> Joined | None:
    """What people are told: nothing before a rule tells at once or has fired alone for long enough; then all that
    fires, until nothing does. `before` = what they have been told."""
    each = list(each)
    whole = shown(each)
    if whole is None or before is not None:
        return whole
    return whole if any(_is_loud(one, now_ms) for one in each) else None


def _is_loud(one: Firing, now_ms: int) -> bool:
    """A quiet rule has to be in breach still: who is told of what has just passed does not believe the next one."""
    if not one.state.severity or now_ms - one.state.since_ms < one.alone_after_ms:
        return False
    return not one.alone_after_ms or one.state.reason in STILL
