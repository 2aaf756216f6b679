"""`[boards.NAME]`: the pages of the wallboard."""

from typing import Annotated, Literal

from msgspec import Meta

from callpulse.settings.values import Duration, Language, Table

Shape = Literal["wall", "far", "big", "desk", "sites"]
Theme = Literal["dark", "light", "auto"]
TileName = Literal["service_level", "asa_s", "abandonment_rate", "contacts_waiting", "aht_s"]


class Board(Table, frozen=True, kw_only=True):
    """A page of the wallboard: all queues, those of `group`, or one `queue`; or a rotation, each of the boards in
    `rotate` for `every`. `shape`: "far" has fewer and larger figures, "big" one, "desk" all of one queue, "sites" a row
    for each of the groups in `sites`, none = all groups. `tiles`: in this order; none = those of the shape.
    `language`: None = that of the site. `logo`: a PNG or SVG file for the header."""

    title: Annotated[str, Meta(max_length=60)] = ""
    group: str | None = None
    queue: str | None = None
    sites: tuple[str, ...] = ()
    language: Language | None = None
    shape: Shape = "wall"
    theme: Theme = "dark"
    logo: str = ""
    tiles: tuple[TileName, ...] = ()
    rotate: tuple[str, ...] = ()
    every: Duration = "20s"
