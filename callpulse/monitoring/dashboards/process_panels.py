"""Panels of every process of ours, and of the alerts worker and the wallboard."""

from grafana_foundation_sdk.models.dashboard import Panel

from callpulse.monitoring.dashboards import queries as q
from callpulse.monitoring.dashboards.blocks import BYTES, COUNT, PER_SECOND, RATIO, SECONDS, Query, lines, timeline
from callpulse.monitoring.dashboards.levels import ACT, OK
from callpulse.monitoring.dashboards.tables import Column, of_now

BY = "site, job, instance"
PROCESS = "{{job}} {{instance}}"


def processes() -> Panel:
    """A row for each, those that do not answer first."""
    lamp = ((0.0, 0.0, "● up", OK), (1.0, 1.0, "■ down", ACT))
    settings = ((0.0, 0.0, "● in force", OK), (1.0, 1.0, "■ refused", ACT))
    stored = f"time() - max by ({BY}) ({q.of_process('callpulse_last_flush_timestamp_seconds')})"
    return of_now(
        "Processes",
        "Each process that Prometheus asks. Partitions, lag and the time since the last cut was stored are of the "
        "stream worker. Settings: refused where the last that were read again are not, so that the former hold. A "
        "process that does not answer tells nothing else.",
        [
            Column("State", f"1 - max by ({BY}) ({q.of_process('up')})", COUNT, ranges=lamp),
            Column("Memory", _largest("process_resident_memory_bytes"), BYTES),
            Column("CPU", q.rate("process_cpu_seconds_total", BY), RATIO, decimals=0),
            Column("Runs for", f"time() - {_largest('process_start_time_seconds')}", SECONDS),
            Column("Partitions", f"count by ({BY}) ({q.of_process('callpulse_partition_recovered')})", COUNT),
            Column("of them whole", q.summed(q.of_process("callpulse_partition_recovered"), BY), COUNT),
            Column("Lag", q.summed(q.of_process("callpulse_event_lag_records"), BY), COUNT),
            Column("Stored", stored, SECONDS),
            Column("Settings", _largest("callpulse_settings_reload_failed"), COUNT, ranges=settings),
            Column("Scrape took", _largest("scrape_duration_seconds"), SECONDS),
            Column("Series", _largest("scrape_samples_scraped"), COUNT),
            Column(
                "Build", f"max by ({BY}, version, python) ({q.of_process('callpulse_build_info')})", COUNT, hidden=True
            ),
        ],
        "State",
    )


def _largest(name: str) -> str:
    return f"max by ({BY}) ({q.of_process(name)})"


def memory() -> Panel:
    """Resident."""
    said = "Memory that the process holds."
    return lines("Memory", said, BYTES, [Query(_largest("process_resident_memory_bytes"), PROCESS)])


def cpu() -> Panel:
    """Of one core."""
    said = "Share of one core that the process used."
    return lines("CPU", said, RATIO, [Query(q.rate("process_cpu_seconds_total", "job, instance"), PROCESS)])


def scrapes() -> Panel:
    """What being asked costs."""
    said = "How long Prometheus waited for the metrics of the process."
    return lines("Scrapes", said, SECONDS, [Query(_largest("scrape_duration_seconds"), PROCESS)])


# -- alerts worker


def judging() -> Panel:
    """How long it takes."""
    name = "callpulse_alert_evaluation_seconds"
    said = "How long a round of judging all queues took: 95 of 100 took no longer, and the mean."
    took = ((q.slowest(name, "instance"), "{{instance}} p95"), (q.mean_time(name, "instance"), "{{instance}} mean"))
    return lines("Alerts: judging", said, SECONDS, [Query(*each) for each in took])


def looks() -> Panel:
    """How often."""
    expr = q.rate("callpulse_alert_evaluations_total", "instance")
    said = "How often a queue was looked at, all its rules judged, a second. 0 where nothing new comes from the stream."
    return lines("Alerts: looks", said, PER_SECOND, [Query(expr, "{{instance}}")])


def notices() -> Panel:
    """What was told, and what waits."""
    ended = q.rate("callpulse_alert_notices_total", "channel, outcome")
    waiting = q.summed(q.of_process("callpulse_alert_notices_waiting"))
    said = (
        "Notices a second by channel and end, and how many wait for a channel to take them. No data without a channel."
    )
    return lines(
        "Alerts: notices", said, COUNT, [Query(waiting, "waiting"), Query(ended, "{{channel}} {{outcome}} a second")]
    )  # fmt: skip


def channels() -> Panel:
    """Whether they take what they are told."""
    said = "1 where the latest attempt to tell went well, 0 where it failed. No data before the first."
    expr = f"max by (channel) ({q.of_process('callpulse_alert_channel_up')})"
    return lines("Alerts: channels", said, COUNT, [Query(expr, "{{channel}}")])


def transitions() -> Panel:
    """By rule."""
    said = "Changes of rules a second, by rule and why; each rule is told before its first change."
    expr = f"topk(10, {q.rate('callpulse_alert_transitions_total', 'rule, reason')})"
    return lines("Alerts: changes", said, PER_SECOND, [Query(expr, "{{rule}} {{reason}}")])


# -- wallboard


def browsers() -> Panel:
    """By board."""
    said = "Browsers that watch each board."
    expr = q.summed(q.of_process("callpulse_wallboard_browsers"), "board")
    return lines("Wallboard: browsers", said, COUNT, [Query(expr, "{{board}}")], stacked=True)


def wall_troubles() -> Panel:
    """What did not go well."""
    names = (
        ("Redis reads failed", "callpulse_wallboard_redis_failures_total"),
        ("messages a slow browser lost", "callpulse_wallboard_lost_total"),
        ("requests refused", "callpulse_wallboard_refused_total"),
    )
    said = "A second: reads that Redis did not answer, messages that a slow browser lost, requests that were refused."
    return lines(
        "Wallboard: troubles", said, PER_SECOND, [Query(q.rate(name, "site"), legend) for legend, name in names]
    )


# -- rules of Prometheus


def of_prometheus() -> Panel:
    """When which stood."""
    said = (
        "When a rule of prometheus/alerts.yml fired; docs/RUNBOOK.md says what to do. CallpulsePrometheusAlive always "
        "fires: where it is missing, the rules are not loaded."
    )
    fires = f'ALERTS{{{q.OF_SITE}, alertname=~"Callpulse.+", alertstate="firing"}}'
    expr = f"max by (alertname, severity, queue) ({fires})"
    return timeline("Alerts of Prometheus", said, expr, "{{alertname}} {{queue}} ({{severity}})", {"1": "fires"})
