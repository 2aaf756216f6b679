"""Panels of the stream worker: how far it is, what it refuses, what storing and publishing take."""

from grafana_foundation_sdk.models.dashboard import Panel

from callpulse.monitoring.dashboards import queries as q
from callpulse.monitoring.dashboards.blocks import COUNT, PER_SECOND, SECONDS, Query, lines
from callpulse.monitoring.dashboards.levels import Levels

INSTANCE = "instance"
PROCESS = "{{instance}}"
ERRORS = (
    ("Late", "callpulse_events_late_total"),
    ("Copies", "callpulse_copies_skipped_total"),
    ("Conflicts", "callpulse_conflicts_total"),
    ("Too large to store", "callpulse_records_set_aside_total"),
)


def lag() -> Panel:
    """By partition."""
    said = "Records of the partition that are not yet in the figures; a partition that moves is absent meanwhile."
    expr = f"max by (topic, partition) ({q.of_process('callpulse_event_lag_records')})"
    return lines("Lag by partition", said, COUNT, [Query(expr, "{{topic}}/{{partition}}")])


def event_age(levels: Levels) -> Panel:
    """By partition."""
    said = (
        "How long ago the largest event time of the partition was. It grows where the source is silent, where the "
        "worker is behind, and where no worker has the partition."
    )
    expr = f"time() - max by (topic, partition) ({q.of_process('callpulse_event_time_seconds')})"
    return lines("Age of the newest event", said, SECONDS, [Query(expr, "{{topic}}/{{partition}}")], levels.data_age)


def rejected() -> Panel:
    """By reason."""
    said = "Records refused and set aside a second, by reason. Each reason is told before its first record."
    expr = q.rate("callpulse_events_rejected_total", "reason")
    return lines("Refused by reason", said, PER_SECOND, [Query(expr, "{{reason}}")], stacked=True)


def read() -> Panel:
    """By topic and worker."""
    expr = q.rate("callpulse_events_read_total", f"topic, {INSTANCE}")
    said = "Records taken from each topic a second, refused ones too."
    return lines("Records read", said, PER_SECOND, [Query(expr, "{{topic}} {{instance}}")], stacked=True)


def flush() -> Panel:
    """Storing a cut."""
    name = "callpulse_flush_seconds"
    said = "How long it took to store a cut in Kafka and commit it: 95 of 100 took no longer, and the mean."
    return lines("Storing", said, SECONDS, _took(name, INSTANCE, PROCESS))


def publish() -> Panel:
    """By step."""
    name = "callpulse_publish_seconds"
    said = (
        "How long each step of publishing took: the pictures of all queues due (round), Redis, and the kpis topic. "
        "95 of 100 took no longer, and the mean."
    )
    return lines("Publishing", said, SECONDS, _took(name, "step", "{{step}}"))


def _took(histogram: str, by: str, legend: str) -> list[Query]:
    return [Query(q.slowest(histogram, by), f"{legend} p95"), Query(q.mean_time(histogram, by), f"{legend} mean")]


def redis() -> Panel:
    """By how it ended."""
    ends = (
        ("Written", "callpulse_redis_writes_total"),
        ("Refused: newer there", "callpulse_redis_writes_refused_total"),
        ("Failed", "callpulse_redis_write_failures_total"),
    )
    said = "Values written to Redis a second; those it refused as another worker had written newer ones; failures."
    return lines("Redis", said, PER_SECOND, [Query(q.rate(name, "site"), legend) for legend, name in ends])


def errors() -> Panel:
    """Of a kind that is booked or passed over."""
    said = (
        "A second: events booked more than a minute late, copies passed over, events that name another channel or site "
        "than their queue's, and cells too large to be stored (anything but 0 is a defect)."
    )
    return lines(
        "Out of the ordinary", said, PER_SECOND, [Query(q.rate(name, "site"), legend) for legend, name in ERRORS]
    )


def held() -> Panel:
    """What memory holds."""
    said = "Contacts whose facts are kept, and cells of tallies by table: what memory grows with."
    contacts = q.summed(q.of_process("callpulse_contacts_held"), INSTANCE)
    cells = q.summed(q.of_process("callpulse_cells_held"), f"table, {INSTANCE}")
    asked = [Query(contacts, "contacts {{instance}}"), Query(cells, "{{table}} {{instance}}")]
    return lines("Contacts and cells held", said, COUNT, asked)


def left_out() -> Panel:
    """Of these metrics alone."""
    said = (
        "Queues beyond metrics.max_queues and sources beyond the first hundred: they count, and are shown elsewhere, "
        "but not told to Prometheus. Anything but 0 is a producer that makes up names."
    )
    names = (("Queues", "callpulse_queues_not_told"), ("Sources", "callpulse_sources_not_told"))
    asked = [Query(q.summed(q.of_process(name)), legend) for legend, name in names]
    return lines("Left out of these metrics", said, COUNT, asked)
