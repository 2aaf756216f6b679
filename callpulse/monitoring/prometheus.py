"""What Prometheus is given: whom to scrape, recording rules, alert rules."""

from typing import Any
from urllib.parse import urlsplit

from callpulse.monitoring import floor, operations, recording
from callpulse.monitoring.alert import rule
from callpulse.monitoring.as_yaml import HEAD, document
from callpulse.settings import Settings

JOBS = {"worker": "metrics", "alerts": "alerts", "wallboard": "wallboard"}  # service -> section with its port
PORTS = {"worker": 9464, "alerts": 9465, "wallboard": 9466}  # where the settings say "any"
LEFT_OUT = "# Rules that only the alerts worker can judge, for Prometheus knows no such figure or window: {}.\n"


def files(settings: Settings) -> dict[str, str]:
    """Path -> text."""
    return {
        "prometheus/prometheus.yml": document(config(settings)),
        "prometheus/recording.yml": document({"groups": recording.groups(settings)}),
        "prometheus/alerts.yml": document({"groups": groups(settings)}, alerts_head(settings)),
    }


def alerts_head(settings: Settings) -> str:
    """Says which rules are not there."""
    left_out = ", ".join(floor.left_out(settings))
    return HEAD + (LEFT_OUT.format(left_out) if left_out else "")


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
        **_trusted(settings, service),
        **_shown(settings),
        "relabel_configs": [{"target_label": "site", "replacement": site}],
    }


def _trusted(settings: Settings, service: str) -> dict[str, Any]:
    """A service that is found by name is asked by its address, which no certificate has: the name has to be said."""
    by_name = {"wallboard": (settings.wallboard.cert_file, urlsplit(settings.alerts.wall_url).hostname)}
    cert_file, name = by_name.get(service, (settings.metrics.cert_file, None))
    if not cert_file:
        return {}
    ca_file = settings.monitoring.ca_file
    return {
        "scheme": "https",
        "tls_config": {"server_name": name or service} | ({"ca_file": ca_file} if ca_file else {}),
    }


def _shown(settings: Settings) -> dict[str, Any]:
    """The token, known here or not; a user where a token is not. Secrets stay in files, and out of this one."""
    metrics, files = settings.metrics, settings.monitoring
    if metrics.username and not metrics.token:
        return {"basic_auth": {"username": metrics.username, "password_file": files.password_file}}
    return {"authorization": {"credentials_file": files.token_file}} if files.token_file else {}


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
