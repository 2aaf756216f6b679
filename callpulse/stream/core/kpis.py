"""From tallies to figures: every KPI of the catalogue, for one queue or for several added together.

Definitions (T, formula, short-abandon limit) are applied here, when a tally is read. A zero denominator gives None.
Several queues: tallies are added, numerators and denominators that depend on a queue's own T are added, and only then
is anything divided.
"""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from msgspec import Struct

from callpulse.stream.core import tally as t
from callpulse.stream.core.catalogue import FORMULAS, FormulaName
from callpulse.stream.core.facts import ABANDONED, ANSWERED, EXITED, LOST
from callpulse.stream.core.histogram import Histogram
from callpulse.stream.core.tally import Tally


class Policy(Struct, frozen=True):
    """How a queue is judged: T in whole seconds, whether "within" means <= T or < T, the formula of its service level,
    its target (0–1), and below how many whole seconds an abandon is short."""

    threshold_s: int = 20
    boundary: Literal["le", "lt"] = "le"
    formula: FormulaName = "abandons_missed"
    target: float = 0.80
    short_abandon_s: int = 5

    @property
    def past_t_ms(self) -> int:
        """The shortest wait that is not within T."""
        return self.threshold_s * 1000 + (self.boundary == "le")


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


class Counts(NamedTuple):
    """Of one part, or of several added: A, B, X, A_T, B_T, B_s of the catalogue."""

    answered: int
    abandoned: int
    exited: int
    answered_t: int
    abandoned_t: int
    abandoned_short: int

    @property
    def done(self) -> int:
        return self.answered + self.abandoned + self.exited


Pair = tuple[float, int]  # numerator, denominator
Waits = tuple[Histogram, Histogram]  # of answered, of abandoned
_ANSWERED, _ABANDONED, _EXITED, _LOST = (t.COUNT_KEY[kind] for kind in (ANSWERED, ABANDONED, EXITED, LOST))
_WAIT_MS, _WAIT_MS_SQUARED, _MENU = t.WAIT_MS_KEY[ANSWERED], t.WAIT_MS_SQUARED_KEY[ANSWERED], t.NOT_OFFERED_KEY["menu"]
_WORDS = [
    (key, f"{prefix}.{word}")
    for prefix, keys in (("exited", t.EXITED_KEY), ("lost", t.LOST_KEY), ("not_offered", t.NOT_OFFERED_KEY))
    for word, key in keys.items()
]


def figures(parts: Sequence[Part]) -> dict[str, Figure]:
    """KPI id -> figure, for the parts added together."""
    parts = parts if len(parts) == 1 else _by_policy(parts)
    tally = _added(parts)
    waits = [t.wait_histograms(part.tally) for part in parts]
    at = {limit_s: _counts_at(parts, waits, limit_s) for limit_s in {part.policy.threshold_s for part in parts}}
    own = [at[part.policy.threshold_s][place] for place, part in enumerate(parts)]
    out: dict[str, Figure] = {}
    _add_own(out, parts, own)
    for limit_s, each in at.items():
        counts = _together(each)
        within, names = _names_at(limit_s)
        out[within] = Figure(counts.answered_t)
        for name, pair in zip(names, service_levels(counts).values(), strict=True):
            out[name] = _ratio(*pair)
    _add_shared(out, tally)
    _add_waits(out, tally, waits[0][0] if len(parts) == 1 else t.histogram(tally, ANSWERED))
    _add_counts(out, tally, _together(own))
    waiting = _still_waiting(parts)
    if waiting is not None:
        out["ledger_residual"] = Figure(residual(tally, waiting))
    return out


def level(part: Part) -> Figure:
    """The queue's own service level alone."""
    (counts,) = _counts_at([part], [t.wait_histograms(part.tally)], part.policy.threshold_s)
    return _ratio(*service_level(part.policy.formula, counts))


def residual(tally: Tally, waiting: int) -> int:
    """offered − answered − abandoned − exited − lost − waiting."""
    done = sum(tally.get(key, 0) for key in (_ANSWERED, _ABANDONED, _EXITED, _LOST))
    return tally.get(t.OFFERED, 0) - done - waiting


def service_level(formula: FormulaName, counts: "Counts") -> Pair:
    """Numerator and denominator of one of the six formulas."""
    return service_levels(counts)[formula]


def service_levels(counts: "Counts") -> dict[str, Pair]:
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


def _ratio(numerator: float, n: int) -> Figure:
    return Figure(numerator / n if n > 0 else None, n)


def _counts_at(parts: Sequence[Part], waits: Sequence[Waits], limit_s: int) -> list[Counts]:
    """Of each part, where T is `limit_s`, with its own boundary and short-abandon limit."""
    found = []
    for part, (answered, abandoned) in zip(parts, waits, strict=True):
        get, policy = part.tally.get, part.policy
        inclusive = policy.boundary == "le"
        found.append(
            Counts(
                get(_ANSWERED, 0),
                get(_ABANDONED, 0),
                get(_EXITED, 0),
                answered.up_to(limit_s, inclusive=inclusive),
                abandoned.up_to(limit_s, inclusive=inclusive),
                abandoned.up_to(policy.short_abandon_s, inclusive=False),
            )
        )
    return found


def _together(each: Sequence[Counts]) -> Counts:
    return each[0] if len(each) == 1 else Counts(*map(sum, zip(*each, strict=True)))


@lru_cache(maxsize=1024)
def _names_at(limit_s: int) -> tuple[str, list[str]]:
    """What depends on T is named by it."""
    return f"answered_within.{limit_s}", [f"service_level.{formula}.{limit_s}" for formula in FORMULAS]


def _add_own(out: dict[str, Figure], parts: Sequence[Part], own: Sequence[Counts]) -> None:
    """Ratios that depend on each queue's own T, formula or short-abandon limit."""
    levels = [service_level(part.policy.formula, counts) for part, counts in zip(parts, own, strict=True)]
    counts, past_t = _together(own), sum(part.waiting_past_t for part in parts)
    done, short = counts.done, counts.abandoned_short
    out["service_level"] = _ratio(*(levels[0] if len(levels) == 1 else map(sum, zip(*levels, strict=True))))
    out["service_level_live"] = _ratio(counts.answered_t, done + past_t)
    out["abandonment_rate_corrected"] = _ratio(counts.abandoned - short, done - short)


def _by_policy(parts: Sequence[Part]) -> list[Part]:
    """One part for all queues that are judged alike: what is counted by the same T can be added before it is counted,
    and a total of hundreds of queues has few policies."""
    alike: dict[Policy, list[Part]] = {}
    for part in parts:
        alike.setdefault(part.policy, []).append(part)
    return [
        Part(_added(many), policy, sum(part.waiting_past_t for part in many), _still_waiting(many))
        for policy, many in alike.items()
    ]


def _still_waiting(parts: Sequence[Part]) -> int | None:
    """Of all cohorts; None where the window has none."""
    waiting = [part.waiting for part in parts if part.waiting is not None]
    return sum(waiting) if len(waiting) == len(parts) else None


def _added(parts: Sequence[Part]) -> Tally:
    return parts[0].tally if len(parts) == 1 else t.merge(part.tally for part in parts)


def _add_shared(out: dict[str, Figure], tally: Tally) -> None:
    """Ratios of the added tally, and the sums that travel beside them so that a reader can add and then divide."""
    get = tally.get
    answered, abandoned = get(_ANSWERED, 0), get(_ABANDONED, 0)
    handled, menu = get(t.HANDLED, 0), get(_MENU, 0)
    wait_s, customer_wait_s = get(_WAIT_MS, 0) / 1000, get(t.CUSTOMER_WAIT_MS, 0) / 1000
    talk_ms, hold_ms, wrap_up_ms = get(t.TALK_MS, 0), get(t.HOLD_MS, 0), get(t.WRAP_UP_MS, 0)
    out["abandonment_rate"] = _ratio(abandoned, answered + abandoned + get(_EXITED, 0))
    out["asa_s"] = _ratio(wait_s, answered)
    out["customer_wait_s"] = _ratio(customer_wait_s, get(t.CUSTOMER_WAIT_COUNT, 0))
    out["aht_s"] = _ratio((talk_ms + hold_ms + wrap_up_ms) / 1000, handled)
    out["talk_s"] = _ratio(talk_ms / 1000, handled)
    out["hold_s"] = _ratio(hold_ms / 1000, handled)
    out["wrap_up_s"] = _ratio(wrap_up_ms / 1000, handled)
    out["transfer_rate"] = _ratio(get(t.TRANSFERRED, 0), handled)
    out["ivr_abandonment_rate"] = _ratio(menu, menu + get(t.OFFERED, 0))
    out["wait_sum_s"] = Figure(wait_s)
    out["customer_wait_sum_s"] = Figure(customer_wait_s)
    out["talk_sum_s"] = Figure(talk_ms / 1000)
    out["hold_sum_s"] = Figure(hold_ms / 1000)
    out["wrap_up_sum_s"] = Figure(wrap_up_ms / 1000)


def occupancy(agent_ms: Mapping[str, int]) -> Figure:
    """Busy over busy and ready, from milliseconds by agent state; n = those milliseconds in whole seconds."""
    busy = sum(agent_ms.get(state, 0) for state in ("ringing", "talking", "hold", "wrapup"))
    signed_in = busy + agent_ms.get("ready", 0)
    return Figure(busy / signed_in if signed_in > 0 else None, signed_in // 1000)


def _add_waits(out: dict[str, Figure], tally: Tally, answered: Histogram) -> None:
    """The spread of the answered's waits."""
    n = tally.get(_ANSWERED, 0)
    squares, total_ms = tally.get(_WAIT_MS_SQUARED, 0), tally.get(_WAIT_MS, 0)
    out["wait_p50_s"] = Figure(answered.percentile(0.50), n)
    out["wait_p90_s"] = Figure(answered.percentile(0.90), n)
    out["wait_max_s"] = Figure(answered.longest(), n)
    out["wait_stddev_s"] = Figure(math.sqrt(n * squares - total_ms**2) / n / 1000 if n else None, n)


def _add_counts(out: dict[str, Figure], tally: Tally, own: Counts) -> None:
    get = tally.get
    out["offered"] = Figure(get(t.OFFERED, 0))
    out["answered"] = Figure(get(_ANSWERED, 0))
    out["answered_within_t"] = Figure(own.answered_t)
    out["abandoned"] = Figure(get(_ABANDONED, 0))
    out["abandoned_within_t"] = Figure(own.abandoned_t)
    out["abandoned_short"] = Figure(own.abandoned_short)
    out["exited"] = Figure(get(_EXITED, 0))
    out["lost"] = Figure(get(_LOST, 0))
    out["handled"] = Figure(get(t.HANDLED, 0))
    out["not_offered"] = Figure(get(t.NOT_OFFERED_COUNT, 0))
    out["unmatched"] = Figure(get(t.UNMATCHED, 0))
    out.update((name, Figure(tally[key])) for key, name in _WORDS if key in tally)
