"""What is usual for a queue at this time of the week: arrivals, handle time and agents of every quarter of an hour,
learned from its ticks.

An odd day changes little: what lies far from what is known is taken as lying at the edge of what is likely, and costs
trust; when it comes again and again, it is the new usual. A quarter hour is told together with its neighbours, and a
weekday that is not known yet borrows from the others from Monday to Friday.
"""

import math
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from callpulse.alerts.core.estimates import Expected
from callpulse.stream.core.ticks import Tick
from callpulse.stream.core.windows import PANE_MS

QUARTERS = 96
DAYS = 7
SLOTS = DAYS * QUARTERS
WORKDAYS = range(5)
QUARTER_PANES = 15 * 60_000 // PANE_MS
LEAST_PANES = QUARTER_PANES // 2  # of a quarter of an hour that was seen
LEAST_ENDED = 3
MOST_TRUST = 8  # days: older ones fade
TRUST_LOST = 3  # for a day beyond what is likely; with no more trust than that, all days count as they are
LIKELY = 0.5  # of what is known, or three standard deviations
NEAR = {-1: 1, 0: 2, 1: 1}  # quarters of an hour, and their weights
AROUND = dict.fromkeys(range(-4, 5), 1)  # handle times change slowly


class Quarter(Struct):
    """What was seen of the quarter of an hour that is going on."""

    slot: int = -1
    panes: int = 0
    arrivals: int = 0
    busy_ms: int = 0
    ended: int = 0
    staffed: int = 0
    staffed_panes: int = 0


class Usual(Struct):
    """One measure in all slots: what is known, and how many days are behind it. Kept as packed figures: 672 of them for
    each of 500 queues."""

    packed: bytearray = field(default_factory=lambda: bytearray(4 * SLOTS))
    trust: bytearray = field(default_factory=lambda: bytearray(SLOTS))

    def learn(self, slot: int, found: float, deviation: float) -> None:
        """One day more. `deviation`: the standard deviation of `found` by chance alone."""
        known, days, figures = self.at(slot), self.trust[slot], memoryview(self.packed).cast("f")
        edge = max(LIKELY * known, 3 * deviation)
        if days > TRUST_LOST and abs(found - known) > edge:
            found, days = known + math.copysign(edge, found - known), days - TRUST_LOST
        figures[slot] = known + (found - known) / (days + 1)
        self.trust[slot] = min(days + 1, MOST_TRUST)

    def at(self, slot: int) -> float:
        return float(memoryview(self.packed).cast("f")[slot])

    def near(self, slot: int, weights: dict[int, int]) -> float | None:
        """The weighted mean of the slots around it that are known; None where this one is not."""
        if not self.trust[slot]:
            return None
        known = [(self.at(near), weight) for near, weight in _around(slot, weights) if self.trust[near]]
        return sum(figure * weight for figure, weight in known) / sum(weight for _, weight in known)


class Usually(NamedTuple):
    """What is expected, and from how many days; `borrowed` = from other workdays. 0 days: nothing is known yet."""

    expected: Expected
    days: int
    borrowed: bool


class Profile(Struct):
    """An accumulator: `note` changes it in place. It can be stored, and taken up again."""

    per_s: Usual = field(default_factory=Usual)
    aht_s: Usual = field(default_factory=Usual)
    agents: Usual = field(default_factory=Usual)
    now: Quarter = field(default_factory=Quarter)

    def note(self, tick: Tick, slot: int) -> None:
        """Take in a tick of this slot. What was seen of a quarter of an hour is learned when the next one begins."""
        if slot != self.now.slot:
            self._learn()
            self.now = Quarter(slot)
        now = self.now
        now.panes += 1
        now.arrivals += tick.arrivals
        now.busy_ms += tick.busy_ms
        now.ended += tick.ended
        if tick.staffed is not None:
            now.staffed += tick.staffed
            now.staffed_panes += 1

    def usually(self, slot: int) -> Usually:
        """What is expected in this slot."""
        asked = [slot] if self.per_s.trust[slot] else self._lenders(slot)
        if not asked:
            return Usually(Expected(), 0, False)
        agents = self._mean(self.agents, asked, {0: 1})
        expected = Expected(
            self._mean(self.per_s, asked, NEAR),
            self._mean(self.aht_s, asked, AROUND),
            None if agents is None else round(agents),
        )
        return Usually(expected, max(self.per_s.trust[each] for each in asked), asked != [slot])

    def _learn(self) -> None:
        now = self.now
        if now.panes < LEAST_PANES:
            return
        seconds = now.panes * PANE_MS / 1000
        known = self.per_s.at(now.slot)
        self.per_s.learn(now.slot, now.arrivals / seconds, math.sqrt(max(known * seconds, 1)) / seconds)
        if now.ended >= LEAST_ENDED:
            found = now.busy_ms / 1000 / now.ended
            self.aht_s.learn(now.slot, found, self.aht_s.at(now.slot) / math.sqrt(now.ended))
        if now.staffed_panes:
            self.agents.learn(now.slot, now.staffed / now.staffed_panes, 0.5)

    def _lenders(self, slot: int) -> list[int]:
        day, quarter = divmod(slot, QUARTERS)
        others = [other * QUARTERS + quarter for other in WORKDAYS] if day in WORKDAYS else []
        return [other for other in others if self.per_s.trust[other]]

    def _mean(self, usual: Usual, slots: list[int], weights: dict[int, int]) -> float | None:
        found = [each for each in (usual.near(slot, weights) for slot in slots) if each is not None]
        return sum(found) / len(found) if found else None


def slot_of(at_ms: int, zone: ZoneInfo) -> int:
    """Quarter of an hour of the week, from Monday 00:00 by the clock of `zone`, of the pane that ends at `at_ms`."""
    there = datetime.fromtimestamp((at_ms - 1) / 1000, zone)
    return there.weekday() * QUARTERS + there.hour * 4 + there.minute // 15


def _around(slot: int, weights: dict[int, int]) -> list[tuple[int, int]]:
    return [((slot + away) % SLOTS, weight) for away, weight in weights.items()]
