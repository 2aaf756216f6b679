"""An alert as it would have been: from when something was shown of a queue until nothing was."""

from msgspec import Struct

from callpulse.alerts.core.lifecycle import Severity
from callpulse.alerts.core.notice import Kind, Unit

SITE = ""  # as a queue: the whole site


class Told(Struct, frozen=True):
    """One notice that would have gone out."""

    at_ms: int
    kind: Kind
    severity: str


class Phase(Struct, frozen=True):
    """From then on it was that bad."""

    at_ms: int
    severity: str


class Alert(Struct, frozen=True, kw_only=True):
    """`queue` is SITE where the whole site is meant, and `queues` says whom it concerned then. `onset_ms`: when what
    fired at `from_ms` began; `to_ms` is None where it lasted beyond the log. `rule` names it, `rules` all fired in it.
    `severity` is the highest. `told` is empty where it was only shown; `of_site`: because trouble of the whole site
    was told. `worst` of `kpi`, in `unit`; `hurt`: contacts not served as promised."""

    queue: str
    rule: str
    rules: tuple[str, ...]
    severity: str
    onset_ms: int
    from_ms: int
    to_ms: int | None
    phases: tuple[Phase, ...]
    told: tuple[Told, ...]
    of_site: bool
    kpi: str
    unit: Unit
    worst: float | None
    hurt: int | None
    cause: str
    queues: tuple[str, ...] = ()

    @property
    def told_ms(self) -> int | None:
        """When somebody would have heard of it first."""
        return self.told[0].at_ms if self.told else None


def word(severity: Severity) -> str:
    return severity.name.lower()
