"""A simulated queue for the alert rules: M/M/c+M with healthy hours and troubles, as panes of ten seconds.

Calls are served in the order they came. Agents who leave or pause finish their call first; handling is slower for calls
answered during a slowdown. Agents may serve a second queue: its calls stand in the same line, and who is with one of
them is busy here too, as agents' states tell it.
"""

import heapq
import math
import random
from array import array
from collections.abc import Callable, Iterator
from functools import partial
from itertools import repeat
from typing import NamedTuple

from bench.alert_panes import PANE_S, Call, Panes
from callpulse.alerts.core.estimates import Expected

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
    also_calls: int = 0  # in half an hour, of another queue of the same agents
    pauses: float = 0.0  # of each agent, in an hour
    pause_s: float = 180.0
    uneven: bool = False  # pauses of any length, `pause_s` on average

    @property
    def per_s(self) -> float:
        return self.calls / 1800

    @property
    def present(self) -> int:
        """Agents who are there on average: those a profile knows."""
        return round(self.agents / (1 + self.pauses * self.pause_s / HOUR_S))

    @property
    def busy_s(self) -> float:
        """Work of the agents for each call of this queue, that for the other one included."""
        return self.aht_s * (1 + self.also_calls / self.calls)


class Change(NamedTuple):
    """`happens` is given when each agent is free next, a heap, and changes it."""

    at_s: float
    happens: Callable[[list[float]], None]


class Trouble(NamedTuple):
    kind: str
    begins_s: float
    ends_s: float


def troubles(kind: str, many: int, seed: str) -> list[Trouble]:
    """One in three hours, beginning in the second one at a minute left to chance."""
    chance = random.Random(seed)
    begins = [n * TROUBLE_EVERY_S + 3600 + 600 * chance.random() for n in range(many)]
    return [Trouble(kind, at, at + LASTS_S[kind]) for at in begins]


def simulated(case: Case, hours: float, found: list[Trouble], seed: str) -> Panes:
    """All panes of these hours."""
    chance, until_s = random.Random(seed), hours * HOUR_S
    panes = Panes(math.ceil(until_s / PANE_S))
    arrivals = _arrivals(case, until_s, found, chance, f"{seed} elsewhere")
    for call in _calls(case, arrivals, _changes(case, until_s, found, f"{seed} pauses", panes), found, chance):
        panes.count(call, case.threshold_s)
    panes.sum_up()
    _staff(panes, case, found)
    for _ in range(math.ceil(until_s / PROFILE_S)):
        errors = (math.exp(each * chance.gauss()) for each in (case.profile_error, case.aht_error))
        per_s, error = case.per_s * next(errors), next(errors)
        panes.expected.append(Expected(per_s, case.busy_s * error, case.present))
        panes.expected_of_contacts.append(Expected(per_s, case.aht_s * error, case.present))
    return panes


def _arrivals(
    case: Case, until_s: float, found: list[Trouble], chance: random.Random, elsewhere: str
) -> Iterator[tuple[float, bool]]:
    """When somebody calls, and whether another queue."""
    more = [
        at
        for trouble in found
        if trouble.kind == "surge"
        for at in _poisson(trouble.begins_s, trouble.ends_s, case.per_s * (case.surge - 1), chance)
    ]
    here = zip(heapq.merge(_poisson(0.0, until_s, case.per_s, chance), more), repeat(False))
    if not case.also_calls:
        return here
    there = _poisson(0.0, until_s, case.also_calls / 1800, random.Random(elsewhere))
    return heapq.merge(here, zip(there, repeat(True)))


def _poisson(at_s: float, until_s: float, per_s: float, chance: random.Random) -> Iterator[float]:
    while (at_s := at_s + chance.expovariate(per_s)) < until_s:
        yield at_s


def _calls(
    case: Case,
    arrivals: Iterator[tuple[float, bool]],
    changes: Iterator[Change],
    found: list[Trouble],
    chance: random.Random,
) -> Iterator[Call]:
    """Whoever is next gets the agent who is free first, if that is before giving up."""
    free = [0.0] * case.agents
    slow = _slow(found)
    change = next(changes)
    slow_from_s, slow_until_s = next(slow)
    for arrived_s, elsewhere in arrivals:
        gives_up_s = arrived_s + chance.expovariate(1 / PATIENCE_S)
        while (answered_s := max(arrived_s, free[0] if free else math.inf)) >= change.at_s:
            change.happens(free)
            change = next(changes)
        if answered_s >= gives_up_s:
            yield Call(arrived_s, math.inf, gives_up_s, math.inf, elsewhere)
            continue
        while answered_s >= slow_until_s:
            slow_from_s, slow_until_s = next(slow)
        slower = case.slower if answered_s >= slow_from_s else 1.0
        ended_s = answered_s + chance.expovariate(1 / (case.aht_s * slower))
        heapq.heapreplace(free, ended_s)
        yield Call(arrived_s, answered_s, answered_s, ended_s, elsewhere)


def _changes(case: Case, until_s: float, found: list[Trouble], seed: str, panes: Panes) -> Iterator[Change]:
    """Agents who leave, come back or pause."""
    lost = case.agents - case.left
    moves = [Change(each.begins_s, partial(_leave, lost)) for each in found if each.kind == "staff"]
    moves += [Change(each.ends_s, partial(_return, lost, each.ends_s)) for each in found if each.kind == "staff"]
    pauses = _pauses(case, until_s, random.Random(seed), panes) if case.pauses else ()
    yield from heapq.merge(sorted(moves, key=_when), pauses, key=_when)
    yield Change(math.inf, lambda _: None)


def _pauses(case: Case, until_s: float, chance: random.Random, panes: Panes) -> Iterator[Change]:
    for at_s in _poisson(0.0, until_s, case.agents * case.pauses / HOUR_S, chance):
        lasts_s = chance.expovariate(1 / case.pause_s) if case.uneven else case.pause_s
        yield Change(at_s, partial(_pause, panes, at_s, lasts_s, case.agents * chance.random()))


def _when(change: Change) -> float:
    return change.at_s


def _leave(many: int, free: list[float]) -> None:
    for _ in range(many):
        heapq.heappop(free)


def _return(many: int, at_s: float, free: list[float]) -> None:
    for _ in range(many):
        heapq.heappush(free, at_s)


def _pause(panes: Panes, at_s: float, lasts_s: float, agent: float, free: list[float]) -> None:
    """Whoever is free next, unless the one whose turn it is has left."""
    if agent >= len(free):
        return
    from_s = max(at_s, free[0])
    heapq.heapreplace(free, from_s + lasts_s)
    panes.pause(from_s, from_s + lasts_s)


def _slow(found: list[Trouble]) -> Iterator[tuple[float, float]]:
    yield from ((trouble.begins_s, trouble.ends_s) for trouble in found if trouble.kind == "slowdown")
    yield math.inf, math.inf


def _staff(panes: Panes, case: Case, found: list[Trouble]) -> None:
    panes.staffed = array("i", [case.agents]) * len(panes.staffed)
    for trouble in found:
        if trouble.kind == "staff":
            first, last = math.ceil(trouble.begins_s / PANE_S), math.ceil(trouble.ends_s / PANE_S)
            panes.staffed[first - 1 : last - 1] = array("i", [case.left]) * (last - first)
