"""What alert rules see of one queue at one moment."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from callpulse.alerts.core.notice import WorstContact
from callpulse.alerts.core.rules import NOW, Seen
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.ticks import Tick
from callpulse.stream.core.windows import PANE_MS, floor

Figures = Mapping[str, Mapping[str, Seen]]
"""Window -> KPI id -> figure."""


class Moment(Struct, frozen=True, kw_only=True):
    """`at_ms`: how far the data of the queue reaches. `ticks`: its last closed panes, the oldest first. The running
    clock interval ends at `interval_end_ms`. `worst`: who waited longest of late, as far as that could be asked.
    `age_s`: how old the data is by the wall clock, None where that says nothing."""

    queue: str
    at_ms: int
    policy: Policy
    figures: Figures
    ticks: Sequence[Tick] = ()
    interval_end_ms: int = 0
    worst: tuple[WorstContact, ...] = ()
    age_s: float | None = None

    @property
    def look_ms(self) -> int:
        """Rules look at the ends of panes, so that the same data is judged at the same moments whoever reads it."""
        return floor(self.at_ms, PANE_MS)

    def seen(self, kpi: str) -> dict[str, Seen]:
        """Window -> figure, of one KPI."""
        return {window: by_id[kpi] for window, by_id in self.figures.items() if kpi in by_id}

    @property
    def agents_ready(self) -> Seen:
        """Those who could take a contact now."""
        return self.figures.get(NOW, {}).get("agents.ready", Seen(None))
