"""Several queues as one: what was counted is added, each by its own T and formula, and divided once. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from callpulse.current.fields import Number
from callpulse.current.parts import Interval, Minutes

MINUTE_MS = 60_000
WINDOW = 15  # minutes behind each point
POINTS = 31  # of half an hour, the one that is now included

_SUMS = (
    "offered", "answered", "answered_within_t", "abandoned", "abandoned_within_t", "abandoned_short", "exited", "lost",
    "handled",
)  # fmt: skip


def added(days: Iterable[Sequence[Interval]]) -> tuple[Interval, ...]:
    """The intervals of one day. Where a queue has not come to one yet, it is provisional; a queue that still is in the
    day before has none of this one; one whose sums are not known is left out (`has_sums`)."""
    known = [day for day in days if day and has_sums(day)]
    first = max((day[0].start_ms for day in known), default=0)
    by_start: dict[int, list[Interval]] = {}
    for day in known:
        for each in day:
            if each.start_ms >= first:
                by_start.setdefault(each.start_ms, []).append(each)
    return tuple(_sum(each, len(each) < len(known)) for _, each in sorted(by_start.items()))


def has_sums(day: Sequence[Interval]) -> bool:
    """Whether it can be added: a worker of an older version gives ratios alone."""
    return all(each.level_n is not None for each in day)


def _sum(each: Sequence[Interval], not_all: bool) -> Interval:
    n, met = sum(one.level_n or 0 for one in each), sum(one.met for one in each)
    sums = {name: sum(getattr(one, name) for one in each) for name in _SUMS}
    done = sums["answered"] + sums["abandoned"] + sums["exited"]
    return Interval(
        start_ms=each[0].start_ms,
        end_ms=each[0].end_ms,
        level=met / n if n > 0 else None,
        level_n=n,
        exits=dict(sum((Counter(one.exits) for one in each), Counter())),
        asa_s=_mean((one.asa_s, one.answered) for one in each),
        aht_s=_mean((one.aht_s, one.handled) for one in each),
        abandonment_rate=sums["abandoned"] / done if done else None,
        provisional=not_all or any(one.provisional for one in each),
        **sums,
    )


def _mean(each: Iterable[tuple[float | None, int]]) -> float | None:
    """Of means (s) and what they were divided by: each is made the whole number of ms it came from, those are added and
    divided once. None where one of them is not known."""
    known = [(mean, n) for mean, n in each if n]
    if not known or any(mean is None for mean, _ in known):
        return None
    return sum(round((mean or 0.0) * n * 1000) for mean, n in known) / 1000 / sum(n for _, n in known)


class Sums(Struct, frozen=True):
    """Of several queues, minute by minute until `minute_ms`, the one that runs; `waiting` None: nothing is known."""

    minute_ms: int
    of: Mapping[str, Sequence[Number]]
    waiting: Sequence[int | None]


LEVEL, ASA, ABANDONMENT, AHT, WAITING = (
    "service_level", "asa_s", "abandonment_rate", "aht_s", "contacts_waiting",
)  # fmt: skip
_PARTS = ("met", "level_n", "answered", "abandoned", "exited", "wait_ms", "handled", "handle_ms")
_LENGTH = POINTS - 1 + WINDOW


def sums(minutes: Iterable[Minutes], at_ms: int) -> Sums:
    """The minutes until the one that holds `at_ms`; what a queue has not come to yet is nothing."""
    minute = at_ms - at_ms % MINUTE_MS
    first = minute - (_LENGTH - 1) * MINUTE_MS
    totals: dict[str, list[Number]] = {name: [0] * _LENGTH for name in _PARTS}
    waiting: list[int | None] = [None] * _LENGTH
    for each in minutes:
        shift = (each.start_ms - first) // MINUTE_MS
        met = [round((level or 0.0) * n) for level, n in zip(each.level, each.level_n, strict=True)]
        lists = {name: getattr(each, name) for name in _PARTS[1:]} | {"met": met}
        for name, values in lists.items():
            for at, value in enumerate(values, start=shift):
                if 0 <= at < _LENGTH:
                    totals[name][at] += value
        _add_waiting(waiting, each.contacts_waiting, shift)
    return Sums(minute, totals, waiting)


def _add_waiting(waiting: list[int | None], values: Sequence[int], shift: int) -> None:
    """Who waited stays until a later minute is known."""
    for at in range(max(0, shift), _LENGTH):
        if values:
            waiting[at] = (waiting[at] or 0) + values[min(at - shift, len(values) - 1)]


def course(of: Sums) -> dict[str, tuple[Number | None, ...]]:
    """KPI -> its value of a quarter of an hour, at the end of each of the 30 minutes before the one that runs; None =
    nobody was counted."""
    met, n, answered, abandoned, exited, wait_ms, handled, handle_ms = (_rolled(of.of[name]) for name in _PARTS)
    done = [sum(each) for each in zip(answered, abandoned, exited, strict=True)]
    return {
        LEVEL: _divided(met, n),
        ASA: _divided(wait_ms, answered, 1000),
        ABANDONMENT: _divided(abandoned, done),
        AHT: _divided(handle_ms, handled, 1000),
        WAITING: tuple(of.waiting[WINDOW - 1 : -1]),
    }


def _rolled(values: Sequence[Number]) -> list[Number]:
    return [sum(values[at : at + WINDOW]) for at in range(POINTS - 1)]


def _divided(above: Sequence[Number], below: Sequence[Number], by: int = 1) -> tuple[float | None, ...]:
    return tuple(one / other / by if other > 0 else None for one, other in zip(above, below, strict=True))
