"""Alerts about callpulse itself, for those who operate it."""

from collections.abc import Iterator

from callpulse.monitoring.alert import Alert
from callpulse.monitoring.promql import duration
from callpulse.settings import Settings, milliseconds

WORKER, ALERTS, WALLBOARD = (f'up{{job="callpulse-{name}"}}' for name in ("worker", "alerts", "wallboard"))
PARTITION = "site, topic, partition"
OF_PARTITION = "{{ $labels.topic }}/{{ $labels.partition }}"
FOR_HOW_LONG = "{{ $value | humanizeDuration }}"


def alerts(settings: Settings) -> Iterator[Alert]:
    """All of them, in the order of the runbook."""
    yield from _life()
    yield from _data(settings)
    yield from _events()
    yield from _stored()
    yield from _told()
    yield from _wall()


def _life() -> Iterator[Alert]:
    yield Alert(
        name="CallpulsePrometheusAlive",
        expr="vector(1)",
        severity="none",
        summary="Prometheus judges its rules. Raise the alarm when this alert is NOT there.",
        description="It always fires. Route it to a service that notices when it stays out, never to people.",
    )
    yield Alert(
        name="CallpulseAlertsWatching",
        expr="max by (site) (callpulse_alerts_on_duty) == 1\n"
        "and on (site) max by (site) (callpulse_alert_channel_up) == 1\n"
        "and on (site) time() - max by (site) (callpulse_alerts_look_timestamp_seconds) < 300",
        severity="none",
        summary="The alerts worker of {{ $labels.site }} watches the floor, and can tell somebody.",
        description="While it does, Alertmanager keeps back what Prometheus would tell supervisors beside it.",
    )
    yield Alert(
        name="CallpulseWorkerDown",
        expr=f"{WORKER} == 0",
        for_="2m",
        summary="Worker {{ $labels.instance }} does not answer",
        description="Prometheus has not reached it for two minutes. Other workers take its queues over after seconds. "
        "First: read the end of its log.",
    )
    yield Alert(
        name="CallpulseWorkerDown",
        expr=f"count by (site) ({WORKER} == 0) == on (site) count by (site) ({WORKER})",
        for_="1m",
        severity="critical",
        summary="No worker of {{ $labels.site }} answers",
        description="All {{ $value }} are away: no figure is made. First: start one, read the end of its log.",
    )


def _data(settings: Settings) -> Iterator[Alert]:
    figures, silent_s = "callpulse:visits_offered_total:max", milliseconds(settings.alerts.blind_after) // 1000
    yield Alert(
        name="CallpulseNoData",
        expr="count by (site) (\n"
        f"  max by (site, queue) (last_over_time({figures}[6h]))\n  unless on (site, queue) {figures}\n)\n"
        f"or\ncount by (site) (last_over_time({WORKER}[6h]))\nunless on (site) {figures}",
        for_=duration(max(120_000, milliseconds(settings.alerts.no_data_after))),
        severity="critical",
        summary="{{ $labels.site }}: figures are missing",
        description="{{ $value }} queues that had figures lately have none now (or so many workers have none of any "
        "queue). First: ask /readyz of the workers.",
    )
    yield Alert(
        name="CallpulseSourceSilent",
        expr=f"time() - max by (site, source) (callpulse_source_heartbeat_timestamp_seconds)\n> {silent_s} < 86400",
        for_="1m",
        severity="critical",
        summary="Source {{ $labels.source }} of {{ $labels.site }} is silent",
        description=f"Nothing was heard of it for {FOR_HOW_LONG}: its queues are blind. "
        "First: does `callpulse source` run there, and does it reach Kafka?",
    )
    yield Alert(
        name="CallpulseLedgerResidual",
        expr="max by (site, queue, channel, window) (abs(callpulse_ledger_residual_visits)) > 0",
        for_="5m",
        summary="{{ $labels.queue }}: the ledger of {{ $labels.window }} is {{ $value }} visits out",
        description="Offered is not answered + abandoned + exited + lost + waiting: a defect. "
        "First: note queue, window and time, and report them with the events of that queue.",
    )


def _events() -> Iterator[Alert]:
    rejected, read = (
        f"sum by (site, topic) (increase(callpulse_events_{how}_total[10m]))" for how in ("rejected", "read")
    )
    clock, before = (f"max by ({PARTITION}) (callpulse_event_time_seconds{when})" for when in ("", " offset 5m"))
    yield Alert(
        name="CallpulseEventLag",
        expr="callpulse:event_lag_records:max > 1000\nor\ncallpulse:event_lag_records:max > 0\n"
        f"and on ({PARTITION})\n{clock} == {before}",
        for_="5m",
        summary=f"{OF_PARTITION}: {{{{ $value }}}} events are not in the figures",
        description="{{ $value }} records wait, and have for five minutes: the figures of their queues are late. "
        "First: /readyz of the workers, then their CPU; add a worker where there are partitions for it.",
    )
    yield Alert(
        name="CallpulseRejectedFlood",
        expr=f"{rejected} / {read} > 0.01\nand {rejected} > 20",
        for_="2m",
        summary="{{ $value | humanizePercentage }} of {{ $labels.topic }} is refused",
        description="So many of its records of the last ten minutes were set aside, and count nowhere. "
        "First: `callpulse rejected list` says why.",
    )

    yield Alert(
        name="CallpulseQueuesCapped",
        expr="sum by (site, job) (callpulse_queues_not_told) > 0",
        for_="5m",
        summary="{{ $labels.site }}: {{ $value }} queues are left out of Prometheus",
        description="There are more names of queues than metrics.max_queues. "
        "First: `callpulse top --once`: are they real, or does a producer make them up?",
    )


def _stored() -> Iterator[Alert]:
    yield Alert(
        name="CallpulseRecovering",
        expr=f"max by ({PARTITION}) (callpulse_partition_recovered) == 0",
        for_="10m",
        summary=f"{OF_PARTITION} is being recovered for ten minutes",
        description="Its queues have no figures until it is whole. First: the worker's log, and Kafka's load.",
    )
    yield Alert(
        name="CallpulseUncommitted",
        expr=f"time() - min by ({PARTITION}) (callpulse_uncommitted_since_timestamp_seconds) > 120",
        for_="1m",
        severity="critical",
        summary=f"{OF_PARTITION}: nothing could be stored for {FOR_HOW_LONG}",
        description="Kafka takes no writes. Nothing is lost; at 500,000 events reading stops; no restart helps. "
        "First: Kafka's brokers in sync, their disks, the rights of this user.",
    )
    yield Alert(
        name="CallpulseKafkaLosses",
        expr="sum by (site, topic, what) (callpulse_kafka_losses_total) > 0",
        summary="Kafka lost something of {{ $labels.topic }} ({{ $labels.what }})",
        description="Figures of this day may be too low; {{ $value }} losses. First: /readyz says what and where; "
        "note it, then restart the worker.",
    )
    yield Alert(
        name="CallpulseSetAside",
        expr="sum by (site) (callpulse_records_set_aside_total) > 0",
        summary="{{ $labels.site }}: {{ $value }} records were too large for Kafka",
        description="What they hold is lost with this worker: a defect. First: keep its log, and report it.",
    )
    yield Alert(
        name="CallpulseRedisWriteFailures",
        expr="sum by (site) (increase(callpulse_redis_write_failures_total[2m])) > 0",
        for_="3m",
        severity="critical",
        summary="{{ $labels.site }}: figures do not reach Redis",
        description="{{ $value | humanize }} round trips failed in two minutes: boards show old figures, then none. "
        "First: does Redis answer, and has it memory left?",
    )

    yield Alert(
        name="CallpulseSettingsReloadFailed",
        expr="max by (site, job, instance) (callpulse_settings_reload_failed) == 1",
        summary="{{ $labels.instance }} ({{ $labels.job }}) has refused its settings",
        description="What held before goes on; at its next start it would end. "
        "First: `callpulse config` with its file names every mistake.",
    )


def _told() -> Iterator[Alert]:
    yield Alert(
        name="CallpulseAlertsNotOnDuty",
        expr=f"count by (site) (last_over_time({ALERTS}[6h]))\n"
        "unless on (site) (max by (site) (callpulse_alerts_on_duty) == 1)",
        for_="2m",
        severity="critical",
        summary="{{ $labels.site }}: no alerts worker watches the floor",
        description="Of {{ $value }} none is on duty: supervisors hear of nothing but what Prometheus tells. "
        "First: does `callpulse alerts` run? Its /readyz says what it waits for.",
    )
    yield Alert(
        name="CallpulseAlertsNotStored",
        expr="time() - min by (site) (callpulse_alerts_not_stored_timestamp_seconds) > 60",
        for_="1m",
        summary="{{ $labels.site }}: alerts are told and not stored",
        description=f"Kafka has taken none for {FOR_HOW_LONG}. First: Kafka, as for CallpulseUncommitted.",
    )
    yield Alert(
        name="CallpulseChannelDown",
        expr="min by (site, channel) (callpulse_alert_channel_up) == 0",
        for_="5m",
        severity="critical",
        summary="Channel {{ $labels.channel }} of {{ $labels.site }} takes no alerts",
        description="What it should tell is not heard. First: the alerts worker's log says how it was refused; "
        "`callpulse alert test` tries it.",
    )
    yield Alert(
        name="CallpulseNoticesWaiting",
        expr="max by (site) (callpulse_alert_notices_waiting) > 0",
        for_="10m",
        summary="{{ $labels.site }}: {{ $value }} notices wait to be told",
        description="A channel has been slow or away for ten minutes. First: `callpulse_alert_channel_up` says which.",
    )
    yield Alert(
        name="CallpulseAlertRuleParked",
        expr="max by (site, queue, rule) (callpulse_alert_rule_parked) == 1",
        summary="Rule {{ $labels.rule }} failed in {{ $labels.queue }}",
        description="It is left out there, the others go on: a defect. First: its log says what failed.",
    )


def _wall() -> Iterator[Alert]:
    yield Alert(
        name="CallpulseWallboardDown",
        expr=f"{WALLBOARD} == 0",
        for_="2m",
        summary="Wallboard {{ $labels.instance }} does not answer",
        description="Screens say DISCONNECTED. First: does `callpulse wallboard` run there?",
    )
    yield Alert(
        name="CallpulseWallboardBlind",
        expr="time() - min by (site, instance) (callpulse_wallboard_redis_away_since_timestamp_seconds) > 60",
        summary="Wallboard {{ $labels.instance }} does not reach Redis",
        description=f"It shows no data, for {FOR_HOW_LONG}. First: does Redis answer from there?",
    )
