"""How long things are kept and believed."""

from msgspec import Struct

from callpulse.stream.core.events import Reason, Rejected
from callpulse.stream.core.windows import INTERVAL_MS, LIVE_MS

HOUR_MS = 3_600_000
LATE_MS = 60_000  # behind the clock: counted as late, and accepted within the horizon
MAX_FACTS = 200  # of one contact in one queue: more is a broken source, and would outgrow a record


class Limits(Struct, frozen=True):
    """How long things are kept and believed, in milliseconds of the partition clock."""

    horizon_ms: int = 24 * HOUR_MS
    live_ms: int = 3 * HOUR_MS
    interval_ms: int = 8 * 24 * HOUR_MS
    max_wait_ms: int = 2 * HOUR_MS
    max_wait_by_channel_ms: dict[str, int] = {}
    max_future_ms: int | None = 300_000  # None: event times are not compared with wall time

    def live_gone_ms(self, clock_ms: int) -> int:
        """600 s cells that start then or earlier are not kept any more."""
        return clock_ms - self.live_ms - LIVE_MS

    def intervals_gone_ms(self, clock_ms: int) -> int:
        """15-minute cells that start then or earlier are not kept any more."""
        return clock_ms - self.interval_ms - INTERVAL_MS


def believable(at_ms: int, clock_ms: int, recorded_ms: int | None, limits: Limits) -> Rejected | None:
    """Why an event time is refused, or None. `recorded_ms` = when the broker took the event."""
    if recorded_ms is not None and limits.max_future_ms is not None and at_ms > recorded_ms + limits.max_future_ms:
        return ahead_of_time(at_ms - recorded_ms, limits.max_future_ms)
    if at_ms < clock_ms - limits.horizon_ms:
        return too_late(clock_ms - at_ms, limits.horizon_ms)
    return None


def ahead_of_time(ahead_ms: int, limit_ms: int) -> Rejected:
    return Rejected(Reason.FUTURE, "at", f"{ahead_ms} ms ahead of the broker's clock; expected at most {limit_ms}")


def too_late(behind_ms: int, limit_ms: int) -> Rejected:
    detail = f"{behind_ms} ms behind the feed; expected at most {limit_ms} (visit_retention)"
    return Rejected(Reason.TOO_LATE, "at", detail)


def too_many(kept: int) -> Rejected:
    detail = f"{kept} facts of this contact in this queue are kept already; expected fewer"
    return Rejected(Reason.TOO_MANY_FACTS, "contact_id", detail)
