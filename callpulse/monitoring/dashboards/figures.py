"""Panels that stand on several dashboards."""

from grafana_foundation_sdk.models.dashboard import Panel

from callpulse.monitoring.dashboards import queries as q
from callpulse.monitoring.dashboards.blocks import (
    COUNT,
    RATIO,
    SECONDS,
    TARGET,
    TIME,
    Query,
    lines,
    stat_of,
    timeline,
)
from callpulse.monitoring.dashboards.levels import PLAIN, Levels, Steps
from callpulse.monitoring.dashboards.said import OF_ALL, over
from callpulse.stream.core.catalogue import BY_ID

UNITS = {"ratio": RATIO, "s": TIME, "count": COUNT}
WINDOWED = "Over the window chosen above."
LIVE_MEANS = "Who waits past T now is counted as missed already, so that it falls while the past still looks well."


def of_kpi(title: str, kpi: str, steps: Steps = PLAIN, *, window: str = q.WINDOW, more: str = "") -> Panel:
    """One KPI of all chosen queues, now."""
    when = WINDOWED if window == q.WINDOW else ""
    return stat_of(title, over(kpi, when, more, OF_ALL), UNITS[BY_ID[kpi].unit], q.together(kpi, window), steps)


def course(title: str, kpi: str, *others: Query, steps: Steps = (), more: str = "") -> Panel:
    """One KPI of all chosen queues over time, and what it is held against."""
    asked = [Query(q.together(kpi), "Last $window"), *others]
    return lines(title, over(kpi, WINDOWED, more, OF_ALL), UNITS[BY_ID[kpi].unit], asked, steps)


def level_course(*others: Query) -> Panel:
    """Live against past, and the target."""
    return course(
        "Service level: past, live, target",
        "service_level",
        Query(q.together("service_level_live"), "With those who wait"),
        *others,
        Query(q.target_together(), TARGET),
        more=LIVE_MEANS,
    )


def waiting_now() -> Panel:
    """How many wait."""
    return stat_of("Waiting", "Contacts that wait at this moment.", COUNT, q.waiting())


def longest_wait(levels: Levels) -> Panel:
    """Of those who wait now."""
    said = "How long the first of those who wait now has waited; no data when nobody waits."
    return stat_of("Longest wait", said, TIME, q.longest_wait(), levels.longest_wait)


def data_age(levels: Levels) -> Panel:
    """How far the figures reach."""
    said = (
        "How long ago the event was that the figures have reached, in the partition of calls that is least far. "
        "It is as old as the last scrape at least. Where it grows, all figures here are of the past."
    )
    return stat_of("Age of the data", said, SECONDS, q.data_age(), levels.data_age)


def agents_by_state() -> Panel:
    """Over time."""
    said = "Agents signed in to the chosen queues, by state. One who is signed in to several queues is in each of them."
    return lines("Agents by state", said, COUNT, [Query(q.agents(by="state"), "{{state}}")], stacked=True)


def alerts() -> Panel:
    """When which stood."""
    said = (
        "When a rule of callpulse alerts fired, by queue; a rule without a queue is of the whole site. Nothing is "
        "drawn where none fires, nor where no alerts worker is on duty."
    )
    fires = f'max by (site, queue, rule, severity) (callpulse_alert_firing{{{q.OF_SITE}, queue=~"$queue|"}})'
    return timeline("Alerts", said, fires, "{{queue}} {{rule}} ({{severity}})", {"1": "fires"})
