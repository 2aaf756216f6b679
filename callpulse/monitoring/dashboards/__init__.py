"""Grafana: the dashboards and how Grafana is told of them, as files."""

from callpulse.monitoring.dashboards import definitions, operations, provisioning, queue, service, supervisor
from callpulse.monitoring.dashboards.board import as_json
from callpulse.monitoring.dashboards.levels import levels_of
from callpulse.settings import Settings


def files(settings: Settings) -> dict[str, str]:
    """Path -> text."""
    levels = levels_of(settings)
    boards = (
        service.board(levels),
        queue.board(levels, settings),
        supervisor.board(levels, settings),
        operations.board(levels),
        definitions.board(settings),
    )
    return {
        **{f"grafana/dashboards/{board.uid}.json": as_json(board, settings) for board in boards},
        **provisioning.files(settings),
    }
