"""Visits are a pure function of the set of facts of one contact in one queue (docs/KPIS.md, "From events to visits").

A visit is one stay in the queue. The order in which facts came, and how often, cannot matter: everything here works on
the whole set, sorted by time. What a fact does to a visit is the table in life_cycle.py.

Nearly every contact is one plain visit, which is read off its facts; for all others timeline.py says which fact belongs
to which visit. The longest of several `ended` is the one with most talk, then the earliest.
"""

from collections.abc import Sequence
from operator import itemgetter

from msgspec import Struct

from callpulse.stream.core.facts import (
    ANSWERED,
    ENDED,
    ENQUEUED,
    EXITED,
    HELD,
    LOST,
    NOT_OFFERED,
    RESUMED,
    WRAPPED_UP,
    Fact,
    canonical,
)
from callpulse.stream.core.timeline import NEAR_MS, Draft, assign, serviced


class Outcome(Struct, frozen=True, gc=False):
    kind: int  # facts.ANSWERED, ABANDONED, EXITED or LOST
    at_ms: int
    wait_ms: int
    word: str | None  # cause of an exit, why of a loss


class Handled(Struct, frozen=True, gc=False):
    at_ms: int  # of the `ended` that counts
    talk_ms: int
    hold_ms: int
    wrap_up_ms: int
    transferred: bool


class Visit(Struct, frozen=True, gc=False):
    arrival_ms: int
    ivr_ms: int | None
    outcome: Outcome | None
    handled: Handled | None


class Stay(Struct, frozen=True, gc=False):
    """Everything a set of facts says."""

    visits: tuple[Visit, ...]
    not_offered: tuple[tuple[int, str], ...]  # (at_ms, why)
    unmatched: tuple[int, ...]  # at_ms of outcomes from which no arrival follows


_time = itemgetter(0)  # of a fact
NOTHING = Stay((), (), ())


def stay(facts: Sequence[Fact]) -> Stay:
    """The visits of a set of facts (no two equal, any order)."""
    first = facts[0]
    if len(facts) == 1 and first[1] == ENQUEUED:
        return Stay((Visit(first[0], first[4], None, None),), (), ())
    ordered = sorted(facts, key=_time)
    if _plain(ordered):
        return Stay((_plain_visit(ordered),), (), ())
    return _general(ordered)


def _plain(ordered: list[Fact]) -> bool:
    """One `enqueued`, then one outcome, then at most one `ended` and `wrapped_up` by the same agent, and pauses, no two
    of them at the same moment: nearly all."""
    if len(ordered) < 2:
        return False
    first, second = ordered[0], ordered[1]
    if first[1] != ENQUEUED or not ANSWERED <= second[1] <= EXITED:
        return False
    if second[0] == first[0] and second[3] is not None and first[0] - second[3] > NEAR_MS:
        return False  # it ends an earlier visit at the very moment that this one begins
    return len(ordered) == 2 or (second[1] == ANSWERED and _plain_service(ordered, second[2]))


def _plain_service(ordered: list[Fact], agent: str | None) -> bool:
    seen = paused = -1
    for fact in ordered[2:]:
        kind = fact[1]
        if fact[2] is not None and fact[2] != agent:
            return False
        if HELD <= kind <= RESUMED:
            if fact[0] == paused:
                return False
            paused = fact[0]
        elif kind < ENDED or kind > WRAPPED_UP or kind <= seen:
            return False
        else:
            seen = kind
    return True


def _plain_visit(ordered: list[Fact]) -> Visit:
    first, second = ordered[0], ordered[1]
    arrival, wait = first[0], second[4]
    at = second[0]
    outcome = Outcome(second[1], at, at - arrival if wait is None else wait, second[2] if second[1] == EXITED else None)
    if len(ordered) == 2:
        return Visit(arrival, first[4], outcome, None)
    ended: list[Fact] = []
    wrapped_up: list[Fact] = []
    pauses: list[Fact] = []
    for fact in ordered[2:]:
        kind = fact[1]
        (ended if kind == ENDED else wrapped_up if kind == WRAPPED_UP else pauses).append(fact)
    return Visit(arrival, first[4], outcome, _handled(at, ended, wrapped_up, pauses))


def _general(ordered: list[Fact]) -> Stay:
    enqueued = [f for f in ordered if f[1] == ENQUEUED]
    outcomes = [f for f in ordered if ANSWERED <= f[1] <= LOST]
    drafts, unmatched = assign(enqueued, outcomes)
    service = sorted((f for f in ordered if HELD <= f[1] <= WRAPPED_UP), key=lambda f: (f[0], canonical(f)))
    visits = tuple(_visit(draft, mine) for draft, mine in zip(drafts, serviced(drafts, service), strict=True))
    not_offered = tuple(sorted((f[0], f[2]) for f in ordered if f[1] == NOT_OFFERED))
    return Stay(visits, not_offered, tuple(unmatched))


def _visit(draft: Draft, service: list[Fact]) -> Visit:
    ivr = next((f[4] for f in sorted(draft.enqueued, key=lambda f: (f[0], canonical(f))) if f[4] is not None), None)
    if not draft.outcomes:
        return Visit(draft.arrival, ivr, None, None)
    best = draft.best()
    kind, at, stated_wait = best[1], best[0], best[4]
    wait = max(0, at - draft.arrival) if stated_wait is None else stated_wait
    outcome = Outcome(kind, at, wait, best[2] if kind in (EXITED, LOST) else None)
    if kind != ANSWERED:
        return Visit(draft.arrival, ivr, outcome, None)
    of_kind = {kind: [f for f in service if f[1] == kind] for kind in (ENDED, WRAPPED_UP)}
    pauses = [f for f in service if f[1] in (HELD, RESUMED)]
    return Visit(draft.arrival, ivr, outcome, _handled(at, of_kind[ENDED], of_kind[WRAPPED_UP], pauses))


def _handled(answered_at: int, ended: list[Fact], wrapped_up: Sequence[Fact], pauses: Sequence[Fact]) -> Handled | None:
    """Stated seconds win over subtraction of times; of several, the longest counts."""
    if not ended:
        return None
    talk, hold, counts = _served(answered_at, ended[0], pauses)
    for fact in ended[1:]:
        other = _served(answered_at, fact, pauses)
        if (other[0], -fact[0]) > (talk, -counts[0]):
            talk, hold, counts = other
    at, wrap_up = counts[0], 0
    if wrapped_up:
        wrap_up = max(max(0, f[0] - at) if f[3] is None else f[3] for f in wrapped_up)
    return Handled(at, talk, hold, wrap_up, counts[5] == "transfer")


def _served(answered_at: int, ended: Fact, pauses: Sequence[Fact]) -> tuple[int, int, Fact]:
    """Talk and hold in ms, as one `ended` has them."""
    hold = _held_ms(pauses, ended[0]) if ended[4] is None else ended[4]
    return max(0, ended[0] - answered_at - hold) if ended[3] is None else ended[3], hold, ended


def _held_ms(pauses: Sequence[Fact], until: int) -> int:
    total, since = 0, None
    for fact in pauses:
        at = min(fact[0], until)
        if fact[1] == HELD and since is None:
            since = at
        elif fact[1] == RESUMED and since is not None:
            total, since = total + at - since, None
    return total if since is None else total + until - since
