"""The boards that the settings ask for."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct

from callpulse.board.levels import ABANDONMENT, ASA, LEVEL
from callpulse.board.view import of_group, of_queue
from callpulse.current.fields import WAITING
from callpulse.current.reader import Picture
from callpulse.settings import Settings, milliseconds
from callpulse.settings.boards import Shape, Theme
from callpulse.wallboard.logos import alt_of

TILES = {  # of a shape, where a board says nothing of its own
    "wall": (),
    "far": (LEVEL, WAITING, ABANDONMENT),
    "big": (LEVEL, WAITING, ASA, ABANDONMENT),
    "desk": (),
    "sites": (),
}
MOST_NAMES = 4096  # of queues whose sites are remembered
LOGO_PATH = "/logos/{name}"
ALL = "all"  # the one of all queues, where the settings name none


class Look(Struct, frozen=True):
    """What a page is told of its own. `shape`: which of its regions it shows, and how large. `logo`: its address, and
    `alt` what is read out in its place; "" where there is none."""

    shape: Shape = "wall"
    theme: Theme = "dark"
    logo: str = ""
    alt: str = ""


class Place(NamedTuple):
    """A site. `board`: the name of the one that shows its queues, "" where there is none."""

    title: str
    holds: Callable[[str], bool]
    board: str = ""


class Board(NamedTuple):
    """`group`: whose queues it shows, `queue`: the one, neither = all; `holds`: whether a queue is one of them.
    `tiles`: which, in this order; none = all. `sites`: by the name of their group, where it has a row for each."""

    name: str
    title: str
    group: str | None = None
    holds: Callable[[str], bool] = lambda _: True
    queue: str | None = None
    tiles: tuple[str, ...] = ()
    look: Look = Look()
    sites: Mapping[str, Place] = {}

    def seen(self, picture: Picture) -> Picture:
        """What of the picture it shows."""
        if self.queue is not None:
            return of_queue(picture, self.queue)
        return picture if self.group is None else of_group(picture, self.group, self.holds)


class Rotation(NamedTuple):
    """Boards one after the other, each for so long."""

    title: str
    boards: tuple[str, ...]
    every_ms: int


def boards_of(settings: Settings) -> dict[str, Board]:
    """All that are no rotation."""
    if not settings.boards:
        return {ALL: Board(ALL, settings.site.name)}
    return {name: _board(settings, name) for name, table in settings.boards.items() if not table.rotate}


def rotations_of(settings: Settings) -> dict[str, Rotation]:
    """The others."""
    return {
        name: Rotation(table.title or name, table.rotate, milliseconds(table.every))
        for name, table in settings.boards.items()
        if table.rotate
    }


def _board(settings: Settings, name: str) -> Board:
    table = settings.boards[name]
    logo, alt = (LOGO_PATH.format(name=name), alt_of(table.logo)) if table.logo else ("", "")
    look, tiles = Look(table.shape, table.theme, logo, alt), table.tiles or TILES[table.shape]
    plain = Board(name, table.title or table.queue or name, tiles=tiles, look=look)
    if table.queue is not None:
        return plain._replace(queue=table.queue, holds=table.queue.__eq__)
    if table.group is not None:
        return plain._replace(group=table.group, holds=settings.groups[table.group].holds)
    return plain._replace(sites=_sites(settings, table.sites)) if table.shape == "sites" else plain


def _sites(settings: Settings, names: tuple[str, ...]) -> dict[str, Place]:
    """Under the title of its own board: the first of its group."""
    own = {table.group: name for name, table in reversed(settings.boards.items()) if table.group is not None}
    found = {}
    for name in names or tuple(settings.groups):
        board = own.get(name, "")
        title = settings.boards[board].title if board else ""
        holds = lru_cache(MOST_NAMES)(settings.groups[name].holds)  # asked of every queue at every picture
        found[name] = Place(title or name, holds, board)
    return found
