"""Visits are a pure function of the set of facts of one contact in one queue (docs/KPIS.md, "From events to visits").

A visit is one stay in the queue. The order in which facts came, and how often, cannot matter: everything here works on
the whole set, sorted by time. What a fact does to a visit is the table in life_cycle.py.

Where the definition leaves a choice: an outcome that states no arrival (or none that is near) and finds no visit open
belongs to the last one, and without any is `unmatched`. Outcome and arrival at one moment: the outcome is the open
visit's unless the arrival that it states is nearer to the newcomer's. Two outcomes that state arrivals within NEAR_MS
imply one. The longest of several `ended` is the one with most talk, then the earliest. An answer that names no agent
may be anyone's.
"""

from collections.abc import Sequence

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

NEAR_MS = 1000  # logs with whole seconds: a stated arrival this close to a visit's is that visit's


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


def _time(fact: Fact) -> int:
    at: int = fact[0]
    return at


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


class _Draft:
    """A visit while its facts are being collected."""

    __slots__ = ("arrival", "enqueued", "outcomes")

    def __init__(self, arrival: int, enqueued: Fact | None) -> None:
        self.arrival = arrival
        self.enqueued = [] if enqueued is None else [enqueued]
        self.outcomes: list[Fact] = []

    def best(self) -> Fact:
        return min(self.outcomes, key=_precedence)


def _precedence(outcome: Fact) -> tuple[int, int, bytes]:
    return outcome[1], outcome[0], canonical(outcome)


def _general(ordered: list[Fact]) -> Stay:
    enqueued = [f for f in ordered if f[1] == ENQUEUED]
    outcomes = [f for f in ordered if ANSWERED <= f[1] <= LOST]
    drafts, unmatched = _assign(enqueued, outcomes)
    service = sorted((f for f in ordered if HELD <= f[1] <= WRAPPED_UP), key=lambda f: (f[0], canonical(f)))
    visits = tuple(_visit(draft, mine) for draft, mine in zip(drafts, _serviced(drafts, service), strict=True))
    not_offered = tuple(sorted((f[0], f[2]) for f in ordered if f[1] == NOT_OFFERED))
    return Stay(visits, not_offered, tuple(unmatched))


def _assign(enqueued: list[Fact], outcomes: list[Fact]) -> tuple[list[_Draft], list[int]]:
    """Open visits and give each outcome its visit, in the order of time. An outcome that states an arrival for which
    there is no `enqueued` implies one then; where clocks disagree by less than NEAR_MS the arrival comes first."""
    starts: list[tuple[int, Fact | None]] = [(f[0], f) for f in enqueued]
    moments: list[tuple[int, Fact]] = []
    for fact in outcomes:
        stated = fact[3]
        near = None if stated is None else _nearest([f[0] for f in enqueued], stated)
        if stated is not None and near is None:
            starts.append((stated, None))
        moments.append((fact[0] if near is None else max(fact[0], near), fact))
    return _Timeline(starts, moments).run()


def _nearest(times: list[int], wanted: int) -> int | None:
    near = [t for t in times if abs(t - wanted) <= NEAR_MS]
    return min(near, key=lambda t: (abs(t - wanted), t)) if near else None


class _Timeline:
    """Starts and outcomes in the order of time. Ties: outcomes of a visit already open, starts, other outcomes."""

    def __init__(self, starts: list[tuple[int, Fact | None]], moments: list[tuple[int, Fact]]) -> None:
        self.starts, self.moments = starts, moments
        self.drafts: list[_Draft] = []
        self.unmatched: list[int] = []

    def run(self) -> tuple[list[_Draft], list[int]]:
        for now in sorted({t for t, _ in self.starts} | {t for t, _ in self.moments}):
            starts = [f for t, f in self.starts if t == now]
            outcomes = sorted((f for t, f in self.moments if t == now), key=canonical)
            before = [f for f in outcomes if self._ends_the_open_visit(f, now, bool(starts))]
            for fact in before:
                self._close(fact)
            for start in sorted(starts, key=lambda f: b"" if f is None else canonical(f)):
                self._open(now, start)
            for fact in outcomes:
                if fact not in before:
                    self._close(fact)
        return self.drafts, sorted(self.unmatched)

    def _waiting(self) -> _Draft | None:
        draft = self.drafts[-1] if self.drafts else None
        return draft if draft is not None and not draft.outcomes else None

    def _ends_the_open_visit(self, fact: Fact, now: int, something_starts: bool) -> bool:
        waiting = self._waiting()
        if waiting is None:
            return False
        stated = fact[3]
        if stated is None or not something_starts:
            return True
        from_now = abs(stated - now)
        return bool(from_now > NEAR_MS or abs(stated - waiting.arrival) <= from_now)

    def _open(self, now: int, enqueued: Fact | None) -> None:
        waiting = self._waiting()
        if waiting is None:
            if enqueued is None and _nearest([d.arrival for d in self.drafts], now) is not None:
                return
            self.drafts.append(_Draft(now, enqueued))
        elif enqueued is not None:  # overlapping waits are one visit, and a real arrival beats an implied one
            if not waiting.enqueued:
                waiting.arrival = now
            waiting.enqueued.append(enqueued)

    def _close(self, fact: Fact) -> None:
        draft = self._visit_of(fact)
        if draft is None:
            self.unmatched.append(fact[0])
        else:
            draft.outcomes.append(fact)

    def _visit_of(self, fact: Fact) -> _Draft | None:
        stated = fact[3]
        if stated is not None:
            near = _nearest([d.arrival for d in self.drafts], stated)
            if near is not None:
                return next(d for d in reversed(self.drafts) if d.arrival == near)
        if not self.drafts:
            return None
        return self._waiting() or self.drafts[-1]


def _visit(draft: _Draft, service: list[Fact]) -> Visit:
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


def _serviced(drafts: list[_Draft], service: list[Fact]) -> list[list[Fact]]:
    """For each visit its held, resumed, ended and wrapped_up: those of the latest visit answered at or before them, by
    that agent if named."""
    mine: list[list[Fact]] = [[] for _ in drafts]
    answered = [(d.best(), i) for i, d in enumerate(drafts) if d.outcomes and d.best()[1] == ANSWERED]
    for fact in service:
        possible = [
            (best[0], i)
            for best, i in answered
            if best[0] <= fact[0] and (fact[2] is None or best[2] is None or best[2] == fact[2])
        ]
        if possible:
            mine[max(possible)[1]].append(fact)
    return mine


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
