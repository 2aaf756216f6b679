"""Which fact belongs to which visit, when the facts of a contact are not simply one visit after the other.

Where the definition leaves a choice: an outcome that states no arrival (or none that is near) and finds no visit open
belongs to the last one, and without any is `unmatched`. Outcome and arrival at one moment: the outcome is the open
visit's unless the arrival that it states is nearer to the newcomer's. Two outcomes that state arrivals within NEAR_MS
imply one. An answer that names no agent may be anyone's.
"""

from callpulse.stream.core.facts import ANSWERED, Fact, canonical

NEAR_MS = 1000  # logs with whole seconds: a stated arrival this close to a visit's is that visit's


class Draft:
    """A visit while its facts are being collected: when it began, its `enqueued` (none where it is implied), and its
    outcomes."""

    __slots__ = ("arrival", "enqueued", "outcomes")

    def __init__(self, arrival: int, enqueued: Fact | None) -> None:
        self.arrival = arrival
        self.enqueued = [] if enqueued is None else [enqueued]
        self.outcomes: list[Fact] = []

    def best(self) -> Fact:
        return min(self.outcomes, key=_precedence)


def _precedence(outcome: Fact) -> tuple[int, int, bytes]:
    return outcome[1], outcome[0], canonical(outcome)


def assign(enqueued: list[Fact], outcomes: list[Fact]) -> tuple[list[Draft], list[int]]:
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
        self.drafts: list[Draft] = []
        self.unmatched: list[int] = []

    def run(self) -> tuple[list[Draft], list[int]]:
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

    def _waiting(self) -> Draft | None:
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
            self.drafts.append(Draft(now, enqueued))
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

    def _visit_of(self, fact: Fact) -> Draft | None:
        stated = fact[3]
        if stated is not None:
            near = _nearest([d.arrival for d in self.drafts], stated)
            if near is not None:
                return next(d for d in reversed(self.drafts) if d.arrival == near)
        if not self.drafts:
            return None
        return self._waiting() or self.drafts[-1]


def serviced(drafts: list[Draft], service: list[Fact]) -> list[list[Fact]]:
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
