"""What is remembered of a queue between two ticks for the capacity rules. It can be stored, and taken up again."""

import math

from msgspec import Struct, field

from callpulse.alerts.core.sequential import QUIET, Watch
from callpulse.alerts.core.series import Series, series
from callpulse.stream.core.ticks import Tick
from callpulse.stream.core.windows import PANE_MS

MINUTE = 60_000 // PANE_MS
M5, M10, M15, M20, M30, M60, M70 = (minutes * MINUTE for minutes in (5, 10, 15, 20, 30, 60, 70))
LONGEST_GAP = 30  # panes; after more the sequential tests begin anew
AGENTS_OVER = MINUTE
PAUSED_OVER = 3 * MINUTE  # who is away for longer does not merely pause
FADING_S = (600.0, 300.0)


class Fading(Struct, frozen=True):
    """Hits and misses, older ones counting less and less."""

    hits: float = 0.0
    misses: float = 0.0

    @property
    def service_level(self) -> float:
        """As if 2.7 of three earlier contacts had been in time."""
        return (self.hits + 2.7) / (self.hits + self.misses + 3)

    def after(self, tick: Tick, over_s: float) -> "Fading":
        keeps = math.exp(-PANE_MS / 1000 / over_s)
        return Fading(self.hits * keeps + tick.hits, self.misses * keeps + tick.misses)


class Watched(Struct):
    """An accumulator: `note` changes it in place. `seen` is 1 for a pane that was told and 0 for one that is missing: a
    rate is per second seen. Arrivals, work and contacts ended reach back 70 and 60 minutes, hits and misses 15."""

    at_ms: int | None = None
    seen: Series = field(default_factory=lambda: series(M10, M30, M70))
    arrivals: Series = field(default_factory=lambda: series(M10, M30, M70))
    busy_ms: Series = field(default_factory=lambda: series(M20, M60))
    ended: Series = field(default_factory=lambda: series(M20, M60))
    hits: Series = field(default_factory=lambda: series(M5, M15))
    misses: Series = field(default_factory=lambda: series(M5, M15))
    staffed: list[int] = []
    serving: int | None = None  # agents, as told by contacts in service while somebody waits
    there: list[int] = []  # agents signed in, as estimated at the last ticks
    surge: Watch = QUIET
    slowdown: Watch = QUIET
    ten_minutes: Fading = Fading()
    five_minutes: Fading = Fading()

    def note(self, tick: Tick) -> bool:
        """Take in a tick later than the last one. True where so many were missing that the tests began anew."""
        missing = 0 if self.at_ms is None else (tick.at_ms - self.at_ms) // PANE_MS - 1
        for _ in range(min(missing, M70)):
            self._add(Tick(0, 0, 0, 0, 0, 0, None, 0, 0, 0), 0)
        anew = missing > LONGEST_GAP
        if anew:
            self.surge = self.slowdown = QUIET
            self.ten_minutes = self.five_minutes = Fading()
            self.staffed, self.serving, self.there = [], None, []
        self._add(tick, 1)
        self._note_agents(tick)
        self.ten_minutes = self.ten_minutes.after(tick, FADING_S[0])
        self.five_minutes = self.five_minutes.after(tick, FADING_S[1])
        self.at_ms = tick.at_ms
        return anew

    def note_there(self, agents: int | None) -> int | None:
        """Take in who is there by the last tick. The most that were there at any moment of three minutes: whoever came
        back is among them; None while less is seen."""
        self.there = [] if agents is None else [*self.there[1 - PAUSED_OVER :], agents]
        return max(self.there) if len(self.there) == PAUSED_OVER else None

    def _add(self, tick: Tick, seen: int) -> None:
        self.seen.add(seen)
        self.arrivals.add(tick.arrivals)
        self.busy_ms.add(tick.busy_ms)
        self.ended.add(tick.ended)
        self.hits.add(tick.hits)
        self.misses.add(tick.misses)

    def _note_agents(self, tick: Tick) -> None:
        if tick.staffed is None:
            self.staffed = []
        else:
            self.staffed = [*self.staffed[1 - AGENTS_OVER :], tick.staffed]
