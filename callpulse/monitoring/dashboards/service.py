"""*Service*: all queues, worst first; how it went, and how it is going."""

from grafana_foundation_sdk.models.dashboard import Panel

from callpulse.monitoring.dashboards import figures, variables
from callpulse.monitoring.dashboards import queries as q
from callpulse.monitoring.dashboards.blocks import COUNT, RATIO, TARGET, TIME, Query, lines
from callpulse.monitoring.dashboards.board import Board, Shelf
from callpulse.monitoring.dashboards.levels import ACT, OK, WATCH, Levels
from callpulse.monitoring.dashboards.tables import Column, linked, of_now

LAST_WEEK = " offset 1w"
TO_QUEUE = "/d/callpulse-queue?var-queue=${__value.raw}&${datasource:queryparam}&${site:queryparam}&${__url_time_range}"
STATE = "State"


def board(levels: Levels) -> Board:
    """All chosen queues together, then each."""
    return Board(
        "callpulse-service",
        "Service",
        "All queues, worst first: service level, waits and abandonment against their targets, now and over time.",
        [variables.datasource(), variables.site(), variables.queues(), variables.window()],
        [
            Shelf(4, now(levels)),
            Shelf(9, [(worst_first(levels), 24)]),
            Shelf(9, over_time(levels)),
            Shelf(8, [(arrivals(), 8), (outcomes(), 8), (waiting(), 8)], "How much there was to do"),
            Shelf(7, [(figures.alerts(), 12), (figures.agents_by_state(), 12)], "Alerts and agents"),
        ],
    )


def now(levels: Levels) -> list[tuple[Panel, int]]:
    """The figures of this moment."""
    level = levels.service_level
    return [
        (figures.of_kpi("Service level", "service_level", level), 4),
        (figures.of_kpi("With those who wait", "service_level_live", level, more=figures.LIVE_MEANS), 4),
        (figures.of_kpi("Abandoned", "abandonment_rate", levels.abandonment), 4),
        (figures.of_kpi("Speed of answer", "asa_s", levels.asa), 4),
        (figures.waiting_now(), 2),
        (figures.longest_wait(levels), 3),
        (figures.data_age(levels), 3),
    ]


def worst_first(levels: Levels) -> Panel:
    """A row for each queue."""
    worst = levels.short_of_target[-1].value or 1.0
    lamp = ((-1.0, 0.0, "● on target", OK), (0.0, worst, "▲ below target", WATCH), (worst, 1.0, "■ far below", ACT))
    return of_now(
        "Queues, worst first",
        "By how far the service level is below the queue's own target, those who wait past T counted as missed; far "
        "below is where the critical alert begins. n: contacts behind the service level; a low one moves much. An "
        "empty cell: no contact in the window, or nobody waits. A click on a queue opens its own dashboard.",
        [
            Column(STATE, f"{q.target()} - {q.kpi('service_level_live')}", RATIO, ranges=lamp),
            Column("Service level", q.kpi("service_level"), RATIO, decimals=1),
            Column("With those who wait", q.kpi("service_level_live"), RATIO, decimals=1),
            Column(TARGET, q.target(), RATIO, decimals=0),
            Column("n", q.behind("service_level"), COUNT),
            Column("Abandoned", q.kpi("abandonment_rate"), RATIO, levels.abandonment, 1),
            Column("Speed of answer", q.kpi("asa_s"), TIME, levels.asa),
            Column("Waiting", q.waiting(q.BY_QUEUE), COUNT),
            Column("Longest wait", q.longest_wait(q.BY_QUEUE), TIME, levels.longest_wait),
            Column("Agents ready", q.agents("ready", by=q.BY_QUEUE), COUNT),
            Column("Agents", q.agents(by=q.BY_QUEUE), COUNT),
        ],
        STATE,
        links=[linked("Queue", "This queue", TO_QUEUE)],
    )


def over_time(levels: Levels) -> list[tuple[Panel, int]]:
    """Against what it should be, and against a week ago."""
    week = Query(q.together("service_level", at=LAST_WEEK), "A week ago")
    return [
        (figures.level_course(week), 10),
        (figures.course("Abandonment over time", "abandonment_rate", steps=levels.abandonment), 7),
        (figures.course("Speed of answer over time", "asa_s", steps=levels.asa), 7),
    ]


def arrivals() -> Panel:
    """Against a week ago."""
    offered = q.per_minute("visits_offered")
    said = "Contacts that entered a queue, a minute."
    return lines("Offered", said, COUNT, [Query(offered, "Now"), Query(week_ago(offered), "A week ago")])


def week_ago(rates: str) -> str:
    """The same of a week ago."""
    return rates.replace("[$__rate_interval]", f"[$__rate_interval]{LAST_WEEK}")


def outcomes() -> Panel:
    """What became of them."""
    ends = (("Answered", "visits_answered"), ("Abandoned", "visits_abandoned"), ("Exited", "visits_exited"))
    asked = [Query(q.per_minute(stem), name) for name, stem in ends]
    return lines("Outcomes", "How contacts left their queue, a minute.", COUNT, asked, stacked=True)


def waiting() -> Panel:
    """The largest queues apart."""
    said = "Contacts that wait, of the ten queues in which most wait at that moment."
    return lines(
        "Waiting by queue", said, COUNT, [Query(f"topk(10, {q.waiting('site, queue')})", "{{queue}}")], stacked=True
    )
