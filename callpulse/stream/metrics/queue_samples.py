"""From a queue's tallies and figures to the samples of each metric family.

What is here yields rows: values of the labels that follow `queue` and `channel`, and the value of the sample. Counters
are always there, at 0 too; a gauge without a value is not there at all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from msgspec import Struct
from prometheus_client.samples import Sample

from callpulse.stream.core import tally as t
from callpulse.stream.core.catalogue import AGENT_STATES_SHOWN
from callpulse.stream.core.facts import ABANDONED, ANSWERED, EXITED
from callpulse.stream.core.histogram import Histogram
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.tally import HANDLE_SERIES, Tally
from callpulse.stream.core.windows import BOARD_WINDOWS
from callpulse.stream.metrics import names
from callpulse.stream.metrics.names import Family
from callpulse.stream.metrics.source import QueueMetrics

DEFAULT_EDGES_S = (5, 10, 20, 30, 60, 120, 180, 300, 600, 1200, 1800, 3600)
WINDOWS = tuple(window for window in BOARD_WINDOWS if window != "all")  # `all` is what the counters say
OUTCOMES = {"answered": ANSWERED, "abandoned": ABANDONED, "exited": EXITED}

Row = tuple[tuple[str, ...], float]


class Counts(Struct, frozen=True):
    """A tally with all that its histograms are asked for: series -> how many up to each edge, the last: in all.
    `mark`: the sum of all amounts, which tells whether someone changed the tally since."""

    tally: Tally
    mark: int
    upto: Mapping[int, Sequence[int]]
    within_threshold: int
    short: int


class Reading(Struct, frozen=True):
    """A queue ready to be written: what was booked and what was taken back."""

    view: QueueMetrics
    edges_s: tuple[int, ...]
    booked: Counts
    taken_back: Counts


def read(view: QueueMetrics, edges_s: tuple[int, ...], last: Reading | None = None) -> Reading:
    """Count what a queue's histograms hold. `last`: its reading of the scrape before; a tally that is still the same is
    not counted again."""
    if last is None or (last.view.policy, last.edges_s) != (view.policy, edges_s):
        return Reading(view, edges_s, *(_counts(each, view.policy, edges_s) for each in (view.booked, view.taken_back)))
    known = ((last.booked, view.booked), (last.taken_back, view.taken_back))
    counts = (old if _same(old, new) else _counts(new, view.policy, edges_s) for old, new in known)
    return Reading(view, edges_s, *counts)


def _same(old: Counts, new: Tally) -> bool:
    return old.tally == new and old.mark == sum(new.values())


def _counts(tally: Tally, policy: Policy, edges_s: Sequence[int]) -> Counts:
    bins = {series: t.histogram(tally, series) for series in (*OUTCOMES.values(), HANDLE_SERIES)}
    return Counts(
        tally,
        sum(tally.values()),
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


COUNTED: dict[str, Callable[[Counts, Policy], Iterator[Row]]] = {
    "visits_offered": partial(_amount, t.OFFERED),
    "visits_answered": partial(_amount, t.COUNT_KEY[ANSWERED]),
    "visits_answered_within_threshold": _within_threshold,
    "visits_abandoned": partial(_amount, t.COUNT_KEY[ABANDONED]),
    "visits_abandoned_short": _short,
    "visits_exited": partial(_by_word, t.EXITED_KEY),
    "visits_lost": partial(_by_word, t.LOST_KEY),
    "visits_not_offered": partial(_by_word, t.NOT_OFFERED_KEY),
    "visits_transferred": partial(_amount, t.TRANSFERRED),
    "outcomes_unmatched": partial(_amount, t.UNMATCHED),
}


def _counter(family: Family, readings: Sequence[Reading]) -> Iterator[Sample]:
    stem = family.name.removeprefix(names.PREFIX).removesuffix("_total")
    rows = COUNTED[stem.removesuffix("_corrected")]
    for reading in readings:
        counts = reading.taken_back if stem.endswith("_corrected") else reading.booked
        yield from _samples(family, reading.view, rows(counts, reading.view.policy))


# -- histograms


def _waits(counts: Counts) -> Iterator[tuple[tuple[str, ...], Sequence[int], int]]:
    for word, kind in OUTCOMES.items():
        yield (word,), counts.upto[kind], counts.tally.get(t.WAIT_MS_KEY[kind], 0)


def _handles(counts: Counts) -> Iterator[tuple[tuple[str, ...], Sequence[int], int]]:
    yield (), counts.upto[HANDLE_SERIES], sum(counts.tally.get(key, 0) for key in (t.TALK_MS, t.HOLD_MS, t.WRAP_UP_MS))


def _histogram(family: Family, readings: Sequence[Reading]) -> Iterator[Sample]:
    series = _waits if family.name.startswith(names.PREFIX + "visit_wait") else _handles
    for reading in readings:
        counts = reading.taken_back if family.name.endswith("_corrected_seconds") else reading.booked
        les = [*(f"{edge}.0" for edge in reading.edges_s), "+Inf"]
        for values, upto, sum_ms in series(counts):
            labels = _labels(family, reading.view, values)
            for le, count in zip(les, upto, strict=True):
                yield Sample(family.name + "_bucket", {**labels, "le": le}, count)
            yield Sample(family.name + "_count", labels, upto[-1])
            yield Sample(family.name + "_sum", labels, sum_ms / 1000)


# -- gauges: rows of a view


def _kpi(kpi: str, with_formula: bool, view: QueueMetrics) -> Iterator[Row]:
    more = (view.policy.formula,) if with_formula else ()
    for window in WINDOWS:
        figure = view.figures.get(window, {}).get(kpi)
        if figure is not None and figure.value is not None:
            yield (window, *more), figure.value


def _visits_behind(view: QueueMetrics) -> Iterator[Row]:
    for window in WINDOWS:
        figures = view.figures.get(window, {})
        for kpi in names.KPIS_WITH_VISITS:
            if kpi in figures and figures[kpi].n is not None:
                yield (window, kpi), figures[kpi].n or 0


def _waiting(view: QueueMetrics) -> Iterator[Row]:
    yield from _now(view, "contacts_waiting", ())


def _oldest(view: QueueMetrics) -> Iterator[Row]:
    for values, at_ms in _now(view, "longest_wait_start_ms", ()):
        yield values, at_ms / 1000


def _agents(view: QueueMetrics) -> Iterator[Row]:
    for state in AGENT_STATES_SHOWN:
        yield from _now(view, f"agents.{state}", (state,))


def _now(view: QueueMetrics, kpi: str, values: tuple[str, ...]) -> Iterator[Row]:
    figure = view.figures.get("now", {}).get(kpi)
    if figure is not None and figure.value is not None:
        yield values, figure.value


def _target(view: QueueMetrics) -> Iterator[Row]:
    yield (view.policy.formula, str(view.policy.threshold_s)), view.policy.target


def _residual(view: QueueMetrics) -> Iterator[Row]:
    for window in BOARD_WINDOWS:
        figure = view.figures.get(window, {}).get("ledger_residual")
        if figure is not None and figure.value is not None:
            yield (window,), figure.value


SHOWN: dict[str, Callable[[QueueMetrics], Iterator[Row]]] = {
    **{each.name: partial(_kpi, each.kpi, "formula" in each.labels) for each in names.KPIS},
    names.PREFIX + "kpi_visits": _visits_behind,
    names.PREFIX + "visits_waiting": _waiting,
    names.PREFIX + "oldest_wait_start_timestamp_seconds": _oldest,
    names.PREFIX + "agents": _agents,
    names.PREFIX + "service_level_target_ratio": _target,
    names.PREFIX + "ledger_residual_visits": _residual,
}


def _gauge(family: Family, readings: Sequence[Reading]) -> Iterator[Sample]:
    rows = SHOWN[family.name]
    for reading in readings:
        yield from _samples(family, reading.view, rows(reading.view))


def _samples(family: Family, view: QueueMetrics, rows: Iterable[Row]) -> Iterator[Sample]:
    for values, value in rows:
        yield Sample(family.name, _labels(family, view, values), value)


def _labels(family: Family, view: QueueMetrics, values: tuple[str, ...]) -> dict[str, str]:
    return dict(zip(family.labels, (view.queue, view.channel, *values), strict=True))


def samples_of_queues(family: Family, readings: Sequence[Reading]) -> Iterator[Sample]:
    """The samples of a family of queues."""
    return {"histogram": _histogram, "counter": _counter, "gauge": _gauge}[family.type](family, readings)
