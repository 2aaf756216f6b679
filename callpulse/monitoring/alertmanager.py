"""What Alertmanager is given: who is told what, and what is kept back. The receivers are placeholders."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from callpulse.alerts.heartbeat import ALERT as ALIVE
from callpulse.monitoring import floor
from callpulse.monitoring.as_yaml import HEAD, document
from callpulse.settings import Settings

NOTE = """\
# The receivers are placeholders: put whom you tell in their place, in a copy of this file, and keep routes and
# inhibitions as they are. docs/MONITORING.md says what each of them is for.
"""
PLACEHOLDER = "http://127.0.0.1:5001/{}"
TOLD = ("operations", "supervisors", "heartbeat")
NOBODY = "nobody"
WATCHING, NO_DATA, DOWN = "CallpulseAlertsWatching", "CallpulseNoData", "CallpulseWorkerDown"

Rule = dict[str, Any]


def files(settings: Settings) -> dict[str, str]:
    """Path -> text."""
    return {"alertmanager/alertmanager.yml": document(config(settings), HEAD + NOTE)}


def config(settings: Settings) -> dict[str, Any]:
    return {
        "route": route(),
        "receivers": [*map(_receiver, TOLD), {"name": NOBODY}],
        "inhibit_rules": [*inhibitions(settings)],
    }


def route() -> dict[str, Any]:
    """Each receiver with what it hears; who operates callpulse hears what nobody else does."""
    by_rule = {"group_by": ["site", "alertname"]}
    # each minute: with a repetition as long as the interval, the look that is due comes a moment too early, and every
    # other one is left out
    signs_of_life = {"group_wait": "0s", "group_interval": "20s", "repeat_interval": "50s"}
    return {
        "receiver": "operations",
        **by_rule,
        "group_wait": "30s",
        "group_interval": "5m",
        "repeat_interval": "4h",
        "routes": [
            {"receiver": "heartbeat", "matchers": [f'alertname=~"CallpulsePrometheusAlive|{ALIVE}"'], **signs_of_life},
            {"receiver": NOBODY, "matchers": [f'alertname="{WATCHING}"']},
            {"receiver": "supervisors", "matchers": ['audience="supervisors"'], "repeat_interval": "1h"},
            # of the alerts worker, which has waited already, and calls no other alert by a KPI
            {"receiver": "supervisors", "matchers": ['kpi!=""'], "group_wait": "0s", "repeat_interval": "1h"},
        ],
    }


def inhibitions(settings: Settings) -> Iterator[Rule]:
    """What needs no word beside something else of the same site."""
    queue = ["site", "alertname", "queue"]
    yield _kept_back(['alertname=~"Callpulse.*"', 'severity="critical"'], ['severity="warning"'], queue)
    for worse, milder in pairwise(_abandonment_levels(settings)):
        yield _kept_back([f'level="{worse}"'], [f'level="{milder}"'], queue)
    causes = [f'alertname="{DOWN}"', 'severity="critical"']
    yield _kept_back(causes, [f'alertname=~"{NO_DATA}|CallpulseSourceSilent|CallpulseEventLag"'], ["site"])
    yield _kept_back([f'alertname="{NO_DATA}"'], ['alertname=~"CallpulseSourceSilent|CallpulseEventLag"'], ["site"])
    yield _kept_back([f'alertname="{WATCHING}"'], ['audience="supervisors"'], ["site"])


def _abandonment_levels(settings: Settings) -> list[str]:
    """The worst first."""
    levels = (alert.labels["level"] for alert in floor.alerts(settings) if alert.name == "CallpulseAbandonmentHigh")
    return sorted(levels, key=lambda level: -float(level.split()[0]))


def _kept_back(where: list[str], what: list[str], alike: list[str]) -> Rule:
    return {"source_matchers": where, "target_matchers": what, "equal": alike}


def _receiver(name: str) -> dict[str, Any]:
    return {"name": name, "webhook_configs": [{"url": PLACEHOLDER.format(name)}]}
