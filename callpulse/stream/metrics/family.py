"""One metric family, as every process declares its own.

Units are base units (seconds; shares as ratios of 0–1), points in time are Unix timestamps, never ages, and no label
holds an agent or a customer.
"""

from typing import Literal, NamedTuple

from msgspec import Struct

PREFIX = "callpulse_"
OF_QUEUE = ("queue", "channel")
TAKEN_BACK = "taken back because later facts told otherwise; subtract it from its twin. "


class Family(Struct, frozen=True):
    """One metric family. `name` as rules and panels write it (counters with `_total`, infos with `_info`); `unit` is
    for readers. `kpi`: the id in the catalogue of the KPI whose value it shows, if it does."""

    name: str
    type: Literal["counter", "gauge", "histogram", "info"]
    labels: tuple[str, ...]
    unit: str
    help: str
    kpi: str = ""

    @property
    def stem(self) -> str:
        """Its name without what all have in common."""
        return self.name.removeprefix(PREFIX)


class Twins(NamedTuple):
    """What only grows and can be corrected by a later fact. The truth is the difference of the two."""

    booked: Family
    taken_back: Family


def visits(stem: str, help_: str, *labels: str) -> Twins:
    """A counter of a queue's visits, and `…_corrected_total`."""
    return _twins("counter", stem, "total", "visits", help_, labels)


def seconds(stem: str, help_: str, *labels: str) -> Twins:
    """A histogram of how long a queue's visits took, and `…_corrected_seconds`."""
    return _twins("histogram", stem, "seconds", "seconds", help_, labels)


def _twins(
    type_: Literal["counter", "histogram"], stem: str, ending: str, unit: str, help_: str, labels: tuple[str, ...]
) -> Twins:
    of = (*OF_QUEUE, *labels)
    return Twins(
        Family(f"{PREFIX}{stem}_{ending}", type_, of, unit, help_),
        Family(f"{PREFIX}{stem}_corrected_{ending}", type_, of, unit, TAKEN_BACK + help_),
    )


def gauge(name: str, unit: str, help_: str, *labels: str) -> Family:
    """What is so now."""
    return Family(PREFIX + name, "gauge", labels, unit, help_)


def counter(name: str, unit: str, help_: str, *labels: str) -> Family:
    """What only grows while the process lives."""
    return Family(PREFIX + name, "counter", labels, unit, help_)


def duration(name: str, help_: str, *labels: str) -> Family:
    """A histogram of how long something took a process of ours."""
    return Family(PREFIX + name, "histogram", labels, "seconds", help_)
