"""What happened on a simulated floor, counted in panes of ten seconds as ticks tell it."""

import math
from array import array
from collections.abc import Iterator
from typing import NamedTuple

from callpulse.alerts.core.estimates import Expected
from callpulse.stream.core.ticks import Tick
from callpulse.stream.core.windows import PANE_MS

PANE_S = PANE_MS / 1000


class Call(NamedTuple):
    """`answered_s` = infinite: gave up at `left_s`."""

    arrived_s: float
    answered_s: float
    left_s: float  # the queue
    ended_s: float
    elsewhere: bool = False  # of another queue that the same agents serve


class Panes:
    """Counts of every pane. `booked` and `past` are the misses of the catalogue's live service level: a contact not in
    time is booked when it leaves the queue, and is past T until then; `tick.misses` counts it once, at T. `elsewhere`:
    in service at its end for another queue."""

    def __init__(self, panes: int) -> None:
        self.arrivals, self.hits, self.misses, self.ended = (_zeros(panes) for _ in range(4))
        self.served, self.waiting, self.past, self.booked = (_zeros(panes) for _ in range(4))
        self.oldest_ms, self.good = (_zeros(panes) for _ in range(2))  # good: arrivals of the pane answered in time
        self.busy_s, self.elsewhere_s = (array("d", bytes(8 * panes)) for _ in range(2))
        self.elsewhere, self.staffed, self.pausing = (_zeros(panes) for _ in range(3))
        self.expected: list[Expected] = []  # of every eight hours, as a profile knows it from agents' states
        self.expected_of_contacts: list[Expected] = []  # as it knows it without them

    def ticks(self) -> Iterator[Tick]:
        """One for each pane, with agents' states: who is with a contact of any queue is busy."""
        for pane, tick in enumerate(self.of_contacts()):
            yield tick._replace(
                busy_ms=round((self.busy_s[pane] + self.elsewhere_s[pane]) * 1000),
                busy=self.served[pane] + self.elsewhere[pane],
                staffed=self.staffed[pane] - self.pausing[pane],
            )

    def of_contacts(self) -> Iterator[Tick]:
        """One for each pane, as they are where no agent's state is known."""
        for pane in range(len(self.arrivals)):
            yield Tick(
                round((pane + 1) * PANE_MS),
                self.arrivals[pane],
                self.hits[pane],
                self.misses[pane],
                self.ended[pane],
                round(self.busy_s[pane] * 1000),
                None,
                self.served[pane],
                self.waiting[pane],
                self.oldest_ms[pane],
            )

    def count(self, call: Call, threshold_s: float) -> None:
        """Take in one call. Whoever is there is known after `sum_up`."""
        if not call.elsewhere:
            self._queue(call, threshold_s)
        if call.answered_s < math.inf:
            self._serve(call)

    def pause(self, from_s: float, until_s: float) -> None:
        """An agent is away."""
        _between(self.pausing, self._at(from_s), self._at(until_s))

    def sum_up(self) -> None:
        """From changes to who is there at the end of each pane."""
        for changes in (self.served, self.elsewhere, self.waiting, self.past, self.pausing):
            there = 0
            for pane, change in enumerate(changes):
                there += change
                changes[pane] = there
        for served, busy_s in ((self.served, self.busy_s), (self.elsewhere, self.elsewhere_s)):
            for pane, there in enumerate(served):
                busy_s[pane] += there * PANE_S

    def _queue(self, call: Call, threshold_s: float) -> None:
        came, left, due = (self._at(at) for at in (call.arrived_s, call.left_s, call.arrived_s + threshold_s))
        self.arrivals[came] += 1
        _between(self.waiting, came, left)
        for pane in range(came, left):
            self.oldest_ms[pane] = max(self.oldest_ms[pane], round(((pane + 1) * PANE_S - call.arrived_s) * 1000))
        if call.answered_s - call.arrived_s <= threshold_s:
            self.hits[left] += 1
            self.good[came] += 1
        else:
            self.misses[min(left, due)] += 1
            self.booked[left] += 1
            _between(self.past, min(left, due), left)

    def _serve(self, call: Call) -> None:
        """Whole panes follow from who is in service at their ends; here the parts of the first and the last."""
        first, ended, last = self._at(call.answered_s), self._at(call.ended_s), len(self.arrivals) - 1
        served, busy_s = (self.elsewhere, self.elsewhere_s) if call.elsewhere else (self.served, self.busy_s)
        _between(served, first, ended)
        if not call.elsewhere:
            self.ended[ended] += 1
        busy_s[first] -= call.answered_s - first * PANE_S
        busy_s[ended] += min(call.ended_s, (last + 1) * PANE_S) - ended * PANE_S

    def _at(self, at_s: float) -> int:
        return min(len(self.arrivals) - 1, int(at_s / PANE_S))


def _between(changes: "array[int]", first: int, last: int) -> None:
    """There at the ends of the panes from `first` up to, not including, `last`."""
    changes[first] += 1
    changes[last] -= 1


def _zeros(panes: int) -> "array[int]":
    return array("i", bytes(4 * panes))
