"""What waits to be told on one channel: which notice is next, when, and what is not told at all.

Of each alert only the newest notice waits. A resolve that finds its own firing still waiting takes its place and is
told: it says since when, how long and how bad, so nobody is left not knowing, and nobody gets two messages about what
is over. Channels that only know open incidents (PagerDuty, Alertmanager) make nothing of it, as they should.
"""

from msgspec import Struct

from callpulse.alerts.core.notice import Notice
from callpulse.alerts.core.outcome import Delivered, GivenUp, Outcome, Settled, Temporary


class Pace(Struct, frozen=True, kw_only=True):
    """How patient a channel is. The n-th wait after a failure is between half and all of `first_s` x 2^(n-1), at most
    `longest_s`. `keep_s` = how long a notice is worth telling, `most` = how many alerts may wait, at least 1."""

    first_s: float = 1.0
    longest_s: float = 60.0
    keep_s: float = 86_400.0
    most: int = 1_000

    def wait_s(self, failures: int, chance: float) -> float:
        """After so many failures in a row; 0 <= `chance` < 1."""
        return min(self.longest_s, self.first_s * 2.0 ** min(failures - 1, 30)) * (0.5 + 0.5 * chance)


class End(Struct, frozen=True):
    """A notice that will not be told (again), and why."""

    notice: Notice
    how: Settled


class _Waiting(Struct):
    notice: Notice
    since_s: float
    due_s: float
    failures: int = 0


class Backlog:
    """Times are seconds on a clock that never goes back. One notice at a time is being told."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._waiting: dict[str, _Waiting] = {}
        self._telling: Notice | None = None
        self._failures = 0
        self._open_from_s = 0.0

    def notices(self) -> list[Notice]:
        """All that wait, the one that is being told among them."""
        return [waiting.notice for waiting in self._waiting.values()]

    def add(self, notice: Notice, now_s: float) -> list[End]:
        """Let it wait. What it replaces, or what has no room beside it, comes back."""
        there = self._waiting.get(notice.id)
        if there is None:
            self._waiting[notice.id] = _Waiting(notice, now_s, now_s)
            return self._crowded_out()
        if there.notice.news_id == notice.news_id:
            return []
        if _age(notice) < _age(there.notice):
            return [End(notice, GivenUp("replaced"))]
        replaced, there.notice = there.notice, notice
        return [] if replaced is self._telling else [End(replaced, GivenUp("replaced"))]

    def take(self, now_s: float) -> Notice | None:
        """What to tell now, if anything. What has failed less comes first, then critical before warning before over."""
        if now_s < self._open_from_s:
            return None
        due = [waiting for waiting in self._waiting.values() if waiting.due_s <= now_s]
        chosen = min(due, key=lambda waiting: (waiting.failures, _rank(waiting.notice)), default=None)
        self._telling = chosen.notice if chosen else None
        return self._telling

    def wait_s(self, now_s: float) -> float | None:
        """Until something can be told; None if nothing waits."""
        if not self._waiting:
            return None
        first = min(waiting.due_s for waiting in self._waiting.values())
        return max(0.0, max(first, self._open_from_s) - now_s)

    def ended(self, outcome: Outcome, now_s: float, chance: float) -> list[End]:
        """How telling what was taken ended; what is settled by that. Nothing, if nothing was taken."""
        told, self._telling = self._telling, None
        if told is None:
            return []
        if isinstance(outcome, Temporary):
            return self._failed(told, outcome, now_s, chance)
        if isinstance(outcome, Delivered):
            self._failures, self._open_from_s = 0, now_s
        there = self._waiting[told.id]
        if there.notice is told:
            del self._waiting[told.id]
        else:
            there.since_s, there.failures, there.due_s = now_s, 0, now_s
        return [End(told, outcome)]

    def _failed(self, told: Notice, outcome: Temporary, now_s: float, chance: float) -> list[End]:
        there = self._waiting[told.id]
        self._failures += 1
        there.failures += 1
        asked_s = outcome.retry_after_s or 0.0
        self._open_from_s = now_s + max(self._pace.wait_s(self._failures, chance), asked_s)
        there.due_s = now_s + max(self._pace.wait_s(there.failures, chance), asked_s)
        if there.notice is not told:
            return [End(told, GivenUp("replaced"))]
        if now_s - there.since_s < self._pace.keep_s:
            return []
        del self._waiting[told.id]
        return [End(told, GivenUp("too_old"))]

    def _crowded_out(self) -> list[End]:
        if len(self._waiting) <= self._pace.most:
            return []
        in_hand = self._telling.id if self._telling else None  # its place is needed when it has been told
        free = [each.notice for each in self._waiting.values() if each.notice.id != in_hand]
        least = max(free, key=lambda notice: (_rank(notice), -notice.onset_ms))
        del self._waiting[least.id]
        return [End(least, GivenUp("too_many"))]


def _rank(notice: Notice) -> int:
    if notice.kind == "resolved":
        return 2
    return 0 if notice.labels.severity == "critical" else 1


def _age(notice: Notice) -> tuple[int, bool]:
    return notice.at_ms, notice.kind == "resolved"
