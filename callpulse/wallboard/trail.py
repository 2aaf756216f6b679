"""How the figures of the tiles moved: one point a minute, the last half hour, of what Redis holds. Pure."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from callpulse.board.adding import POINTS, course, sums
from callpulse.current.fields import Number
from callpulse.current.parts import Minutes

BACK = 15  # minutes


class Trail(Struct, frozen=True):
    """KPI -> its value at the end of each of the last minutes, the oldest first, without the one that runs."""

    points: Mapping[str, tuple[Number | None, ...]] = {}

    def of(self, kpi: str, now: Number | None) -> tuple[Number | None, ...]:
        """The half hour until now; None = there was no value."""
        return (*self.points.get(kpi, (None,) * (POINTS - 1)), now)

    def before(self, kpi: str) -> Number | None:
        """A quarter of an hour ago."""
        return self.of(kpi, None)[-1 - BACK]


def trail(minutes: Iterable[Minutes], at_ms: int | None) -> Trail:
    """Of queues added together, until `at_ms` (data time)."""
    return Trail() if at_ms is None else Trail(course(sums(minutes, at_ms)))
