"""A board for programs: figures as numbers by KPI and window, the state of each queue, and the alerts. The same names
and shape wherever callpulse prints JSON."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from callpulse.board.levels import LONGEST
from callpulse.board.row import WINDOW, Row, State
from callpulse.board.sites import Site, Sites
from callpulse.board.view import BoardState
from callpulse.current.alerts import Alert, Alerts
from callpulse.current.fields import NOW, Value, by_window
from callpulse.current.reader import Picture

ByWindow = dict[str, dict[str, Value]]
"""Window -> KPI -> value and n."""


class Cause(Struct, frozen=True):
    """A figure that makes a queue's state."""

    window: str
    kpi: str
    state: str


class QueueState(Struct, frozen=True, kw_only=True):
    """`since`: until when there was data, null while there is; of a queue outside its opening hours, since when it is,
    and `opens`: when it opens. `reasons`: the figures that make the state, worst first."""

    state: State
    age_ms: int | None
    since: str | None
    reasons: list[Cause]
    opens: str | UnsetType | None = UNSET


class StandingAlert(Struct, frozen=True, kw_only=True):
    """`queue` "": the whole site; `told` false: only shown; `taken_by` null: nobody has it yet; `id` null: it cannot be
    taken yet."""

    id: str | None
    queue: str
    severity: Literal["none", "warning", "critical"]
    since: str | None
    rules: tuple[str, ...]
    told: bool
    taken_by: str | None
    sentence: str


class MuteInForce(Struct, frozen=True, kw_only=True):
    """Silence until then about what matches both patterns."""

    id: str
    rule: str
    queue: str
    by: str
    why: str
    until: str | None


class AlertsNow(Struct, frozen=True, kw_only=True):
    """The worst first."""

    standing: list[StandingAlert]
    mutes: list[MuteInForce]


class SiteValues(Struct, frozen=True, kw_only=True):
    """A group of queues that is shown as one row. `figures` of its added tallies; `queues`: its own; `alerts`: how many
    stand on them, null where no alerts worker has written of late."""

    figures: ByWindow
    state: QueueState
    queues: list[str]
    alerts: int | None


class BoardValues(Struct, frozen=True, kw_only=True):
    """`at`: how far the data reaches. `alerts`: null where no alerts worker has written of late. `sites`: of a board
    that shows some."""

    at: str | None
    queues: dict[str, ByWindow]
    total: ByWindow
    states: dict[str, QueueState]
    alerts: AlertsNow | None
    sites: dict[str, SiteValues] | UnsetType = UNSET


def values_of(
    picture: Picture,
    board: BoardState,
    holds: Callable[[str], bool] = lambda _: True,
    sites: Sites | None = None,
) -> BoardValues:
    """All of it; of the alerts those of queues that the board `holds`, and of the whole site."""
    return BoardValues(
        at=_time(board.at_ms),
        queues={row.name: _windows(row, picture) for row in board.rows},
        total=by_window(picture.total) if picture.total else {},
        states={row.name: _state(row) for row in board.rows},
        alerts=_alerts(board.alerts, holds) if board.alerts else None,
        sites={site.row.name: _site(site, picture) for site in sites.sites} if sites else UNSET,
    )


def _site(site: Site, picture: Picture) -> SiteValues:
    reading = picture.groups.get(site.row.name)
    return SiteValues(
        figures={} if reading is None else by_window(reading),
        state=_state(site.row),
        queues=[row.name for row in site.board.rows],
        alerts=None if site.alerts is None else len(site.alerts),
    )


def _windows(row: Row, picture: Picture) -> ByWindow:
    reading = picture.queues.get(row.name)
    return {} if reading is None else by_window(reading)


def _state(row: Row) -> QueueState:
    worst_first = sorted(row.lamps.items(), key=lambda lit: (-lit[1], lit[0]))
    reasons = [Cause(NOW if kpi == LONGEST else WINDOW, kpi, lamp.name.lower()) for kpi, lamp in worst_first]
    return QueueState(
        state=row.state,
        age_ms=row.age_ms,
        since=_time(row.since_ms),
        reasons=reasons,
        opens=_time(row.opens_ms) if row.after_hours else UNSET,
    )


def _alerts(alerts: Alerts, holds: Callable[[str], bool]) -> AlertsNow:
    mutes = alerts.mutes.values()
    return AlertsNow(
        standing=[_alert(alert) for alert in alerts.standing if not alert.queue or holds(alert.queue)],
        mutes=[
            MuteInForce(id=m.id, rule=m.rule, queue=m.queue, by=m.by, why=m.why, until=_time(m.until_ms)) for m in mutes
        ],
    )


def _alert(alert: Alert) -> StandingAlert:
    return StandingAlert(
        id=alert.id,
        queue=alert.queue,
        severity=alert.severity,
        since=_time(alert.onset_ms),
        rules=alert.rules,
        told=alert.told,
        taken_by=alert.acknowledged.by if alert.acknowledged else None,
        sentence=alert.said["en"].sentence if alert.said else "",
    )


def _time(at_ms: int | None) -> str | None:
    if at_ms is None:
        return None
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
