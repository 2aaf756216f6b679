"""Tables: a row for each queue or process as it is now, or for each interval; a column for each query."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from grafana_foundation_sdk.models import common, table
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, Panel
from grafana_foundation_sdk.models.prometheus import Dataquery, PromQueryFormat

from callpulse.monitoring.dashboards.blocks import SOURCE, ref, table_panel
from callpulse.monitoring.dashboards.levels import PLAIN, Steps
from callpulse.monitoring.dashboards.overrides import Override, of

LABELS = {
    "queue": "Queue",
    "instance": "Process",
    "channel": "Channel",
    "site": "Site",
    "job": "Job",
    "formula": "Formula",
    "threshold": "T (s)",
    "version": "Version",
    "python": "Python",
}
FIRST = 2  # of these stand before the figures


class Column(NamedTuple):
    """`steps` colour the text of a cell; `ranges`: (from, to, text, colour) shown in place of a number. `hidden`: only
    the labels of its series are shown."""

    name: str
    expr: str
    unit: str
    steps: Steps = PLAIN
    decimals: int | None = None
    ranges: Sequence[tuple[float, float, str, str]] = ()
    hidden: bool = False


def of_now(
    title: str,
    description: str,
    columns: Sequence[Column],
    worst: str,
    *,
    links: Sequence[Override] = (),
    added: bool = False,
) -> Panel:
    """A row for each set of labels; those with most in the column `worst` first, those without a value last. `added`:
    the sum of each column stands below it, where all are counts."""
    sort = common.TableSortByFieldState(display_name=worst, desc=True)
    panel = _table(title, description, columns, LABELS, sort, links)
    if added and isinstance(panel.options, table.Options):
        panel.options.footer = common.TableFooterOptions(show=True, reducer=["sum"], count_rows=False)
    return panel


def by_interval(title: str, description: str, columns: Sequence[Column], every: str) -> Panel:
    """A row for each stretch of time, the newest first."""
    sort = common.TableSortByFieldState(display_name=UNTIL, desc=True)
    panel = _table(title, description, columns, {"Time": UNTIL}, sort, [], every)
    panel.interval = every
    return panel


UNTIL = "Until"


def linked(column: str, title: str, url: str) -> Override:
    """The cells of that column lead somewhere."""
    return of(column, {"links": [{"title": title, "url": url, "targetBlank": False}]})


def _table(
    title: str,
    description: str,
    columns: Sequence[Column],
    labels: dict[str, str],
    sort: common.TableSortByFieldState,
    links: Sequence[Override],
    every: str | None = None,
) -> Panel:
    targets = [_query(column, place, every) for place, column in enumerate(columns)]
    options = table.Options(show_header=True, sort_by=[sort], cell_height=common.TableCellHeight.SM)
    panel = table_panel(title, description, targets, options, [*map(_shown, columns), *links])
    panel.transformations = [
        DataTransformerConfig(id_val="merge", options={}),
        DataTransformerConfig(id_val="organize", options=_order(columns, labels)),
    ]
    return panel


def _query(column: Column, place: int, every: str | None) -> Dataquery:
    return Dataquery(
        expr=column.expr,
        legend_format=column.name,
        ref_id=ref(place),
        format_val=PromQueryFormat.TABLE,
        instant=every is None,
        range_val=every is not None,
        interval=every,
        datasource=SOURCE,
    )


def _order(columns: Sequence[Column], labels: dict[str, str]) -> dict[str, Any]:
    """What a row is of, then the figures, then the other labels."""
    fields = [f"Value #{ref(place)}" for place in range(len(columns))] if len(columns) > 1 else ["Value"]
    values = {field: column.name for field, column in zip(fields, columns, strict=True)}
    without = {field: True for field, column in zip(fields, columns, strict=True) if column.hidden}
    names = list(labels)
    return {
        "excludeByName": without if "Time" in labels else {"Time": True, **without},
        "indexByName": {name: place for place, name in enumerate((*names[:FIRST], *values, *names[FIRST:]))},
        "renameByName": {**labels, **values},
    }


def _shown(column: Column) -> Override:
    properties: dict[str, object] = {"unit": column.unit}
    if column.decimals is not None:
        properties["decimals"] = column.decimals
    if column.steps != PLAIN:
        steps = [{"value": step.value, "color": step.colour} for step in column.steps]
        properties["thresholds"] = {"mode": "absolute", "steps": steps}
        properties["custom.cellOptions"] = {"type": "color-text"}
    if column.ranges:
        properties["mappings"] = [_range(*each, place) for place, each in enumerate(column.ranges)]
        properties["custom.cellOptions"] = {"type": "color-text"}
    return of(column.name, properties)


def _range(low: float, high: float, said: str, colour: str, place: int) -> dict[str, object]:
    return {"type": "range", "options": {"from": low, "to": high,
            "result": {"text": said, "color": colour, "index": place}}}  # fmt: skip
