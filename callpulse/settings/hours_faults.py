"""What is wrong with opening hours beyond what types can say."""

from collections.abc import Iterator

from msgspec import UNSET

from callpulse.settings.fault import Fault, Where, fault_at
from callpulse.settings.hours import OpeningHours, hours_of
from callpulse.settings.tables import Settings
from callpulse.settings.values import is_zone


def queue_faults(settings: Settings) -> Iterator[Fault]:
    """Of the queues' hours."""
    yield from hours_faults(("queue_defaults", "hours"), settings.queue_defaults.hours, settings)
    for name, queue in settings.queues.items():
        yield from hours_faults(("queues", name, "hours"), queue.hours, settings)


def hours_faults(where: Where, table: OpeningHours | None, settings: Settings) -> Iterator[Fault]:
    """Of the table at `where`."""
    hours = hours_of(table, settings.site.zone)
    if table is None or hours is None:
        return
    if table.zone is not UNSET and not is_zone(hours.zone):
        yield fault_at((*where, "zone"), f" = {hours.zone!r}: unknown; expected an IANA zone such as Europe/Amsterdam")
    for said in hours.faults():
        yield fault_at(where, f".{said}")
