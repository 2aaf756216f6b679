"""An alert rule of Prometheus. `severity`: critical wakes somebody, warning can wait for the day, none tells nobody."""

from typing import Any, Literal

from msgspec import Struct

RUNBOOK = "docs/RUNBOOK.md"

Audience = Literal["operations", "supervisors"]


class Alert(Struct, frozen=True, kw_only=True):
    """`for_`, `keep`: durations of Prometheus, "" = at once. Annotations are Go templates."""

    name: str
    expr: str
    summary: str
    description: str
    severity: Literal["critical", "warning", "none"] = "warning"
    audience: Audience = "operations"
    for_: str = ""
    keep: str = ""
    labels: dict[str, str] = {}


def rule(alert: Alert, runbook: str) -> dict[str, Any]:
    """As the rule file wants it. `runbook`: where the runbook is read."""
    times = {"for": alert.for_, "keep_firing_for": alert.keep}
    return {
        "alert": alert.name,
        "expr": alert.expr,
        **{key: value for key, value in times.items() if value},
        "labels": {"severity": alert.severity, "audience": alert.audience, **alert.labels},
        "annotations": {
            "summary": alert.summary,
            "description": alert.description,
            "runbook_url": f"{runbook or RUNBOOK}#{alert.name.lower()}",
        },
    }
