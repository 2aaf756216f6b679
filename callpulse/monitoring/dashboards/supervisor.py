"""*Supervisor day*: the business day in intervals against the target, and its ledger."""

from grafana_foundation_sdk.models.dashboard import Panel

from callpulse.monitoring.dashboards import figures, intervals, variables
from callpulse.monitoring.dashboards import queries as q
from callpulse.monitoring.dashboards.blocks import COUNT, stat_of
from callpulse.monitoring.dashboards.board import Board, Shelf
from callpulse.monitoring.dashboards.levels import NOT_ZERO, Levels
from callpulse.monitoring.dashboards.tables import Column, of_now
from callpulse.settings import Settings
from callpulse.stream.core.catalogue import BY_ID

DAY = "day"


def board(levels: Levels, settings: Settings) -> Board:
    """From the start of the business day until now."""
    return Board(
        "callpulse-supervisor",
        "Supervisor day",
        "The business day: each interval against the target, what became of the contacts, whether the ledger adds up.",
        [variables.datasource(), variables.site(), variables.queues()],
        [
            Shelf(4, day(levels)),
            Shelf(9, [(intervals.level_bars(settings), 12), (intervals.count_bars(settings), 12)]),
            Shelf(9, [(ledger(), 24)]),
            Shelf(12, [(intervals.intervals(levels, settings), 24)], "Intervals"),
            Shelf(7, [(figures.alerts(), 24)], "Alerts"),
        ],
        since=day_start(settings),
        refresh="1m",
    )


def day_start(settings: Settings) -> str:
    """As Grafana has it: the start of the day of an instant, so much earlier, and so much later."""
    minutes = settings.calendar().day_start_min
    return f"now-{minutes}m/d+{minutes}m" if minutes else "now/d"


def day(levels: Levels) -> list[tuple[Panel, int]]:
    """The figures of the day so far: of the contacts that arrived in it."""
    more = "The window is the business day so far, whatever time is chosen above."
    level = levels.service_level
    return [
        (figures.of_kpi("Service level today", "service_level", level, window=DAY, more=more), 5),
        (figures.of_kpi("Abandoned today", "abandonment_rate", levels.abandonment, window=DAY, more=more), 5),
        (figures.of_kpi("Speed of answer today", "asa_s", levels.asa, window=DAY, more=more), 5),
        (figures.of_kpi("Handle time today", "aht_s", window=DAY, more=more), 4),
        (figures.waiting_now(), 2),
        (residual(), 3),
    ]


def residual() -> Panel:
    """Of the day."""
    told = q.told("ledger_residual_visits", q.equal("window", DAY))
    said = f"Of the contacts that arrived today, all queues: {BY_ID['ledger_residual'].formula}."
    return stat_of("Ledger residual", said, COUNT, f"sum(abs({told}))", NOT_ZERO)


def ledger() -> Panel:
    """A row for each queue."""
    residual_now = q.told("ledger_residual_visits", q.equal("window", "all"))
    return of_now(
        "Ledger: waiting at start + offered = answered + abandoned + exited + lost + waiting",
        "What was booked in the time chosen above (the business day so far), less what later facts took back, from the "
        "first that Prometheus knows of that time; waiting at start is empty where it does not know the start. Counts "
        "are told once they are stored: a contact of the last second may be missing. Residual: the same by the worker, "
        "since counting began; anything but 0 is a defect.",
        [
            Column("Waiting at start", q.summed(q.told("visits_waiting", at=" offset $__range"), q.BY_QUEUE), COUNT),
            *(Column(name, q.since(stem), COUNT, decimals=0) for name, stem in intervals.COUNTS),
            Column("Waiting", q.waiting(q.BY_QUEUE), COUNT),
            Column("Residual", q.summed(residual_now, q.BY_QUEUE), COUNT, NOT_ZERO),
        ],
        "Offered",
        added=True,
    )
