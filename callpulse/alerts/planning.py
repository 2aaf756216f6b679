"""From the settings to what the engine is asked to do."""

from zoneinfo import ZoneInfo

from callpulse.alerts.core.engine import Plan
from callpulse.alerts.core.site_alert import Limits
from callpulse.alerts.tellers import audience
from callpulse.settings import Settings, milliseconds
from callpulse.settings.alert_rules import rules_of
from callpulse.settings.hours import hours_of


def plan_of(settings: Settings) -> Plan:
    """Everything but how queues are judged, which is `settings.policy`."""
    alerts = settings.alerts
    return Plan(
        rules=rules_of(settings),
        zone=ZoneInfo(settings.site.zone),
        site=settings.site.name,
        channels=lambda asked: audience(settings, asked),
        capacity=alerts.capacity,
        hours=hours_of(settings.queue_defaults.hours, settings.site.zone),
        hours_of=settings.hours,
        limits=Limits(
            no_data_ms=milliseconds(alerts.no_data_after),
            blind_ms=milliseconds(alerts.blind_after),
            queues=alerts.site_queues,
            share=alerts.site_share,
        ),
        wall_url=alerts.wall_url,
        runbook_url=settings.monitoring.runbook_url,
        by_wall_clock=settings.worker.time == "wall",
    )
