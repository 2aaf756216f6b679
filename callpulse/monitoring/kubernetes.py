"""What Prometheus Operator is given: the rules of prometheus/ as a PrometheusRule."""

from typing import Any

from callpulse.monitoring import prometheus, recording
from callpulse.monitoring.as_yaml import document
from callpulse.settings import Settings

NOTE = """\
# For Prometheus Operator from the middle of 2023 on (keep_firing_for). Leave it out of kustomization.yaml where there
# is none; where Prometheus selects by a label (ruleSelector), add it by `labels` of kustomization.yaml, not here.
"""


def files(settings: Settings) -> dict[str, str]:
    """Path -> text."""
    head = prometheus.alerts_head(settings) + NOTE
    return {"deploy/kubernetes/prometheusrule.yaml": document(manifest(settings), head)}


def manifest(settings: Settings) -> dict[str, Any]:
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {
            "name": "callpulse",
            "namespace": "callpulse",
            "labels": {"app.kubernetes.io/part-of": "callpulse"},
        },
        "spec": {"groups": [*recording.groups(settings), *prometheus.groups(settings)]},
    }
