"""Opening hours as `callpulse.toml` gives them."""

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from callpulse.alerts.core.hours import DAYS, Hours
from callpulse.settings.values import Table

Span = Annotated[
    str,
    Meta(
        pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$",
        description="HH:MM-HH:MM, such as 08:30-18:00, until 24:00 at most",
    ),
]


class OpeningHours(Table, frozen=True, kw_only=True):
    """By the clock of `zone`, by default the site's. A day without any span is closed, and so are `holidays`."""

    zone: str | UnsetType = UNSET
    mon: tuple[Span, ...] = ()
    tue: tuple[Span, ...] = ()
    wed: tuple[Span, ...] = ()
    thu: tuple[Span, ...] = ()
    fri: tuple[Span, ...] = ()
    sat: tuple[Span, ...] = ()
    sun: tuple[Span, ...] = ()
    holidays: tuple[date, ...] = ()


def hours_of(table: OpeningHours | None, zone: str) -> Hours | None:
    """None = always open."""
    if table is None:
        return None
    days = {day: getattr(table, day) for day in DAYS}
    holidays = tuple(sorted(day.isoformat() for day in table.holidays))
    return Hours(zone=zone if isinstance(table.zone, UnsetType) else table.zone, holidays=holidays, **days)
