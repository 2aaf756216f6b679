"""From a queue's figures to the numbers of each family of gauges. What has no value is not there at all."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import cast

from callpulse.stream.core.catalogue import AGENT_STATES_SHOWN
from callpulse.stream.core.kpis import Figure
from callpulse.stream.core.windows import BOARD_WINDOWS
from callpulse.stream.metrics import names
from callpulse.stream.metrics.names import Family
from callpulse.stream.metrics.source import QueueMetrics

WINDOWS = tuple(window for window in BOARD_WINDOWS if window != "all")  # `all` is what the counters say
VISITS_BEHIND = names.PREFIX + "kpi_visits"
BEHIND = tuple((window, kpi) for window in WINDOWS for kpi in names.KPIS_WITH_VISITS)

Row = tuple[tuple[str, ...], float]
Lines = tuple[tuple[str, ...], ...]
Keys = tuple[int, ...] | Lines
Rows = tuple[Keys, Sequence[float]]  # the numbers of one family, and which lines they belong to


def gauges(family: Family, view: QueueMetrics, windows: Sequence[Mapping[str, Figure]]) -> Rows:
    """What a queue tells of a family of gauges. `windows`: its figures in each of WINDOWS."""
    if family.kpi:
        return _kpi(family.kpi, (view.policy.formula,) if "formula" in family.labels else (), windows)
    return _visits_behind(windows) if family.name == VISITS_BEHIND else in_columns(SHOWN[family.name](view))


def in_columns(found: Iterable[Row]) -> Rows:
    """Rows, their keys and their numbers apart."""
    both = tuple(zip(*found, strict=True))
    return (both[0], both[1]) if both else ((), ())


def _kpi(kpi: str, more: tuple[str, ...], windows: Sequence[Mapping[str, Figure]]) -> Rows:
    figures = [of_window.get(kpi) for of_window in windows]
    return _present(_by_window(more), [None if figure is None else figure.value for figure in figures])


def _visits_behind(windows: Sequence[Mapping[str, Figure]]) -> Rows:
    figures = [of_window.get(kpi) for of_window in windows for kpi in names.KPIS_WITH_VISITS]
    return _present(BEHIND, [None if figure is None else figure.n for figure in figures])


@cache
def _by_window(more: tuple[str, ...]) -> Lines:
    return tuple((window, *more) for window in WINDOWS)


def _present(lines: Lines, values: Sequence[float | None]) -> Rows:
    """Those that have a value."""
    if None not in values:
        return lines, cast(Sequence[float], values)
    return in_columns((line, value) for line, value in zip(lines, values, strict=True) if value is not None)


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
    names.PREFIX + "visits_waiting": _waiting,
    names.PREFIX + "oldest_wait_start_timestamp_seconds": _oldest,
    names.PREFIX + "agents": _agents,
    names.PREFIX + "service_level_target_ratio": _target,
    names.PREFIX + "ledger_residual_visits": _residual,
}
