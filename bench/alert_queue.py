"""A simulated queue for the alert rules: M/M/c+M with healthy hours and troubles, as panes of ten seconds.

Calls are served in the order they came. Agents who leave finish their call first; handling is slower for calls answered
during a slowdown.
"""

import heapq
import math
import random
from array import array
from collections.abc import Iterator
from typing import NamedTuple

from callpulse.alerts.core.estimates import Expected
from callpulse.stream.core.ticks import Tick
from callpulse.stream.core.windows import PANE_MS

PANE_S = PANE_MS / 1000
HOUR_S = 3600.0
PATIENCE_S = 300.0
PROFILE_S = 8 * HOUR_S  # the monitor's profile is drawn anew so often
TROUBLE_EVERY_S = 3 * HOUR_S
KINDS = ("staff", "surge", "slowdown")
LASTS_S = {"staff": 45 * 60.0, "surge": 30 * 60.0, "slowdown": 45 * 60.0}


class Case(NamedTuple):
    """One size of queue and the world it lives in."""

    calls: int  # in half an hour
    agents: int
    left: int  # agents during a staffing shock
    aht_s: float = 180.0
    threshold_s: float = 20.0
    surge: float = 1.5
    slower: float = 1.3
    profile_error: float = 0.10
    aht_error: float = 0.05

    @property
    def per_s(self) -> float:
        return self.calls / 1800


class Trouble(NamedTuple):
    kind: str
    begins_s: float
    ends_s: float


class Call(NamedTuple):
    """`answered_s` = infinite: gave up at `left_s`."""

    arrived_s: float
    answered_s: float
    left_s: float  # the queue
    ended_s: float


class Panes:
    """Counts of every pane. `booked` and `past` are the misses of the catalogue's live service level: a contact not in
    time is booked when it leaves the queue, and is past T until then; `tick.misses` counts it once, at T."""

    def __init__(self, panes: int) -> None:
        self.arrivals, self.hits, self.misses, self.ended = (_zeros(panes) for _ in range(4))
        self.served, self.waiting, self.past, self.booked = (_zeros(panes) for _ in range(4))
        self.oldest_ms, self.good = (_zeros(panes) for _ in range(2))  # good: arrivals of the pane answered in time
        self.busy_s = array("d", bytes(8 * panes))
        self.staffed = _zeros(panes)
        self.expected: list[Expected] = []  # of every eight hours

    def ticks(self) -> Iterator[Tick]:
        """One for each pane, with agents' states."""
        for pane in range(len(self.arrivals)):
            yield Tick(
                round((pane + 1) * PANE_MS),
                self.arrivals[pane],
                self.hits[pane],
                self.misses[pane],
                self.ended[pane],
                round(self.busy_s[pane] * 1000),
                self.staffed[pane],
                self.served[pane],
                self.waiting[pane],
                self.oldest_ms[pane],
            )


def troubles(kind: str, many: int, seed: str) -> list[Trouble]:
    """One in three hours, beginning in the second one at a minute left to chance."""
    chance = random.Random(seed)
    begins = [n * TROUBLE_EVERY_S + 3600 + 600 * chance.random() for n in range(many)]
    return [Trouble(kind, at, at + LASTS_S[kind]) for at in begins]


def simulated(case: Case, hours: float, found: list[Trouble], seed: str) -> Panes:
    """All panes of these hours."""
    chance, until_s = random.Random(seed), hours * HOUR_S
    panes = Panes(math.ceil(until_s / PANE_S))
    for call in _calls(case, _arrivals(case, until_s, found, chance), found, chance):
        _count(panes, call, case.threshold_s)
    _sum_up(panes)
    _staff(panes, case, found)
    for _ in range(math.ceil(until_s / PROFILE_S)):
        errors = (math.exp(each * chance.gauss()) for each in (case.profile_error, case.aht_error))
        panes.expected.append(Expected(case.per_s * next(errors), case.aht_s * next(errors), case.agents))
    return panes


def _arrivals(case: Case, until_s: float, found: list[Trouble], chance: random.Random) -> Iterator[float]:
    more = [
        at
        for trouble in found
        if trouble.kind == "surge"
        for at in _poisson(trouble.begins_s, trouble.ends_s, case.per_s * (case.surge - 1), chance)
    ]
    return heapq.merge(_poisson(0.0, until_s, case.per_s, chance), more)


def _poisson(at_s: float, until_s: float, per_s: float, chance: random.Random) -> Iterator[float]:
    while (at_s := at_s + chance.expovariate(per_s)) < until_s:
        yield at_s


def _calls(case: Case, arrivals: Iterator[float], found: list[Trouble], chance: random.Random) -> Iterator[Call]:
    """Whoever is next gets the agent who is free first, if that is before giving up."""
    free = [0.0] * case.agents
    changes, slow = _changes(case, found), _slow(found)
    change_s, change = next(changes)
    slow_from_s, slow_until_s = next(slow)
    for arrived_s in arrivals:
        gives_up_s = arrived_s + chance.expovariate(1 / PATIENCE_S)
        while (answered_s := max(arrived_s, free[0] if free else math.inf)) >= change_s:
            for _ in range(-change):
                heapq.heappop(free)
            for _ in range(change):
                heapq.heappush(free, change_s)
            change_s, change = next(changes)
        if answered_s >= gives_up_s:
            yield Call(arrived_s, math.inf, gives_up_s, math.inf)
            continue
        while answered_s >= slow_until_s:
            slow_from_s, slow_until_s = next(slow)
        slower = case.slower if answered_s >= slow_from_s else 1.0
        ended_s = answered_s + chance.expovariate(1 / (case.aht_s * slower))
        heapq.heapreplace(free, ended_s)
        yield Call(arrived_s, answered_s, answered_s, ended_s)


def _changes(case: Case, found: list[Trouble]) -> Iterator[tuple[float, int]]:
    for trouble in found:
        if trouble.kind == "staff":
            yield trouble.begins_s, case.left - case.agents
            yield trouble.ends_s, case.agents - case.left
    yield math.inf, 0


def _slow(found: list[Trouble]) -> Iterator[tuple[float, float]]:
    yield from ((trouble.begins_s, trouble.ends_s) for trouble in found if trouble.kind == "slowdown")
    yield math.inf, math.inf


def _count(panes: Panes, call: Call, threshold_s: float) -> None:
    last = len(panes.arrivals) - 1
    came, left, due = (
        min(last, int(at / PANE_S)) for at in (call.arrived_s, call.left_s, call.arrived_s + threshold_s)
    )
    panes.arrivals[came] += 1
    _between(panes.waiting, came, left)
    for pane in range(came, left):
        panes.oldest_ms[pane] = max(panes.oldest_ms[pane], round(((pane + 1) * PANE_S - call.arrived_s) * 1000))
    if call.answered_s - call.arrived_s <= threshold_s:
        panes.hits[left] += 1
        panes.good[came] += 1
    else:
        panes.misses[min(left, due)] += 1
        panes.booked[left] += 1
        _between(panes.past, min(left, due), left)
    if call.answered_s < math.inf:
        _serve(panes, call, left, last)


def _serve(panes: Panes, call: Call, first: int, last: int) -> None:
    """Whole panes follow from who is in service at their ends; here the parts of the first and the last."""
    ended = min(last, int(call.ended_s / PANE_S))
    _between(panes.served, first, ended)
    panes.ended[ended] += 1
    panes.busy_s[first] -= call.answered_s - first * PANE_S
    panes.busy_s[ended] += min(call.ended_s, (last + 1) * PANE_S) - ended * PANE_S


def _between(changes: "array[int]", first: int, last: int) -> None:
    """There at the ends of the panes from `first` up to, not including, `last`."""
    changes[first] += 1
    changes[last] -= 1


def _sum_up(panes: Panes) -> None:
    for changes in (panes.served, panes.waiting, panes.past):
        there = 0
        for pane, change in enumerate(changes):
            there += change
            changes[pane] = there
    for pane, there in enumerate(panes.served):
        panes.busy_s[pane] += there * PANE_S


def _staff(panes: Panes, case: Case, found: list[Trouble]) -> None:
    panes.staffed = array("i", [case.agents]) * len(panes.staffed)
    for trouble in found:
        if trouble.kind == "staff":
            first, last = math.ceil(trouble.begins_s / PANE_S), math.ceil(trouble.ends_s / PANE_S)
            panes.staffed[first - 1 : last - 1] = array("i", [case.left]) * (last - first)


def _zeros(panes: int) -> "array[int]":
    return array("i", bytes(4 * panes))
