"""Readings of queues for the tests of the board, written and read by the contract's own functions."""

from hypothesis import strategies as st

from callpulse.alerts.core.hours import Hours
from callpulse.board.row import State
from callpulse.board.view import BoardState
from callpulse.current.alerts import Alerts
from callpulse.current.fields import Clock, Current, Number, Reading, from_hash, to_hash
from callpulse.current.reader import Picture

AT = 1_764_000_000_000  # 2025-11-24 16:00 UTC
OPEN = Hours(zone="Europe/Amsterdam", mon=("08:00-16:00",), tue=("09:00-18:00",))  # AT is a Monday, 17:00 there
NAMES = st.text("abcdefgh", min_size=1, max_size=1)  # few, so that they meet again


def reading(
    level: float | None = 0.9,
    n: int = 40,
    *,
    age_ms: int = 1_000,
    written_ago_ms: int | None = None,
    clock: Clock = "wall",
    now_ms: int = AT,
    **fields: Number | None,
) -> Reading:
    """A queue with this service level over n contacts. More fields: `asa_s=70` is the 15-minute value, `now_…`,
    `target_…` and `day_…` stand for those windows."""
    values: dict[str, Number | None] = {"15m.service_level": level, "15m.service_level.n": n, "15m.offered": n}
    for name, number in fields.items():
        window, _, kpi = name.partition("_")
        known = window in ("now", "target", "day")
        values[f"{window}.{kpi}" if known else f"15m.{name}"] = number
        if not known and name not in ("offered", "answered"):
            values[f"15m.{name}.n"] = n
    written_at = now_ms - (min(age_ms, 4_000) if written_ago_ms is None else written_ago_ms)
    flat = to_hash(
        Current(
            kind="queue",
            name="",
            version=(1, 1),
            event_time_ms=now_ms - age_ms,
            written_at_ms=written_at,
            writer="w",
            source="pbx",
            clock=clock,
            fields=values,
        )
    )
    found = from_hash(dict(zip(flat[::2], flat[1::2], strict=True)))
    assert found is not None
    return found


def picture(
    queues: dict[str, Reading] | None = None,
    *,
    now_ms: int = AT,
    gone: dict[str, int] | None = None,
    total: Reading | None = None,
    beats: dict[str, int] | None = None,
    alerts: Alerts | None = None,
) -> Picture:
    """`gone`: queues whose hash is no longer there, with the time of their last write; `beats`: heartbeats."""
    queues = queues or {}
    written = {name: r.written_at_ms for name, r in queues.items()} | (gone or {})
    return Picture(
        redis_now_ms=now_ms,
        written_ms=written,
        heartbeats_ms=beats or {},
        queues=queues,
        total=total,
        alerts=alerts,
    )


def states(shown: BoardState) -> dict[str, State]:
    """By queue."""
    return {row.name: row.state for row in shown.rows}
