"""The one list of metric families that the stream worker serves: name, type, labels, unit, help.

Code, docs, dashboards, rules and tests read it.
"""

from itertools import chain

from callpulse.stream.metrics.family import OF_QUEUE, PREFIX, Family, Twins, counter, duration, gauge, seconds, visits

OF_WINDOW = (*OF_QUEUE, "window")
OF_PARTITION = ("topic", "partition")


def _kpi(kpi: str, name: str, unit: str, help_: str, *labels: str) -> Family:
    return Family(PREFIX + name, "gauge", (*OF_WINDOW, *labels), unit, help_, kpi)


QUEUES_NOT_TOLD = gauge(
    "queues_not_told",
    "queues",
    "Queues beyond metrics.max_queues: they are left out of these metrics alone. 0, or a producer that makes up names.",
)
BUILD = Family(PREFIX + "build_info", "info", ("version", "python"), "", "What is running here.")  # each process


VISITS: tuple[Twins, ...] = (
    visits("visits_offered", "Visits that entered the queue."),
    visits("visits_answered", "Visits that an agent answered."),
    visits(
        "visits_answered_within_threshold",
        "Visits answered within the queue's own threshold (label: whole seconds; <= or <, as the queue is set).",
        "threshold",
    ),
    visits("visits_abandoned", "Visits whose caller left before an answer, short ones too."),
    visits("visits_abandoned_short", "Visits abandoned in less than the queue's short-abandon limit."),
    visits("visits_exited", "Visits that left the queue unanswered without hanging up, by cause.", "cause"),
    visits("visits_lost", "Visits of which the source never told the end, by how that was found.", "why"),
    visits("visits_not_offered", "Contacts that the source saw but that never entered the queue, by why.", "why"),
    visits("visits_transferred", "Handled visits that ended by a transfer."),
    visits("outcomes_unmatched", "Outcomes from which no time of arrival follows: no visit is counted for them."),
)
HISTOGRAMS: tuple[Twins, ...] = (
    seconds(
        "visit_wait",
        "Wait from entering the queue to the outcome; every threshold in use is an exact bucket (le means <=). "
        "Lost visits are left out: nobody knows how long they waited.",
        "outcome",
    ),
    seconds(
        "visit_handle",
        "Talk, hold and wrap-up of handled visits, together. "
        "A wrap-up told later books its visit anew and takes the shorter one back.",
    ),
)
KPIS = (
    _kpi(
        "service_level",
        "service_level_ratio",
        "ratio",
        "Service level by the queue's own formula (label) and threshold.",
        "formula",
    ),
    _kpi(
        "service_level_live",
        "service_level_live_ratio",
        "ratio",
        "Answered within the threshold / (answered + abandoned + exited + waiting past the threshold already).",
    ),
    _kpi("asa_s", "asa_seconds", "seconds", "Average speed of answer: mean wait of answered visits."),
    _kpi("abandonment_rate", "abandonment_ratio", "ratio", "Abandoned / (answered + abandoned + exited)."),
    _kpi(
        "abandonment_rate_corrected",
        "abandonment_without_short_ratio",
        "ratio",
        "The abandonment ratio with short abandons left out above and below; never instead of the former.",
    ),
    _kpi("wait_p50_s", "wait_p50_seconds", "seconds", "Median wait of answered visits, nearest rank, within 1 s."),
    _kpi("wait_p90_s", "wait_p90_seconds", "seconds", "90th percentile of the wait of answered visits, within 1 s."),
    _kpi("wait_max_s", "wait_max_seconds", "seconds", "Longest wait of an answered visit, within 1 s."),
    _kpi("wait_stddev_s", "wait_stddev_seconds", "seconds", "Standard deviation of the wait of answered visits."),
    _kpi(
        "customer_wait_s",
        "customer_wait_seconds",
        "seconds",
        "Mean of menu time and wait of answered visits whose menu time is known.",
    ),
    _kpi("aht_s", "aht_seconds", "seconds", "Average handle time: talk, hold and wrap-up per handled visit."),
    _kpi("talk_s", "talk_seconds", "seconds", "Mean talk time of handled visits."),
    _kpi("hold_s", "hold_seconds", "seconds", "Mean hold time of handled visits."),
    _kpi("wrap_up_s", "wrap_up_seconds", "seconds", "Mean wrap-up time of handled visits."),
    _kpi(
        "occupancy",
        "occupancy_ratio",
        "ratio",
        "Agents' ringing, talking, hold and wrap-up time / (that + ready time), of those signed in to the queue.",
    ),
    _kpi("transfer_rate", "transfer_ratio", "ratio", "Handled visits that ended by a transfer / handled visits."),
    _kpi(
        "ivr_abandonment_rate",
        "ivr_abandonment_ratio",
        "ratio",
        "Menu hang-ups / (menu hang-ups + offered).",
    ),
)
KPI_VISITS = gauge(
    "kpi_visits",
    "visits",
    "n: how many visits stand behind the gauge of this KPI (label: its id in the catalogue).",
    *OF_WINDOW,
    "kpi",
)
LIVE = (
    gauge("visits_waiting", "visits", "Visits waiting at this moment.", *OF_QUEUE),
    gauge(
        "oldest_wait_start_timestamp_seconds",
        "seconds",
        "When the oldest of the waits at this moment began; absent when nobody waits.",
        *OF_QUEUE,
    ),
    gauge("agents", "agents", "Agents signed in to the queue, by state.", *OF_QUEUE, "state"),
    gauge(
        "service_level_target_ratio",
        "ratio",
        "The target of the queue's service level; labels: the definition in force.",
        *OF_QUEUE,
        "formula",
        "threshold",
    ),
    gauge(
        "ledger_residual_visits",
        "visits",
        "Offered - answered - abandoned - exited - lost - waiting, of those who arrived in the window; 0, or a defect.",
        *OF_WINDOW,
    ),
)
RELOAD_FAILED = gauge("settings_reload_failed", "", "1 while settings that were read again were refused.")
SETTINGS_LOADED = gauge(
    "settings_loaded_timestamp_seconds", "seconds", "When settings were last taken over, at the start or later."
)
WORKER = (
    BUILD,
    gauge(
        "event_time_seconds",
        "seconds",
        "Clock of the partition: the largest event time taken, as a Unix timestamp; how far the figures reach.",
        *OF_PARTITION,
    ),
    gauge(
        "event_lag_records",
        "records",
        "Records in the partition that are not yet in the figures; absent until the broker has told the end.",
        *OF_PARTITION,
    ),
    gauge(
        "partition_recovered",
        "",
        "1 when the figures of an assigned partition are whole again, 0 until then.",
        *OF_PARTITION,
    ),
    counter("events_read_total", "events", "Records taken from the topic, refused ones too.", "topic"),
    counter("events_rejected_total", "events", "Records refused and set aside, by why.", "topic", "reason"),
    counter("events_late_total", "events", "Events booked although more than a minute behind their feed."),
    counter("copies_skipped_total", "events", "Events that were there already."),
    counter("conflicts_total", "events", "Events that state another channel or site than their queue's."),
    counter(
        "records_set_aside_total",
        "records",
        "Cells too large for the broker: what they hold is lost with this worker. Anything but 0 is a defect.",
    ),
    gauge(
        "source_heartbeat_timestamp_seconds",
        "seconds",
        "Last heartbeat of a source: all until then has been sent.",
        "source",
    ),
    QUEUES_NOT_TOLD,
    gauge("sources_not_told", "sources", "Sources beyond the first hundred: they are left out of these metrics."),
    gauge("contacts_held", "contacts", "Contacts whose facts are kept."),
    gauge("cells_held", "cells", "Cells of tallies that are kept, by table.", "table"),
    duration("flush_seconds", "How long it took to store a cut and commit it."),
    gauge("last_flush_timestamp_seconds", "seconds", "When the last cut was stored; absent before the first."),
    duration(
        "publish_seconds",
        "How long each step of publishing took: the pictures of all queues that were due (round), until Redis had what "
        "was sent together (redis), until Kafka had a record of the kpis topic (kpis).",
        "step",
    ),
    gauge(
        "uncommitted_since_timestamp_seconds",
        "seconds",
        "Since when events of the partition are counted and not stored; absent when all is. A few seconds is usual.",
        *OF_PARTITION,
    ),
    counter(
        "kafka_losses_total",
        "losses",
        "How often Kafka had lost something of the partition: events before they were read (expired), the topic itself "
        "(recreated), its newest events (shorter), stored state (changelog; rewritten: it was still in memory).",
        *OF_PARTITION,
        "what",
    ),
    counter(
        "events_lost_total", "events", "Events that Kafka's retention removed before they were read.", *OF_PARTITION
    ),
    counter("redis_writes_total", "writes", "Queues, groups and totals written to Redis."),
    counter(
        "redis_writes_refused_total",
        "writes",
        "Values that Redis refused because another worker had written newer ones.",
    ),
    counter("redis_write_failures_total", "writes", "Round trips to Redis that failed; they are tried again."),
    RELOAD_FAILED,
    SETTINGS_LOADED,
)

QUEUES: tuple[Family, ...] = (*chain.from_iterable((*VISITS, *HISTOGRAMS)), *KPIS, KPI_VISITS, *LIVE)
FAMILIES: tuple[Family, ...] = (*QUEUES, *WORKER)
BY_NAME = {family.name: family for family in FAMILIES}
KPIS_WITH_VISITS = tuple(family.kpi for family in KPIS if family.kpi != "occupancy")  # its n counts seconds, not visits
