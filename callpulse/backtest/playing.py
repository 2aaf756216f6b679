"""A recording through the books, and the rules asked every ten seconds of its own time."""

import math
from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from callpulse.alerts.core.engine import Plan
from callpulse.alerts.core.foresight import EXPECTED
from callpulse.alerts.core.moment import Moment
from callpulse.backtest.books import Books
from callpulse.backtest.course import Course
from callpulse.backtest.seeing import Asked, Sight, asked
from callpulse.stream.core.events import Event, Rejected
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.limits import HOUR_MS
from callpulse.stream.core.windows import PANE_MS, floor

Shown = tuple[str, str]  # KPI, window
NEVER_MS = 0


class Line:
    """A figure of one queue over the log: its value from each of these times on, NaN where it has none."""

    def __init__(self) -> None:
        self.at_ms, self.values = array("q"), array("d")
        self._last: float | None = None

    def note(self, at_ms: int, value: float | None) -> None:
        """At a later time than before. Only what changes is kept."""
        if not self.at_ms or value != self._last:
            self._last = value
            self.at_ms.append(at_ms)
            self.values.append(math.nan if value is None else value)

    def has_values(self) -> bool:
        """Whether there is anything to draw."""
        return not all(map(math.isnan, self.values))


class Played(NamedTuple):
    """`courses` as the plans were given; `lines` by queue and what is shown of it; the looks began and ended there."""

    courses: Sequence[Course]
    lines: dict[str, dict[Shown, Line]]
    first_ms: int
    last_ms: int
    looks: int


class Player:
    """`shown` is drawn of every queue, whether or not a rule asks. `listen` hears every moment that is judged."""

    def __init__(
        self,
        books: Books,
        policy: Callable[[str], Policy],
        plans: Sequence[Plan],
        shown: Sequence[Shown] = (),
        listen: Callable[[Moment], None] | None = None,
    ) -> None:
        self.courses = [Course(plan) for plan in plans]
        self.lines: dict[str, dict[Shown, Line]] = {}
        self.looks = 0
        self._books, self._sight = books, Sight(books, policy)
        self._shown, self._listen = shown, listen
        self._asked: dict[str, Asked] = {}

    def play(
        self, events: Iterable[Event], refuse: Callable[[Rejected], None], reached: Callable[[int], None]
    ) -> Played:
        """Of events in the order of their time; the pane of the last one is the last that ends. `reached(ms)` is called
        every hour of the log."""
        first_ms = end_ms = NEVER_MS
        for event in events:
            if not first_ms:
                first_ms = end_ms = floor(event.at, PANE_MS) + PANE_MS
            while event.at >= end_ms:
                self._close(end_ms)
                end_ms += PANE_MS
                if end_ms % HOUR_MS == 0:
                    reached(end_ms)
            refused = self._books.take(event)
            if refused is not None:
                refuse(refused)
        if first_ms:
            self._close(end_ms)
        for course in self.courses:
            course.finish()
        return Played(self.courses, self.lines, first_ms, end_ms, self.looks)

    def _close(self, end_ms: int) -> None:
        self._books.close(end_ms)
        for queue in self._books.queues():
            moment = self._sight.moment(queue, self._wanted(queue), end_ms)
            if self._listen is not None:
                self._listen(moment)
            for course in self.courses:
                course.look(moment)
            self.looks += 1
            self._draw(moment)
        for course in self.courses:
            course.look_around(self._books, end_ms)

    def _wanted(self, queue: str) -> Asked:
        if queue not in self._asked:
            policy = self._sight.policy(queue)
            rules = [rule for course in self.courses for rule in course.watch(queue, policy).rules.values()]
            self._asked[queue] = asked(rules, self._shown)
        return self._asked[queue]

    def _value(self, moment: Moment, kpi: str, window: str) -> float | None:
        if kpi == EXPECTED:
            found = (course.expected(moment.queue) for course in self.courses if course.engine.plan.capacity)
            return next(found, None)
        seen = moment.figures.get(window, {}).get(kpi)
        return None if seen is None else seen.value

    def _draw(self, moment: Moment) -> None:
        if not self._shown:
            return
        lines = self.lines.setdefault(moment.queue, {each: Line() for each in self._shown})
        for (kpi, window), line in lines.items():
            line.note(moment.at_ms, self._value(moment, kpi, window))
