"""From a queue's figures to the numbers of each family of gauges. What has no value is not there at all."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache

from callpulse.stream.core.catalogue import AGENT_STATES_SHOWN
from callpulse.stream.core.kpis import Figure
from callpulse.stream.core.windows import BOARD_WINDOWS
from callpulse.stream.metrics import names
from callpulse.stream.metrics.lines import count, number
from callpulse.stream.metrics.source import QueueMetrics

WINDOWS = tuple(window for window in BOARD_WINDOWS if window != "all")  # `all` is what the counters say
KPIS = tuple(family.kpi for family in names.KPIS)
UNKNOWN = Figure(None)
ABSENT = ""
BEHIND = tuple((window, kpi) for window in WINDOWS for kpi in names.KPIS_WITH_VISITS)

Row = tuple[tuple[str, ...], float]
Lines = tuple[tuple[str, ...], ...]
Keys = tuple[int, ...] | Lines
Rows = tuple[Keys, Sequence[str]]  # the numbers of one family as text, and which lines they belong to


def gauges(view: QueueMetrics, windows: Sequence[Mapping[str, Figure]]) -> Iterator[Rows]:
    """What a queue tells of names.KPIS, KPI_VISITS and LIVE, in their order. `windows`: its figures in each of
    WINDOWS."""
    found = [of_window.get(kpi, UNKNOWN).value for of_window in windows for kpi in KPIS]
    texts = [ABSENT if value is None else number(value) for value in found]
    for place, family in enumerate(names.KPIS):
        more = (view.policy.formula,) if "formula" in family.labels else ()
        yield _present(_by_window(more), texts[place :: len(KPIS)])
    behind = [of_window.get(kpi, UNKNOWN).n for of_window in windows for kpi in names.KPIS_WITH_VISITS]
    yield _present(BEHIND, [ABSENT if n is None else count(n) for n in behind])
    for shown in OF_LIVE:
        yield in_columns(shown(view))


def in_columns(found: Iterable[Row]) -> Rows:
    """Rows, their keys and their numbers apart."""
    both = tuple(zip(*found, strict=True))
    return (both[0], tuple(map(count, both[1]))) if both else ((), ())


@cache
def _by_window(more: tuple[str, ...]) -> Lines:
    return tuple((window, *more) for window in WINDOWS)


def _present(lines: Lines, texts: Sequence[str]) -> Rows:
    """Those that have a value."""
    if ABSENT not in texts:
        return lines, texts
    there = [(line, text) for line, text in zip(lines, texts, strict=True) if text]
    return tuple(line for line, _ in there), [text for _, text in there]


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


SHOWN: Mapping[str, Callable[[QueueMetrics], Iterator[Row]]] = {
    "visits_waiting": _waiting,
    "oldest_wait_start_timestamp_seconds": _oldest,
    "agents": _agents,
    "service_level_target_ratio": _target,
    "ledger_residual_visits": _residual,
}
OF_LIVE = tuple(SHOWN[family.stem] for family in names.LIVE)
