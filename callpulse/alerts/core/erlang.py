"""Erlang C (nobody gives up) and Erlang A (callers give up after an exponential patience): exact figures of a queue in
steady state.

Rates are per second, times in seconds. Inputs that make no sense (no agents, no handle time, a negative rate; Erlang C
with more work than agents) have no figures: None. Sources: Gans, Koole, Mandelbaum (2003), Telephone call centers,
sections 4.1 and 4.2.2; the chance to be answered in time is written as a negative binomial tail (`answered_within`).
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

NEGLIGIBLE = 1e-18  # of the likeliest state
MOST = 100_000  # agents, Erlang or contacts waiting; more is a mistake, and would take long
LONGEST_S = 1e8  # a patience of three years


class ErlangC(NamedTuple):
    wait: float  # share that waits at all
    service_level: float
    asa_s: float


class ErlangA(NamedTuple):
    wait: float  # share that finds no agent free
    offered: float  # service level of all: answered within T / offered
    answered: float  # service level of those answered
    asa_s: float  # mean wait of those answered
    abandonment: float


def erlang_c(agents: int, per_s: float, aht_s: float, threshold_s: float) -> ErlangC | None:
    """Steady state of M/M/c; None where there is none."""
    work = per_s * aht_s
    if not (_sensible(agents, per_s, aht_s, threshold_s) and work < agents):
        return None
    blocked = 1.0
    for n in range(1, agents + 1):
        blocked = work * blocked / (n + work * blocked)
    wait = agents * blocked / (agents - work * (1 - blocked))
    spare = agents - work
    return ErlangC(wait, 1 - wait * math.exp(-spare * threshold_s / aht_s), wait * aht_s / spare)


def erlang_a(agents: int, per_s: float, aht_s: float, patience_s: float, threshold_s: float) -> ErlangA | None:
    """Steady state of M/M/c+M; None where the inputs make no sense or nobody calls."""
    if not (_sensible(agents, per_s, aht_s, threshold_s) and per_s > 0 and 0 < patience_s <= LONGEST_S):
        return None
    if (per_s - agents / aht_s) * patience_s > MOST:
        return None
    served_per_s = agents / aht_s
    first, shares = _steady(agents, per_s, aht_s, patience_s)
    ahead = max(0, first + len(shares) - agents)
    in_time = answered_within(ahead, served_per_s, patience_s, threshold_s)
    free = wait = offered = abandoned = waited_s = stages_s = 0.0
    for j in range(max(0, first - agents)):
        stages_s += 1 / (served_per_s + (j + 1) / patience_s)
    for n, share in enumerate(shares, first):
        if n < agents:
            free += share
            continue
        own = (n - agents + 1) / patience_s
        answered = served_per_s / (served_per_s + own)
        stages_s += 1 / (served_per_s + own)
        wait += share
        offered += share * in_time[n - agents]
        abandoned += share * (1 - answered)
        waited_s += share * answered * stages_s
    served = 1 - abandoned
    return ErlangA(wait, free + offered, (free + offered) / served, waited_s / served, abandoned)


def answered_within(positions: int, served_per_s: float, patience_s: float, threshold_s: float) -> list[float]:
    """For callers who find 0, 1, … `positions - 1` others waiting and all agents busy: the chance to be answered within
    the threshold, own patience included.

    r/(r+j+1) · I_u(j+1, r+1) with r = served_per_s · patience_s and u = 1 - exp(-threshold_s/patience_s); the
    regularised incomplete beta function is one minus the first j + 1 terms of a negative binomial distribution.
    """
    r, u = served_per_s * patience_s, -math.expm1(-threshold_s / patience_s)
    if u <= 0:
        return [0.0] * positions
    term, missing, found = -(r + 1) * threshold_s / patience_s, 0.0, []
    for j in range(positions):
        if j:
            term += math.log(u * (r + j) / j)
        missing += math.exp(term)
        found.append(max(0.0, 1 - missing) * r / (r + j + 1))
    return found


def _sensible(agents: int, per_s: float, aht_s: float, threshold_s: float) -> bool:
    return 0 < agents <= MOST and aht_s > 0 and 0 <= per_s * aht_s <= MOST and 0 <= threshold_s < math.inf


def _steady(agents: int, per_s: float, aht_s: float, patience_s: float) -> tuple[int, list[float]]:
    """The lowest number of contacts in the system that is not negligible, and the shares of time from there on."""
    work = per_s * aht_s
    likeliest = int(work) if work < agents else agents + int((per_s - agents / aht_s) * patience_s)
    below = list(_downwards(likeliest, agents, per_s, aht_s, patience_s))
    weights = [*reversed(below), 1.0, *_upwards(likeliest, agents, per_s, aht_s, patience_s)]
    total = math.fsum(weights)
    return likeliest - len(below), [weight / total for weight in weights]


def _upwards(n: int, agents: int, per_s: float, aht_s: float, patience_s: float) -> Iterator[float]:
    weight = 1.0
    while True:
        n += 1
        weight *= per_s / _leaving(n, agents, aht_s, patience_s)
        if weight < NEGLIGIBLE:
            return
        yield weight


def _downwards(n: int, agents: int, per_s: float, aht_s: float, patience_s: float) -> Iterator[float]:
    weight = 1.0
    while n > 0:
        weight *= _leaving(n, agents, aht_s, patience_s) / per_s
        if weight < NEGLIGIBLE:
            return
        yield weight
        n -= 1


def _leaving(n: int, agents: int, aht_s: float, patience_s: float) -> float:
    return min(n, agents) / aht_s + max(n - agents, 0) / patience_s
