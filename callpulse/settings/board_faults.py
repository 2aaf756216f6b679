"""What is wrong with the boards of the wall beyond what types can say: every mistake, with its path."""

import re
from collections.abc import Iterator

from callpulse.alerts.core.rule_faults import nearest
from callpulse.settings.fault import Fault, fault_at
from callpulse.settings.tables import Settings

NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")  # it is part of an address


def board_faults(settings: Settings) -> Iterator[Fault]:
    """All of them."""
    for name, board in settings.boards.items():
        where = ("boards", name)
        if NAME.fullmatch(name) is None:
            yield fault_at(where, ": no name; expected 1 to 60 letters, digits, _ and -")
        if board.group is not None and board.group not in settings.groups:
            known = f"; {nearest(board.group, 'a group', settings.groups)}" if settings.groups else ""
            said = f" = {board.group!r}: expected the name of a table [groups.NAME]{known}"
            yield fault_at((*where, "group"), said, (("groups",),))
