"""How Grafana is told of its data sources, its dashboards and whom it alerts, in the shape that its documentation gives
for provisioning. `$NAME` is a variable of the environment of Grafana, which has no default there: compose gives one."""

from callpulse.monitoring.as_yaml import document
from callpulse.monitoring.prometheus import config
from callpulse.settings import Settings

FOLDER = "callpulse"
PROMETHEUS_UID, ALERTMANAGER_UID = "callpulse-prometheus", "callpulse-alertmanager"
DASHBOARDS = "/etc/grafana/dashboards"  # where the files of grafana/dashboards are, as Grafana sees them


def files(settings: Settings) -> dict[str, str]:
    """Path -> text."""
    documents = {
        "datasources": {"apiVersion": 1, "datasources": [_prometheus(settings), _alertmanager()]},
        "dashboards": {"apiVersion": 1, "providers": [_provider()]},
        "alerting": {"apiVersion": 1, "contactPoints": [_contact()]},
    }
    return {f"grafana/provisioning/{name}/callpulse.yml": document(content) for name, content in documents.items()}


def _prometheus(settings: Settings) -> dict[str, object]:
    """It is told how often Prometheus scrapes, which `$__rate_interval` is made of."""
    return {
        "name": "callpulse Prometheus",
        "uid": PROMETHEUS_UID,
        "type": "prometheus",
        "access": "proxy",
        "url": "$PROMETHEUS_URL",
        "isDefault": True,
        "editable": False,
        "jsonData": {
            "httpMethod": "POST",
            "timeInterval": config(settings)["global"]["scrape_interval"],
            "prometheusType": "Prometheus",
            "manageAlerts": True,
            "alertmanagerUid": ALERTMANAGER_UID,
        },
    }


def _alertmanager() -> dict[str, object]:
    """To see and silence there what Prometheus and callpulse alerts have told it."""
    return {
        "name": "callpulse Alertmanager",
        "uid": ALERTMANAGER_UID,
        "type": "alertmanager",
        "access": "proxy",
        "url": "$ALERTMANAGER_URL",
        "editable": False,
        "jsonData": {"implementation": "prometheus", "handleGrafanaManagedAlerts": False},
    }


def _provider() -> dict[str, object]:
    return {
        "name": "callpulse",
        "folder": FOLDER,
        "folderUid": FOLDER,
        "type": "file",
        "disableDeletion": False,
        "allowUiUpdates": False,
        "updateIntervalSeconds": 30,
        "options": {"path": DASHBOARDS},
    }


def _contact() -> dict[str, object]:
    """Rules that people make in Grafana itself go to the same Alertmanager, which knows whom to tell."""
    receiver = {
        "uid": ALERTMANAGER_UID,
        "type": "prometheus-alertmanager",
        "settings": {"url": "$ALERTMANAGER_URL"},
    }
    return {"orgId": 1, "name": "callpulse Alertmanager", "receivers": [receiver]}
