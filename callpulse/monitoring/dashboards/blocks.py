"""The kinds of panels, each with what every panel must have: title, description, unit, its queries, their legends.

What is not there is shown as "no data", never as 0. A figure of now is asked for now: the last value of a picture may
be an old one.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from grafana_foundation_sdk.models import common, heatmap, stat, statetimeline, text, timeseries
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    FieldColor,
    FieldColorModeId,
    FieldConfig,
    FieldConfigSource,
    Panel,
    Threshold,
    ThresholdsConfig,
    ThresholdsMode,
)
from grafana_foundation_sdk.models.prometheus import Dataquery, PromQueryFormat

from callpulse.monitoring.dashboards.levels import PLAIN, Steps
from callpulse.monitoring.dashboards.overrides import Override, colour, dashed, overriding

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
GRAFANA = "11.6.0"  # whose panel options these are: an older panel would be migrated
NO_DATA = "no data"
RATIO, TIME, SECONDS, COUNT, BYTES, PER_SECOND = "percentunit", "dthms", "s", "short", "bytes", "cps"
TARGET = "Target"


class Query(NamedTuple):
    """`legend`: of its series, with `{{label}}` for what sets them apart."""

    expr: str
    legend: str


def stat_of(title: str, description: str, unit: str, expr: str, steps: Steps = PLAIN, **shown: str) -> Panel:
    """One figure of now. `shown`: value -> text in its place."""
    options = stat.Options(
        graph_mode=common.BigValueGraphMode.NONE,
        reduce_options=common.ReduceDataOptions(values=False, calcs=["lastNotNull"]),
    )
    fields = _fields(unit, steps)
    fields.mappings = overriding(shown)
    return _panel("stat", title, description, [_instant(expr, title, "A")], options, fields)


def lines(  # noqa: PLR0913 - a picture has these sides
    title: str,
    description: str,
    unit: str,
    queries: Sequence[Query],
    steps: Steps = (),
    *,
    style: common.GraphDrawStyle = common.GraphDrawStyle.LINE,
    stacked: bool = False,
    every: str | None = None,
) -> Panel:
    """Figures over time. `steps` are drawn as dashed lines; a series named `Target` is one too. `every`: one value for
    each such stretch."""
    custom = common.GraphFieldConfig(
        draw_style=style,
        line_width=2,
        fill_opacity=60 if stacked or style is common.GraphDrawStyle.BARS else 0,
        show_points=common.VisibilityMode.NEVER,
        span_nulls=False,
        axis_soft_min=0,
        thresholds_style=common.GraphThresholdsStyleConfig(
            mode=common.GraphThresholdsStyleMode.DASHED if steps else common.GraphThresholdsStyleMode.OFF
        ),
        stacking=common.StackingConfig(
            mode=common.StackingMode.NORMAL if stacked else common.StackingMode.NONE, group="A"
        ),
    )
    options = timeseries.Options(
        legend=_legend(),
        tooltip=common.VizTooltipOptions(mode=common.TooltipDisplayMode.MULTI, sort=common.SortOrder.DESCENDING),
    )
    fields = _fields(unit, steps or PLAIN, by_series=True, custom=custom)
    asked = [_range(query, place, every) for place, query in enumerate(queries)]
    known = {query.legend for query in queries}
    own = [override for name, override in OF_SERIES.items() if name in known]
    panel = _panel("timeseries", title, description, asked, options, fields, own)
    panel.interval = every
    return panel


OF_SERIES = {
    TARGET: dashed(TARGET),
    "Answered": colour("Answered", "green"),
    "Abandoned": colour("Abandoned", "red"),
    "Exited": colour("Exited", "orange"),
    "Lost": colour("Lost", "purple"),
    "Waiting": colour("Waiting", "yellow"),
}


def heat_of(title: str, description: str, expr: str) -> Panel:
    """A histogram over time, in seconds; `expr` has the label `le`. Cells without anybody are left empty."""
    options = heatmap.Options(
        calculate=False,
        color=heatmap.HeatmapColorOptions(
            mode=heatmap.HeatmapColorMode.SCHEME, scheme="Oranges", fill="dark-orange", exponent=0.5, steps=64
        ),
        filter_values=heatmap.FilterValueRange(le=1e-9),
        y_axis=heatmap.YAxisConfig(unit=SECONDS, axis_placement=common.AxisPlacement.LEFT),
        rows_frame=heatmap.RowsHeatmapOptions(layout=common.HeatmapCellLayout.AUTO),
        cell_values=heatmap.CellValues(unit=COUNT, decimals=0),
        legend=heatmap.HeatmapLegend(show=True),
    )
    asked = _range(Query(expr, "{{le}}"), 0)
    asked.format_val = PromQueryFormat.HEATMAP
    return _panel(
        "heatmap", title, description, [asked], options, _fields(SECONDS, PLAIN, custom=heatmap.FieldConfig())
    )


def timeline(title: str, description: str, expr: str, legend: str, shown: Mapping[str, str]) -> Panel:
    """When something stood. `shown`: value -> text."""
    options = statetimeline.Options(
        show_value=common.VisibilityMode.NEVER,
        row_height=0.7,
        legend=_legend(),
        tooltip=common.VizTooltipOptions(mode=common.TooltipDisplayMode.SINGLE),
    )
    fields = _fields(COUNT, PLAIN, custom=statetimeline.FieldConfig())
    fields.mappings = overriding(shown)
    return _panel("state-timeline", title, description, [_range(Query(expr, legend), 0)], options, fields)


def words(title: str, content: str) -> Panel:
    """Markdown."""
    options = text.Options(mode=text.TextMode.MARKDOWN, content=content)
    return Panel(type_val="text", title=title, options=options, plugin_version=GRAFANA)


def table_panel(
    title: str, description: str, targets: list[Dataquery], options: object, overrides: Sequence[Override]
) -> Panel:
    """A table; what is in it is made in tables.py."""
    custom = common.TableFieldOptions(align=common.FieldTextAlignment.AUTO, filterable=False)
    return _panel("table", title, description, targets, options, _fields(COUNT, PLAIN, custom=custom), overrides)


def ref(place: int) -> str:
    """A, B, … of the queries of a panel."""
    return chr(ord("A") + place)


def _instant(expr: str, legend: str, ref_id: str) -> Dataquery:
    return Dataquery(
        expr=expr, legend_format=legend, ref_id=ref_id, instant=True, range_val=False, datasource=SOURCE
    )  # fmt: skip


def _range(query: Query, place: int, every: str | None = None) -> Dataquery:
    asked = Dataquery(expr=query.expr, legend_format=query.legend, ref_id=ref(place), datasource=SOURCE)
    asked.instant, asked.range_val, asked.interval = False, True, every
    return asked


def _legend() -> common.VizLegendOptions:
    return common.VizLegendOptions(
        display_mode=common.LegendDisplayMode.LIST, placement=common.LegendPlacement.BOTTOM, show_legend=True, calcs=[]
    )


def _fields(unit: str, steps: Steps, *, by_series: bool = False, custom: object = None) -> FieldConfig:
    mode = FieldColorModeId.PALETTE_CLASSIC if by_series else FieldColorModeId.THRESHOLDS
    return FieldConfig(
        unit=unit,
        decimals=1 if unit == RATIO else None,
        min_val=0 if unit == RATIO else None,
        no_value=NO_DATA,
        thresholds=ThresholdsConfig(
            mode=ThresholdsMode.ABSOLUTE, steps=[Threshold(value=step.value, color=step.colour) for step in steps]
        ),
        color=FieldColor(mode=mode),
        custom=custom,
    )


def _panel(
    kind: str,
    title: str,
    description: str,
    targets: Sequence[Dataquery],
    options: object,
    fields: FieldConfig,
    overrides: Sequence[Override] = (),
) -> Panel:
    return Panel(
        type_val=kind,
        plugin_version=GRAFANA,
        title=title,
        description=description,
        datasource=SOURCE,
        targets=list(targets),
        options=options,
        field_config=FieldConfigSource(defaults=fields, overrides=list(overrides)),
    )
