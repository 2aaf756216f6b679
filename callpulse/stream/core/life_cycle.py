"""The states of a visit, and what leads from one to another: the contract that contacts.py keeps for every pair (a
test), and the diagram in docs/ARCHITECTURE.md."""

import enum

from callpulse.stream.core.contacts import Visit
from callpulse.stream.core.facts import ABANDONED, ANSWERED, ENDED, ENQUEUED, EXITED, LOST


class State(enum.StrEnum):
    NONE = "none"
    WAITING = "waiting"
    ANSWERED = "answered"
    HANDLED = "handled"
    ABANDONED = "abandoned"
    EXITED = "exited"
    LOST = "lost"


_OPENED = {
    ENQUEUED: State.WAITING,
    ANSWERED: State.ANSWERED,
    ABANDONED: State.ABANDONED,
    EXITED: State.EXITED,
}
# What a fact does to a visit, when it belongs to it. A pair that is not here leaves the visit in its state.
LIFE_CYCLE: dict[State, dict[int, State]] = {
    State.NONE: _OPENED,
    State.WAITING: {**_OPENED, LOST: State.LOST},
    State.ANSWERED: {ENDED: State.HANDLED},
    State.HANDLED: {},
    State.ABANDONED: {ANSWERED: State.ANSWERED},
    State.EXITED: {ANSWERED: State.ANSWERED, ABANDONED: State.ABANDONED},
    State.LOST: {ANSWERED: State.ANSWERED, ABANDONED: State.ABANDONED, EXITED: State.EXITED},
}


def state_of(visit: Visit | None) -> State:
    """Where a visit stands in LIFE_CYCLE."""
    if visit is None:
        return State.NONE
    if visit.outcome is None:
        return State.WAITING
    if visit.outcome.kind == ANSWERED and visit.handled is not None:
        return State.HANDLED
    return _OPENED.get(visit.outcome.kind, State.LOST)
