"""From a queue's tallies and figures to the numbers of each metric family.

A row: values of the labels that follow `queue` and `channel`, and the value of the sample. Counters are always there,
at 0 too; a gauge without a value is not there at all. What was counted is kept from one scrape to the next: most of it
is the same.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain

from msgspec import Struct

from callpulse.stream.core import tally as t
from callpulse.stream.core.facts import ABANDONED, ANSWERED, EXITED
from callpulse.stream.core.histogram import Histogram
from callpulse.stream.core.kpis import Figure, Policy
from callpulse.stream.core.tally import HANDLE_SERIES, Tally
from callpulse.stream.metrics import names
from callpulse.stream.metrics.lines import count
from callpulse.stream.metrics.queue_gauges import WINDOWS, Row, Rows, gauges, in_columns
from callpulse.stream.metrics.source import QueueMetrics

DEFAULT_EDGES_S = (5, 10, 20, 30, 60, 120, 180, 300, 600, 1200, 1800, 3600)
OUTCOMES = {"answered": ANSWERED, "abandoned": ABANDONED, "exited": EXITED}


class Counts(Struct, frozen=True):
    """A tally with all that its histograms are asked for: series -> how many up to each edge, the last: in all."""

    tally: Tally
    upto: Mapping[int, Sequence[int]]
    within_threshold: int
    short: int


class Counted(Struct, frozen=True):
    """What a tally says in each family of names.VISITS and names.HISTOGRAMS, their twins left out."""

    tally: Tally
    rows: Sequence[Rows]


class Reading(Struct, frozen=True):
    """A queue ready to be written: what was booked and what was taken back. `windows`: figures of each of WINDOWS."""

    view: QueueMetrics
    edges_s: tuple[int, ...]
    windows: Sequence[Mapping[str, Figure]]
    booked: Counted
    taken_back: Counted


def read(view: QueueMetrics, edges_s: tuple[int, ...], last: Reading | None = None) -> Reading:
    """Count what a queue's histograms hold. `last`: its reading of the scrape before; a tally that is still the same is
    not counted again."""
    was: tuple[Counted | None, Counted | None] = (None, None)
    if last is not None and (last.view.policy, last.edges_s) == (view.policy, edges_s):
        was = last.booked, last.taken_back
    both = zip(was, (view.booked, view.taken_back), strict=True)
    counted = (old if old and old.tally is new else _counted(new, view.policy, edges_s) for old, new in both)
    return Reading(view, edges_s, [view.figures.get(window, {}) for window in WINDOWS], *counted)


def _counted(tally: Tally, policy: Policy, edges_s: tuple[int, ...]) -> Counted:
    counts = _counts(tally, policy, edges_s)
    visits = [in_columns(found(counts, policy)) for found in OF_VISITS]
    histograms = [(edges_s, [*map(count, steps(counts))]) for steps in OF_HISTOGRAMS]
    return Counted(tally, [*visits, *histograms])


def _counts(tally: Tally, policy: Policy, edges_s: Sequence[int]) -> Counts:
    bins = {series: t.histogram(tally, series) for series in (*OUTCOMES.values(), HANDLE_SERIES)}
    return Counts(
        tally,
        {series: cumulative(of_series, edges_s) for series, of_series in bins.items()},
        bins[ANSWERED].up_to(policy.threshold_s, inclusive=policy.boundary == "le"),
        bins[ABANDONED].up_to(policy.short_abandon_s, inclusive=False),
    )


def edges_of(policies: Iterable[Policy], thresholds_s: Iterable[int] = ()) -> tuple[int, ...]:
    """Upper edges of the buckets in whole seconds, the same for every queue so that buckets can be added up."""
    return tuple(sorted({*DEFAULT_EDGES_S, *thresholds_s, *(policy.threshold_s for policy in policies)}))


def cumulative(lasted: Histogram, edges_s: Sequence[int]) -> list[int]:
    """How many lasted at most each edge, and last how many there are."""
    return [*(lasted.up_to(edge, inclusive=True) for edge in edges_s), lasted.total]


# -- counters: rows of a tally under a policy


def _within_threshold(counts: Counts, policy: Policy) -> Iterator[Row]:
    yield (str(policy.threshold_s),), counts.within_threshold


def _short(counts: Counts, _: Policy) -> Iterator[Row]:
    yield (), counts.short


def _amount(key: int, counts: Counts, _: Policy) -> Iterator[Row]:
    yield (), counts.tally.get(key, 0)


def _by_word(keys: Mapping[str, int], counts: Counts, _: Policy) -> Iterator[Row]:
    for word, key in keys.items():
        yield (word,), counts.tally.get(key, 0)


COUNTED: Mapping[str, Callable[[Counts, Policy], Iterator[Row]]] = {
    "visits_offered_total": partial(_amount, t.OFFERED),
    "visits_answered_total": partial(_amount, t.COUNT_KEY[ANSWERED]),
    "visits_answered_within_threshold_total": _within_threshold,
    "visits_abandoned_total": partial(_amount, t.COUNT_KEY[ABANDONED]),
    "visits_abandoned_short_total": _short,
    "visits_exited_total": partial(_by_word, t.EXITED_KEY),
    "visits_lost_total": partial(_by_word, t.LOST_KEY),
    "visits_not_offered_total": partial(_by_word, t.NOT_OFFERED_KEY),
    "visits_transferred_total": partial(_amount, t.TRANSFERRED),
    "outcomes_unmatched_total": partial(_amount, t.UNMATCHED),
}
OF_VISITS = tuple(COUNTED[twins.booked.stem] for twins in names.VISITS)


# -- histograms


def _waits(counts: Counts) -> Iterator[float]:
    """The buckets of each series in the order of the edges and +Inf, its count, its sum."""
    for kind in OUTCOMES.values():
        yield from _steps(counts.upto[kind], counts.tally.get(t.WAIT_MS_KEY[kind], 0))


def _handles(counts: Counts) -> Iterator[float]:
    sum_ms = sum(counts.tally.get(key, 0) for key in (t.TALK_MS, t.HOLD_MS, t.WRAP_UP_MS))
    yield from _steps(counts.upto[HANDLE_SERIES], sum_ms)


def _steps(upto: Sequence[int], sum_ms: int) -> Iterator[float]:
    yield from upto
    yield upto[-1]
    yield sum_ms / 1000


LASTED: Mapping[str, Callable[[Counts], Iterator[float]]] = {
    "visit_wait_seconds": _waits,
    "visit_handle_seconds": _handles,
}
OF_HISTOGRAMS = tuple(LASTED[twins.booked.stem] for twins in names.HISTOGRAMS)


def rows(reading: Reading) -> list[Rows]:
    """What a queue tells of each of names.QUEUES. Of a histogram the lines are named by the edges of its buckets."""
    counted = zip(reading.booked.rows, reading.taken_back.rows, strict=True)
    return [*chain.from_iterable(counted), *gauges(reading.view, reading.windows)]
