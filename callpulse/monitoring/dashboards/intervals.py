"""The day in clock intervals: counts that add up, and ratios as they were told when the interval ended."""

from grafana_foundation_sdk.models.common import GraphDrawStyle
from grafana_foundation_sdk.models.dashboard import Panel

from callpulse.monitoring.dashboards import queries as q
from callpulse.monitoring.dashboards.blocks import COUNT, RATIO, TARGET, TIME, Query, lines
from callpulse.monitoring.dashboards.levels import Levels
from callpulse.monitoring.dashboards.tables import Column, by_interval
from callpulse.settings import Settings

WINDOW = "interval"
COUNTS = (
    ("Offered", "visits_offered"),
    ("Answered", "visits_answered"),
    ("Abandoned", "visits_abandoned"),
    ("Exited", "visits_exited"),
    ("Lost", "visits_lost"),
)
MEANS = (
    "Counts are what was booked in the interval, and add up. Ratios and means are those of the contacts that arrived "
    "in it, as told in its last seconds: who still waited then is in none. The interval that runs is not shown yet."
)


def every(settings: Settings) -> str:
    """How long an interval of this site is."""
    return f"{settings.site.interval_min}m"


def intervals(levels: Levels, settings: Settings) -> Panel:
    """A row for each."""
    length = every(settings)
    return by_interval(
        "Intervals",
        MEANS,
        [
            *(Column(name, q.between(stem, length), COUNT, decimals=0) for name, stem in COUNTS),
            Column("Service level", q.together("service_level", WINDOW), RATIO, levels.service_level, 1),
            Column("Speed of answer", q.together("asa_s", WINDOW), TIME, levels.asa),
            Column("Abandonment", q.together("abandonment_rate", WINDOW), RATIO, levels.abandonment, 1),
            Column("Handle time", q.together("aht_s", WINDOW), TIME),
        ],
        length,
    )


def level_bars(settings: Settings) -> Panel:
    """Against the target."""
    asked = [
        Query(q.together("service_level", WINDOW), "Service level"),
        Query(q.target_together(WINDOW), TARGET),
    ]
    said = f"Each bar ends where its interval ends. {MEANS}"
    return lines(
        "Service level by interval", said, RATIO, asked, style=GraphDrawStyle.BARS, every=every(settings)
    )  # fmt: skip


def count_bars(settings: Settings) -> Panel:
    """What became of them."""
    length = every(settings)
    asked = [Query(q.between(stem, length), name) for name, stem in COUNTS[1:]]
    said = f"How contacts left their queue, in each interval. {MEANS}"
    return lines("Outcomes by interval", said, COUNT, asked, style=GraphDrawStyle.BARS, stacked=True, every=length)
