"""The board for scripts: the same names and shape as everywhere else in callpulse, and each queue's state."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from callpulse.board.levels import LONGEST
from callpulse.board.row import WINDOW, Row, State
from callpulse.board.view import BoardState
from callpulse.current.alerts import Alert, Alerts
from callpulse.current.fields import NOW, by_window
from callpulse.current.reader import Picture


def board_json(picture: Picture, board: BoardState) -> str:
    """`{"at", "queues": {queue: {window: {kpi_id: {"value", "n"}}}}, "total": {window: …}, "states": {queue: {"state",
    "age_ms", "since", "reasons"}}}`. `at` = how far the data reaches; `since` = until when there was data, null while
    there is; of a queue that is closed, since when it is, and `opens` = when it opens; `reasons` = `[{"window", "kpi",
    "state"}]`, the figures that make the state, worst first.
    `alerts` = `{"standing": […], "mutes": […]}`, the worst first; null where no alerts worker has written of late."""
    found = {
        "at": _time(board.at_ms),
        "queues": {row.name: _windows(row, picture) for row in board.rows},
        "total": by_window(picture.total) if picture.total else {},
        "states": {row.name: _state(row) for row in board.rows},
        "alerts": _alerts(board.alerts) if board.alerts else None,
    }
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode()


def _windows(row: Row, picture: Picture) -> dict[str, Any]:
    reading = picture.queues.get(row.name)
    return {} if reading is None else dict(by_window(reading))


def _state(row: Row) -> dict[str, Any]:
    worst_first = sorted(row.lamps.items(), key=lambda lit: (-lit[1], lit[0]))
    reasons = [
        {"window": NOW if kpi == LONGEST else WINDOW, "kpi": kpi, "state": lamp.name.lower()}
        for kpi, lamp in worst_first
    ]
    return {"state": row.state, "age_ms": row.age_ms, "since": _time(row.since_ms), "reasons": reasons} | (
        {"opens": _time(row.opens_ms)} if row.state is State.CLOSED else {}
    )


def _alerts(alerts: Alerts) -> dict[str, Any]:
    return {
        "standing": [_alert(alert) for alert in alerts.standing],
        "mutes": [
            {"id": m.id, "rule": m.rule, "queue": m.queue, "by": m.by, "why": m.why, "until": _time(m.until_ms)}
            for m in alerts.mutes.values()
        ],
    }


def _alert(alert: Alert) -> dict[str, Any]:
    """`queue` "" = the whole site; `told` false = only shown; `taken_by` null = nobody has it yet."""
    return {
        "id": alert.id,
        "queue": alert.queue,
        "severity": alert.severity,
        "since": _time(alert.onset_ms),
        "rules": alert.rules,
        "told": alert.told,
        "taken_by": alert.acknowledged.by if alert.acknowledged else None,
        "sentence": alert.said["en"].sentence if alert.said else "",
    }


def _time(at_ms: int | None) -> str | None:
    if at_ms is None:
        return None
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
