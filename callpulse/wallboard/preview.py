"""A board in a line, for a list of boards. Pure."""

from msgspec import Struct

from callpulse.wallboard.shown import Count, Wall


class Preview(Struct, frozen=True, kw_only=True):
    """How many of its queues are in which state, the first of its figures as text, and how old the data is."""

    name: str
    counts: tuple[Count, ...]
    label: str = ""
    value: str = ""
    unit: str = ""
    age: str
    stale: bool


def preview(name: str, wall: Wall) -> Preview:
    """Of a board as it is shown."""
    first = wall.tiles[0] if wall.tiles else None
    return Preview(
        name=name,
        counts=wall.header.counts,
        label=first.label if first else "",
        value=first.value.text if first else "",
        unit=first.unit if first else "",
        age=wall.header.age,
        stale=wall.header.stale,
    )
