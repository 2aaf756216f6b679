"""What is wrong with the boards of the wall beyond what types can say: every mistake, with its path."""

import re
from collections.abc import Iterator

from callpulse.alerts.core.rule_faults import nearest
from callpulse.settings.boards import Board
from callpulse.settings.fault import Fault, fault_at
from callpulse.settings.tables import Settings
from callpulse.settings.values import milliseconds

SHORTEST_MS, LONGEST_MS = 5_000, 600_000  # of a board in a rotation
MOST_TILES = {"wall": 5, "far": 3, "big": 4, "desk": 5, "sites": 5}
PLAIN = Board()
OF_A_PAGE = ("group", "queue", "sites", "language", "shape", "theme", "logo", "tiles")  # of boards in a rotation
NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")  # it is part of an address


def board_faults(settings: Settings) -> Iterator[Fault]:
    """All of them."""
    for name, board in settings.boards.items():
        where = ("boards", name)
        if NAME.fullmatch(name) is None:
            yield fault_at(where, ": no name; expected 1 to 60 letters, digits, _ and -")
        if board.group is not None and board.group not in settings.groups:
            yield fault_at((*where, "group"), f" = {board.group!r}: {_no_group(settings, board.group)}", (("groups",),))
        if board.group is not None and board.queue is not None:
            yield fault_at((*where, "queue"), " and group: expected one of them, or neither for all queues")
        if board.queue is not None and (not board.queue or "*" in board.queue):
            yield fault_at((*where, "queue"), f" = {board.queue!r}: expected the id of one queue; for several, group")
        if len(set(board.tiles)) < len(board.tiles):
            yield fault_at((*where, "tiles"), ": expected each tile once")
        elif len(board.tiles) > (most := MOST_TILES[board.shape]):
            yield fault_at(
                (*where, "tiles"), f": {len(board.tiles)} of them: expected at most {most} with shape {board.shape}"
            )
        yield from _site_faults(settings, name)
        yield from _rotation_faults(settings, name)


def _no_group(settings: Settings, name: str) -> str:
    known = f"; {nearest(name, 'a group', settings.groups)}" if settings.groups else ""
    return f"expected the name of a table [groups.NAME]{known}"


def _site_faults(settings: Settings, name: str) -> Iterator[Fault]:
    where, board = ("boards", name), settings.boards[name]
    for each in board.sites:
        if each not in settings.groups:
            yield fault_at((*where, "sites"), f": {each!r}: {_no_group(settings, each)}", (("groups",),))
    if len(set(board.sites)) < len(board.sites):
        yield fault_at((*where, "sites"), ": expected each site once")
    if board.shape != "sites":
        if board.sites and not board.rotate:
            yield fault_at((*where, "sites"), f' with shape {board.shape}: expected shape = "sites"')
        return
    if not settings.groups:
        yield fault_at((*where, "shape"), " = 'sites': expected a table [groups.NAME] for each site", (("groups",),))
    if own := [each for each in ("group", "queue") if getattr(board, each) is not None]:
        yield fault_at((*where, own[0]), " with shape sites: expected sites, the names of groups, or none for all")


def _rotation_faults(settings: Settings, name: str) -> Iterator[Fault]:
    where, board = ("boards", name), settings.boards[name]
    others = [each for each, table in settings.boards.items() if not table.rotate]
    for each in board.rotate:
        if each not in others:
            known = f"; {nearest(each, 'a board', others)}" if others else ""
            said = f": {each!r}: expected the name of a board that does not rotate{known}"
            yield fault_at((*where, "rotate"), said, (("boards", each),))
    if len(set(board.rotate)) < len(board.rotate):
        yield fault_at((*where, "rotate"), ": expected each board once")
    own = [each for each in OF_A_PAGE if getattr(board, each) != getattr(PLAIN, each)]
    if board.rotate and own:
        yield fault_at((*where, "rotate"), f" beside {', '.join(own)}: expected that in the boards it shows")
    if not board.rotate and board.every != PLAIN.every:
        yield fault_at((*where, "every"), " without rotate: expected rotate too, the boards to show in turn")
    if board.rotate and not SHORTEST_MS <= milliseconds(board.every) <= LONGEST_MS:
        yield fault_at((*where, "every"), f" = {board.every!r}: expected 5s to 10m")
