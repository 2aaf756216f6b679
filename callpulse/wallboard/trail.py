"""How the figures of the tiles moved: one point a minute, the last half hour. What was not seen stays a gap."""

from collections.abc import Mapping

from msgspec import Struct

from callpulse.current.fields import Number

MINUTE_MS, MINUTES = 60_000, 31
BACK_MS = 15 * MINUTE_MS


class Trail(Struct, frozen=True):
    """KPI -> minute (ms) -> its newest value in it."""

    points: Mapping[str, Mapping[int, Number]] = {}

    def noted(self, at_ms: int, values: Mapping[str, Number | None]) -> "Trail":
        """With what is so at `at_ms` (data time), and without what is older than the half hour before it."""
        minute = at_ms - at_ms % MINUTE_MS
        oldest = minute - (MINUTES - 1) * MINUTE_MS
        found: dict[str, dict[int, Number]] = {}
        for kpi in self.points.keys() | values.keys():
            kept = {at: value for at, value in self.points.get(kpi, {}).items() if oldest <= at <= minute}
            value = values.get(kpi)
            found[kpi] = kept if value is None else {**kept, minute: value}
        return Trail(found)

    def of(self, kpi: str, at_ms: int) -> tuple[Number | None, ...]:
        """The half hour until `at_ms`, the oldest first; None = nobody looked, or there was no value."""
        minute, known = at_ms - at_ms % MINUTE_MS, self.points.get(kpi, {})
        return tuple(known.get(minute - back * MINUTE_MS) for back in reversed(range(MINUTES)))

    def before(self, kpi: str, at_ms: int) -> Number | None:
        """A quarter of an hour ago."""
        return self.points.get(kpi, {}).get(at_ms - at_ms % MINUTE_MS - BACK_MS)
