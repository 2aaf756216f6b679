"""What a rule can be about: every figure of the board whose name is fixed, and some of our own."""

from typing import Literal

from msgspec import Struct

from callpulse.alerts.core.rules import NOW
from callpulse.stream.core.catalogue import AGENT_STATES_SHOWN, CATALOGUE, Kpi
from callpulse.stream.core.windows import BOARD_WINDOWS, ROLLING

USUAL = "15m"


class Subject(Struct, frozen=True):
    """`windows`: where it has a value. `behind`: what its n counts; None where it has none, and no evidence is."""

    id: str
    unit: Literal["ratio", "s", "count"]
    windows: tuple[str, ...]
    behind: Literal["contacts", "seconds"] | None = None

    @property
    def usual_window(self) -> str:
        """Where a rule looks that names no window."""
        return USUAL if USUAL in self.windows else self.windows[0]


OWN = (
    Subject("service_level_expected", "ratio", (NOW,)),  # of the next half hour
    Subject("agents_ready", "count", (NOW,)),
    Subject("data_age_s", "s", (NOW,)),
)
LEVELS = frozenset({"service_level", "service_level_live", "service_level_expected"})  # there is a budget of misses
_AT_THE_MOMENT = frozenset({"contacts_waiting", "longest_wait_s"})
_WITHOUT_N = frozenset(kpi.id for kpi in CATALOGUE if kpi.unit == "count" or kpi.id.endswith("_sum_s"))


def _of(kpi: Kpi) -> Subject:
    if kpi.id in _AT_THE_MOMENT:
        return Subject(kpi.id, kpi.unit, (NOW,))
    if kpi.id == "ledger_residual":  # a rolling window has no cohort that could balance
        return Subject(kpi.id, kpi.unit, tuple(window for window in BOARD_WINDOWS if window not in ROLLING))
    if kpi.id == "occupancy":
        return Subject(kpi.id, kpi.unit, tuple(window for window in BOARD_WINDOWS if window != "all"), "seconds")
    return Subject(kpi.id, kpi.unit, BOARD_WINDOWS, None if kpi.id in _WITHOUT_N else "contacts")


_BY_STATE = (Subject(f"agents.{state}", "count", (NOW,)) for state in AGENT_STATES_SHOWN)
SUBJECTS = {subject.id: subject for subject in (*map(_of, CATALOGUE), *_BY_STATE, *OWN)}
