"""*Operations*: whether callpulse itself is well, by process."""

from grafana_foundation_sdk.models.dashboard import Panel

from callpulse.monitoring.dashboards import figures, process_panels, stream_panels, variables
from callpulse.monitoring.dashboards import queries as q
from callpulse.monitoring.dashboards.blocks import COUNT, RATIO, SECONDS, stat_of
from callpulse.monitoring.dashboards.board import Board, Shelf
from callpulse.monitoring.dashboards.levels import ALL_WANTED, NONE_WANTED, NOT_ZERO, PLAIN, Levels, Steps


def board(levels: Levels) -> Board:
    """First whether anything is wrong, then where."""
    stream, process = stream_panels, process_panels
    return Board(
        "callpulse-operations",
        "Operations",
        "callpulse itself: is it up, is it behind, what does it refuse, what does it need, who is told.",
        [variables.datasource(), variables.site(), variables.job(), variables.instance()],
        [
            Shelf(4, [(panel, width) for panel, width in now(levels)]),
            Shelf(9, [(process.processes(), 24)]),
            Shelf(9, [(stream.lag(), 8), (stream.event_age(levels), 8), (stream.rejected(), 8)]),
            Shelf(8, [(stream.read(), 8), (stream.flush(), 8), (stream.publish(), 8)], "The stream"),
            Shelf(8, [(stream.redis(), 6), (stream.errors(), 6), (stream.held(), 6), (stream.left_out(), 6)]),
            Shelf(8, [(process.memory(), 8), (process.cpu(), 8), (process.scrapes(), 8)], "Processes"),
            Shelf(
                8,
                [(process.judging(), 6), (process.looks(), 6), (process.notices(), 6), (process.channels(), 6)],
                "Alerts and wallboard",
            ),
            Shelf(8, [(process.transitions(), 8), (process.browsers(), 8), (process.wall_troubles(), 8)]),
            Shelf(9, [(process.of_prometheus(), 24)], "What Prometheus says"),
        ],
    )


def now(levels: Levels) -> list[tuple[Panel, int]]:
    """Whether anything is wrong."""
    return [
        (_up(), 3),
        (figures.data_age(levels), 3),
        (_one("Lag", "Records that are not yet in the figures. A few are usual.", "callpulse_event_lag_records"), 2),
        (_not_stored(levels), 3),
        (_grown("Refused", "Records set aside, whatever the reason.", "callpulse_events_rejected_total"), 3),
        (_residual(), 3),
        (_kafka_losses(), 2),
        (
            _grown(
                "Redis failures",
                "Round trips that failed; they are tried again.",
                "callpulse_redis_write_failures_total",
            ),
            3,
        ),
        (
            _one(
                "On duty",
                "Alerts workers that judge and tell: one for each site; the others stand by.",
                "callpulse_alerts_on_duty",
                ALL_WANTED,
            ),
            2,
        ),
    ]


def _one(title: str, said: str, metric: str, steps: Steps = PLAIN) -> Panel:
    return stat_of(title, said, COUNT, q.summed(q.of_process(metric)), steps)


def _grown(title: str, said: str, counter: str) -> Panel:
    return stat_of(title, f"{said} In the time shown, about.", COUNT, q.grown(counter), NONE_WANTED)


def _up() -> Panel:
    up = q.of_process("up")
    return stat_of(
        "Up", "Share of our processes that answered Prometheus.", RATIO, f"sum({up}) / count({up})", ALL_WANTED
    )


def _not_stored(levels: Levels) -> Panel:
    since = q.of_process("callpulse_uncommitted_since_timestamp_seconds")
    said = "For how long events are counted and not stored in Kafka, in the worst partition. A few seconds are usual."
    known = q.of_process("callpulse_partition_recovered")
    return stat_of("Not stored for", said, SECONDS, q.none_if(known, f"time() - min({since})"), levels.data_age)


def _residual() -> Panel:
    residual = q.of_process("callpulse_ledger_residual_visits", q.equal("window", "all"))
    said = "Offered less all outcomes and waiting, since counting began, of each queue. Anything but 0 is a defect."
    return stat_of("Ledger residual", said, COUNT, f"sum(abs({residual}))", NOT_ZERO)


def _kafka_losses() -> Panel:
    """Since the start: a worker is not ready until somebody has taken note."""
    lost = q.of_process("callpulse_kafka_losses_total")
    said = "How often Kafka had lost events or stored state, since the workers started: figures may be too low."
    known = q.of_process("callpulse_partition_recovered")
    return stat_of("Kafka losses", said, COUNT, q.none_if(known, q.summed(lost)), NONE_WANTED)
