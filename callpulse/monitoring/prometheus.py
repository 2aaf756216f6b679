"""What Prometheus is given: whom to scrape, recording rules, alert rules."""

from typing import Any

from callpulse.monitoring import floor, operations, recording
from callpulse.monitoring.alert import rule
from callpulse.monitoring.as_yaml import HEAD, document
from callpulse.settings import Settings

JOBS = {"worker": "metrics", "alerts": "alerts", "wallboard": "wallboard"}  # service -> section with its port
PORTS = {"worker": 9464, "alerts": 9465, "wallboard": 9466}  # where the settings say "any"
LEFT_OUT = "# Rules that only the alerts worker can judge, for Prometheus knows no such figure or window: {}.\n"


def files(settings: Settings) -> dict[str, str]:
    """Path -> text."""
    left_out = ", ".join(floor.left_out(settings))
    head = HEAD + (LEFT_OUT.format(left_out) if left_out else "")
    return {
        "prometheus/prometheus.yml": document(config(settings)),
        "prometheus/recording.yml": document({"groups": recording.groups(settings)}),
        "prometheus/alerts.yml": document({"groups": groups(settings)}, head),
    }


def config(settings: Settings) -> dict[str, Any]:
    """Services are found by name, as many as there are of each."""
    return {
        "global": {"scrape_interval": "15s", "evaluation_interval": "15s"},
        "rule_files": ["recording.yml", "alerts.yml"],
        "alerting": {"alertmanagers": [{"dns_sd_configs": [_found("alertmanager", 9093)]}]},
        "scrape_configs": [_job(settings, service) for service in JOBS],
    }


def _job(settings: Settings, service: str) -> dict[str, Any]:
    port = getattr(settings, JOBS[service]).port or PORTS[service]
    site = settings.site.name.replace("$", "$$")
    return {
        "job_name": f"callpulse-{service}",
        "dns_sd_configs": [_found(service, port)],
        **_shown(settings.monitoring.token_file),
        "relabel_configs": [{"target_label": "site", "replacement": site}],
    }


def _shown(token_file: str) -> dict[str, Any]:
    return {"authorization": {"credentials_file": token_file}} if token_file else {}


def _found(service: str, port: int) -> dict[str, Any]:
    return {"names": [service], "type": "A", "port": port}


def groups(settings: Settings) -> list[dict[str, Any]]:
    """The groups of the alert rules."""
    runbook = settings.monitoring.runbook_url
    parts = {"operations": operations.alerts(settings), "floor": floor.alerts(settings)}
    return [
        {"name": f"callpulse-{name}", "rules": [rule(alert, runbook) for alert in alerts]}
        for name, alerts in parts.items()
    ]
