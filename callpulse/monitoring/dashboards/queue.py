"""*Queue*: everything of one queue."""

from grafana_foundation_sdk.models.dashboard import Panel

from callpulse.monitoring.dashboards import figures, variables
from callpulse.monitoring.dashboards import queries as q
from callpulse.monitoring.dashboards.blocks import COUNT, RATIO, TIME, Query, heat_of, lines, stat_of
from callpulse.monitoring.dashboards.board import Board, Shelf
from callpulse.monitoring.dashboards.intervals import intervals
from callpulse.monitoring.dashboards.levels import Levels
from callpulse.monitoring.dashboards.said import formula, over
from callpulse.settings import Settings


def board(levels: Levels, settings: Settings) -> Board:
    """First what a supervisor asks: how is it, how did it come to be, who is there."""
    return Board(
        "callpulse-queue",
        "Queue",
        "One queue: service level, waits, intervals, agents.",
        [variables.datasource(), variables.site(), variables.one_queue(), variables.window()],
        [
            Shelf(4, now(levels)),
            Shelf(9, [(figures.level_course(), 12), (waits_heat("answered"), 12)]),
            Shelf(9, [(intervals(levels, settings), 15), (figures.agents_by_state(), 9)]),
            Shelf(8, [(wait_course(levels), 8), (abandonment(levels), 8), (arrivals(), 8)], "Waits and outcomes"),
            Shelf(8, [(waits_heat("abandoned"), 8), (exits(), 8), (waiting(), 8)]),
            Shelf(8, [(handling(), 8), (occupancy(), 8), (shares(), 8)], "Work"),
            Shelf(7, [(figures.alerts(), 24)], "Alerts"),
        ],
    )


def now(levels: Levels) -> list[tuple[Panel, int]]:
    """The figures of this moment."""
    level = levels.service_level
    n = "How many contacts stand behind the service level: answered, abandoned or exited in the window."
    return [
        (figures.of_kpi("Service level", "service_level", level), 3),
        (figures.of_kpi("With those who wait", "service_level_live", level, more=figures.LIVE_MEANS), 3),
        (stat_of("Target", "Of the service level of this queue.", RATIO, f"max({q.target()})"), 3),
        (stat_of("n", n, COUNT, q.summed(q.behind("service_level"))), 2),
        (figures.of_kpi("Abandoned", "abandonment_rate", levels.abandonment), 3),
        (figures.of_kpi("Speed of answer", "asa_s", levels.asa), 3),
        (figures.waiting_now(), 2),
        (figures.longest_wait(levels), 3),
        (figures.data_age(levels), 2),
    ]


def waits_heat(outcome: str) -> Panel:
    """How long those waited."""
    said = (
        f"How long those waited who were {outcome}: each cell is how many in that stretch of time waited so long. The "
        "edges hold every threshold in use. What was booked less what later facts took back."
    )
    return heat_of(f"Waits of the {outcome}", said, q.waits_by_bucket(outcome))


def wait_course(levels: Levels) -> Panel:
    """Mean, median, nine of ten, longest."""
    names = (("Mean", "asa_s"), ("Median", "wait_p50_s"), ("90th percentile", "wait_p90_s"), ("Longest", "wait_max_s"))
    said = over("wait_p90_s", figures.WINDOWED, "Beside it the mean (speed of answer), the median and the longest.")
    return lines(
        "Wait of the answered", said, TIME, [Query(q.kpi(kpi), name) for name, kpi in names], levels.asa
    )  # fmt: skip


def abandonment(levels: Levels) -> Panel:
    """With and without short ones."""
    without = Query(q.kpi("abandonment_rate_corrected"), "Without short ones")
    return figures.course("Abandonment", "abandonment_rate", without, steps=levels.abandonment)


def arrivals() -> Panel:
    """In and out."""
    ends = (
        ("Offered", "visits_offered"),
        ("Answered", "visits_answered"),
        ("Abandoned", "visits_abandoned"),
        ("Lost", "visits_lost"),
    )
    said = "Contacts a minute: in, and how they left. Lost: the source never told how they ended."
    return lines("Offered and outcomes", said, COUNT, [Query(q.per_minute(stem), name) for name, stem in ends])


def exits() -> Panel:
    """By cause."""
    said = "Contacts a minute that left the queue unanswered without hanging up, by cause."
    return lines("Exited", said, COUNT, [Query(q.per_minute("visits_exited", "cause"), "{{cause}}")], stacked=True)


def waiting() -> Panel:
    """Over time."""
    return lines("Waiting over time", "Contacts that wait.", COUNT, [Query(q.waiting(), "Waiting")], stacked=True)


def handling() -> Panel:
    """What a contact takes."""
    names = (("Talk", "talk_s"), ("Hold", "hold_s"), ("Wrap-up", "wrap_up_s"))
    asked = [Query(q.kpi(kpi), name) for name, kpi in names]
    return lines(
        "Handle time",
        over("aht_s", figures.WINDOWED, "Stacked: the whole is the mean handle time."),
        TIME,
        asked,
        stacked=True,
    )


def occupancy() -> Panel:
    """Of the agents."""
    return lines("Occupancy", over("occupancy", figures.WINDOWED), RATIO, [Query(q.kpi("occupancy"), "Last $window")])


def shares() -> Panel:
    """Ended by a transfer, or before the queue."""
    said = f"Transfers: {formula('transfer_rate')} Left in the menu: {formula('ivr_abandonment_rate')}"
    names = (("Transfers", "transfer_rate"), ("Left in the menu", "ivr_abandonment_rate"))
    return lines("Transfers and menu", said, RATIO, [Query(q.kpi(kpi), name) for name, kpi in names])
