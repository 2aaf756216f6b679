"""What a dashboard is asked for: where the data is, and which site, queues, window or processes are shown."""

from grafana_foundation_sdk.models.dashboard import (
    VariableHide,
    VariableModel,
    VariableOption,
    VariableRefresh,
    VariableSort,
    VariableType,
)

from callpulse.monitoring.dashboards.blocks import SOURCE
from callpulse.stream.core.windows import BOARD_WINDOWS

ANY = ".*"
OURS = "callpulse_build_info"  # every process of ours tells it


def datasource() -> VariableModel:
    """Which Prometheus."""
    return VariableModel(
        type_val=VariableType.DATASOURCE,
        name="datasource",
        label="Data source",
        query="prometheus",
        current=VariableOption(text="default", value="default"),
        refresh=VariableRefresh.ON_DASHBOARD_LOAD,
        hide=VariableHide.DONT_HIDE,
    )


def site() -> VariableModel:
    """All where Prometheus gives its targets no label `site`."""
    return _all(_labels("site", "Site", f"label_values({OURS}, site)"), ANY)


def queues() -> VariableModel:
    """Several, or all."""
    return _all(_labels("queue", "Queue", _QUEUES), ANY)


def one_queue() -> VariableModel:
    """One."""
    return _labels("queue", "Queue", _QUEUES)


_QUEUES = 'label_values(callpulse_service_level_target_ratio{site=~"$site"}, queue)'


def window() -> VariableModel:
    """Over which the figures of now look back. Figures since counting began are in no gauge."""
    names = [name for name in BOARD_WINDOWS if name != "all"]
    return VariableModel(
        type_val=VariableType.CUSTOM,
        name="window",
        label="Window",
        query=",".join(names),
        current=VariableOption(text="15m", value="15m"),
        options=[VariableOption(text=name, value=name, selected=name == "15m") for name in names],
    )


def job() -> VariableModel:
    """Which kind of process: only those that are ours."""
    return _all(_labels("job", "Job", f'label_values({OURS}{{site=~"$site"}}, job)'))


def instance() -> VariableModel:
    """Which of them; one that has told nothing yet too."""
    return _all(_labels("instance", "Process", 'label_values(up{site=~"$site", job=~"$job"}, instance)'))


def _labels(name: str, label: str, query: str) -> VariableModel:
    return VariableModel(
        type_val=VariableType.QUERY,
        name=name,
        label=label,
        datasource=SOURCE,
        query=query,
        refresh=VariableRefresh.ON_TIME_RANGE_CHANGED,
        sort=VariableSort.ALPHABETICAL_CASE_INSENSITIVE_ASC,
    )


def _all(variable: VariableModel, value: str | None = None) -> VariableModel:
    """Several of it, all at first. `value`: what all is in a matcher; None = each by name."""
    variable.multi = variable.include_all = True
    variable.all_value = value
    variable.current = VariableOption(selected=True, text=["All"], value=["$__all"])
    return variable
