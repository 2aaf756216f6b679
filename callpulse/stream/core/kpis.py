"""From tallies to figures: every KPI of the catalogue, for one queue or for several added together.

Definitions (T, formula, short-abandon limit) are applied here, when a tally is read. A zero denominator gives None.
Several queues: tallies are added, numerators and denominators that depend on a queue's own T are added, and only then
is anything divided.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from msgspec import Struct

from callpulse.stream.core import tally as t
from callpulse.stream.core.catalogue import FormulaName
from callpulse.stream.core.facts import ABANDONED, ANSWERED, EXITED, LOST
from callpulse.stream.core.tally import Tally


class Policy(Struct, frozen=True):
    """How a queue is judged: T in whole seconds, whether "within" means <= T or < T, the formula of its service level,
    its target (0–1), and below how many whole seconds an abandon is short."""

    threshold_s: int = 20
    boundary: Literal["le", "lt"] = "le"
    formula: FormulaName = "abandons_missed"
    target: float = 0.80
    short_abandon_s: int = 5


class Figure(Struct, frozen=True, omit_defaults=True, gc=False):
    """A value and the number of things behind it (its denominator); n is None for plain counts. As JSON
    `{"value": …, "n": …}`, n only where there is a denominator."""

    value: float | int | None
    n: int | None = None


class Part(NamedTuple):
    """One queue's share of a window. `waiting_past_t` = waiting for longer than its T; `waiting` = of the cohort still
    waiting, None where a window has no cohort (rolling windows)."""

    tally: Tally
    policy: Policy
    waiting_past_t: int = 0
    waiting: int | None = None


class _Counts(NamedTuple):
    answered: int
    abandoned: int
    exited: int
    answered_t: int
    abandoned_t: int
    abandoned_short: int

    @property
    def done(self) -> int:
        return self.answered + self.abandoned + self.exited


Pair = tuple[float, int]
Bins = Sequence[tuple[int, int]]
Waits = tuple[Bins, Bins]  # of answered, of abandoned


def figures(parts: Sequence[Part]) -> dict[str, Figure]:
    """KPI id -> figure, for the parts added together."""
    parts = parts if len(parts) == 1 else _by_policy(parts)
    tally = _added(parts)
    waits = [t.wait_histograms(part.tally) for part in parts]
    answered = waits[0][0] if len(parts) == 1 else t.histogram(tally, ANSWERED)
    both = list(zip(parts, waits, strict=True))
    own = [_counts(part.tally, found, part.policy.threshold_s, part.policy) for part, found in both]
    pairs = _own(parts, own) | _at_each_t(parts, waits) | _shared(tally)
    out = {name: _ratio(pair) for name, pair in pairs.items()}
    out.update(_waits(tally, answered))
    for counts in (_sums(tally), _counted(tally), _own_counts(own), _within(both)):
        out.update((name, Figure(count, None)) for name, count in counts.items())
    waiting = [part.waiting for part in parts]
    if None not in waiting:
        out["ledger_residual"] = Figure(residual(tally, sum(w for w in waiting if w is not None)), None)
    return out


def level(part: Part) -> Figure:
    """The queue's own service level alone."""
    counts = _counts(part.tally, t.wait_histograms(part.tally), part.policy.threshold_s, part.policy)
    return _ratio(service_level(part.policy.formula, counts))


def residual(tally: Tally, waiting: int) -> int:
    """offered − answered − abandoned − exited − lost − waiting."""
    done = sum(tally.get(t.COUNT_KEY[kind], 0) for kind in (ANSWERED, ABANDONED, EXITED, LOST))
    return tally.get(t.OFFERED, 0) - done - waiting


def service_level(formula: FormulaName, counts: "_Counts") -> Pair:
    """Numerator and denominator of one of the six formulas."""
    return service_levels(counts)[formula]


def service_levels(counts: "_Counts") -> dict[str, Pair]:
    """Numerator and denominator of all six."""
    a, b, x, a_t, b_t, b_s = counts
    done = a + b + x
    return {
        "answered_only": (a_t, a),
        "abandons_missed": (a_t, done),
        "abandons_met": (a_t + b_t, done),
        "abandons_ignored_within_t": (a_t, done - b_t),
        "short_ignored": (a_t, done - b_s),
        "short_met": (a_t + b_s, done),
    }


def percentile(bins: Bins, share: float) -> float | None:
    """Nearest rank: the smallest value with at least `share` of the observations at or below it."""
    total = sum(amount for _, amount in bins)
    rank, seen = max(1, math.ceil(share * total)), 0
    for bin_, amount in bins:
        seen += amount
        if seen >= rank:
            return t.seconds_of(bin_)
    return None


def _ratio(pair: Pair) -> Figure:
    numerator, n = pair
    return Figure(numerator / n if n > 0 else None, n)


def _counts(tally: Tally, waits: Waits, threshold_s: int, policy: Policy) -> _Counts:
    answered, abandoned = waits
    inclusive = policy.boundary == "le"
    return _Counts(
        tally.get(t.COUNT_KEY[ANSWERED], 0),
        tally.get(t.COUNT_KEY[ABANDONED], 0),
        tally.get(t.COUNT_KEY[EXITED], 0),
        t.count_up_to(answered, threshold_s, inclusive=inclusive),
        t.count_up_to(abandoned, threshold_s, inclusive=inclusive),
        t.count_up_to(abandoned, policy.short_abandon_s, inclusive=False),
    )


def _own(parts: Sequence[Part], own: Sequence[_Counts]) -> dict[str, Pair]:
    """Ratios that depend on each queue's own T, formula or short-abandon limit."""
    pairs: dict[str, list[Pair]] = {"service_level": [], "service_level_live": [], "abandonment_rate_corrected": []}
    for part, counts in zip(parts, own, strict=True):
        short = counts.abandoned_short
        pairs["service_level"].append(service_level(part.policy.formula, counts))
        pairs["service_level_live"].append((counts.answered_t, counts.done + part.waiting_past_t))
        pairs["abandonment_rate_corrected"].append((counts.abandoned - short, counts.done - short))
    return {name: (sum(p[0] for p in many), sum(p[1] for p in many)) for name, many in pairs.items()}


def _within(parts: Sequence[tuple[Part, Waits]]) -> dict[str, float]:
    """Answered within each T that occurs."""
    limits = {part.policy.threshold_s for part, _ in parts}
    return {
        f"answered_within.{limit_s}": sum(
            _counts(part.tally, found, limit_s, part.policy).answered_t for part, found in parts
        )
        for limit_s in limits
    }


def _own_counts(own: Sequence[_Counts]) -> dict[str, float]:
    return {
        "answered_within_t": sum(c.answered_t for c in own),
        "abandoned_within_t": sum(c.abandoned_t for c in own),
        "abandoned_short": sum(c.abandoned_short for c in own),
    }


def _at_each_t(parts: Sequence[Part], waits: Sequence[Waits]) -> dict[str, Pair]:
    """Each formula at each T that occurs, with each queue's own boundary and short-abandon limit."""
    pairs: dict[str, Pair] = {}
    for limit_s in {part.policy.threshold_s for part in parts}:
        each = [_counts(part.tally, found, limit_s, part.policy) for part, found in zip(parts, waits, strict=True)]
        counts = each[0] if len(each) == 1 else _Counts(*map(sum, zip(*each, strict=True)))
        for formula, pair in service_levels(counts).items():
            pairs[f"service_level.{formula}.{limit_s}"] = pair
    return pairs


def _by_policy(parts: Sequence[Part]) -> list[Part]:
    """One part for all queues that are judged alike: what is counted by the same T can be added before it is counted,
    and a total of hundreds of queues has few policies."""
    alike: dict[Policy, list[Part]] = {}
    for part in parts:
        alike.setdefault(part.policy, []).append(part)
    return [_one(policy, many) for policy, many in alike.items()]


def _one(policy: Policy, parts: list[Part]) -> Part:
    waiting = [part.waiting for part in parts if part.waiting is not None]
    return Part(
        _added(parts),
        policy,
        sum(part.waiting_past_t for part in parts),
        sum(waiting) if len(waiting) == len(parts) else None,
    )


def _added(parts: Sequence[Part]) -> Tally:
    return parts[0].tally if len(parts) == 1 else t.merge(part.tally for part in parts)


def _shared(tally: Tally) -> dict[str, Pair]:
    """Ratios of the added tally."""
    done = sum(tally.get(t.COUNT_KEY[kind], 0) for kind in (ANSWERED, ABANDONED, EXITED))
    handled, offered = tally.get(t.HANDLED, 0), tally.get(t.OFFERED, 0)
    menu = tally.get(t.NOT_OFFERED_KEY["menu"], 0)
    handle_ms = tally.get(t.TALK_MS, 0) + tally.get(t.HOLD_MS, 0) + tally.get(t.WRAP_UP_MS, 0)
    return {
        "abandonment_rate": (tally.get(t.COUNT_KEY[ABANDONED], 0), done),
        "asa_s": (tally.get(t.WAIT_MS_KEY[ANSWERED], 0) / 1000, tally.get(t.COUNT_KEY[ANSWERED], 0)),
        "customer_wait_s": (tally.get(t.CUSTOMER_WAIT_MS, 0) / 1000, tally.get(t.CUSTOMER_WAIT_COUNT, 0)),
        "aht_s": (handle_ms / 1000, handled),
        "talk_s": (tally.get(t.TALK_MS, 0) / 1000, handled),
        "hold_s": (tally.get(t.HOLD_MS, 0) / 1000, handled),
        "wrap_up_s": (tally.get(t.WRAP_UP_MS, 0) / 1000, handled),
        "transfer_rate": (tally.get(t.TRANSFERRED, 0), handled),
        "ivr_abandonment_rate": (menu, menu + offered),
    }


def occupancy(agent_ms: Mapping[str, int]) -> Figure:
    """Busy over busy and ready, from milliseconds by agent state; n = those milliseconds in whole seconds."""
    busy = sum(agent_ms.get(state, 0) for state in ("ringing", "talking", "hold", "wrapup"))
    signed_in = busy + agent_ms.get("ready", 0)
    return Figure(busy / signed_in if signed_in > 0 else None, signed_in // 1000)


def _waits(tally: Tally, answered: Bins) -> dict[str, Figure]:
    n = tally.get(t.COUNT_KEY[ANSWERED], 0)
    squares, total_ms = tally.get(t.WAIT_MS_SQUARED_KEY[ANSWERED], 0), tally.get(t.WAIT_MS_KEY[ANSWERED], 0)
    return {
        "wait_p50_s": Figure(percentile(answered, 0.50), n),
        "wait_p90_s": Figure(percentile(answered, 0.90), n),
        "wait_max_s": Figure(t.seconds_of(answered[-1][0]) if answered else None, n),
        "wait_stddev_s": Figure(math.sqrt(n * squares - total_ms**2) / n / 1000 if n else None, n),
    }


def _sums(tally: Tally) -> dict[str, float]:
    """Seconds that travel beside the ratios, so that a reader can add and then divide."""
    return {
        "wait_sum_s": tally.get(t.WAIT_MS_KEY[ANSWERED], 0) / 1000,
        "customer_wait_sum_s": tally.get(t.CUSTOMER_WAIT_MS, 0) / 1000,
        "talk_sum_s": tally.get(t.TALK_MS, 0) / 1000,
        "hold_sum_s": tally.get(t.HOLD_MS, 0) / 1000,
        "wrap_up_sum_s": tally.get(t.WRAP_UP_MS, 0) / 1000,
    }


def _counted(tally: Tally) -> dict[str, float]:
    counts: dict[str, float] = {
        "offered": tally.get(t.OFFERED, 0),
        "answered": tally.get(t.COUNT_KEY[ANSWERED], 0),
        "abandoned": tally.get(t.COUNT_KEY[ABANDONED], 0),
        "exited": tally.get(t.COUNT_KEY[EXITED], 0),
        "lost": tally.get(t.COUNT_KEY[LOST], 0),
        "handled": tally.get(t.HANDLED, 0),
        "not_offered": tally.get(t.NOT_OFFERED_COUNT, 0),
        "unmatched": tally.get(t.UNMATCHED, 0),
    }
    for prefix, keys in (("exited", t.EXITED_KEY), ("lost", t.LOST_KEY), ("not_offered", t.NOT_OFFERED_KEY)):
        counts.update((f"{prefix}.{word}", tally[key]) for word, key in keys.items() if key in tally)
    return counts
