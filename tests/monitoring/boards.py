"""The dashboards as Grafana reads them, and ways to look through them."""

import json
from collections.abc import Iterator
from typing import Any

from callpulse.monitoring.dashboards import files
from callpulse.settings import Settings

Json = dict[str, Any]
NO_QUERY = ("row", "text")
VARIABLES = {"$__rate_interval": "1m", "$__range": "1h"}  # whatever they are: it only has to be PromQL


def boards(settings: Settings | None = None) -> dict[str, Json]:
    """uid -> dashboard."""
    found = (json.loads(text) for path, text in files(settings or Settings()).items() if path.endswith(".json"))
    return {board["uid"]: board for board in found}


def panels(board: Json) -> list[Json]:
    """Those that show data."""
    return [panel for panel in board["panels"] if panel["type"] not in NO_QUERY]


def targets(board: Json) -> Iterator[tuple[Json, Json]]:
    """Each panel with each of its queries."""
    yield from ((panel, target) for panel in panels(board) for target in panel["targets"])


def queries(board: Json) -> Iterator[tuple[str, str]]:
    """Where it stands, and the PromQL with something in the place of what Grafana puts in."""
    yield from ((f"{panel['title']} {target['refId']}", plain(target["expr"])) for panel, target in targets(board))


def plain(expr: str, **values: str) -> str:
    """With values for the intervals of Grafana."""
    for name, value in {**VARIABLES, **values}.items():
        expr = expr.replace(name, value)
    return expr


def variables(board: Json) -> dict[str, Json]:
    """Name -> variable."""
    return {variable["name"]: variable for variable in board["templating"]["list"]}
