"""What the supervisor's board shows of the queue that was chosen, as the page gets it."""

from msgspec import Struct

from callpulse.wallboard.shown import Cell, State


class Figure(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A KPI. `lines`: its target, and its n."""

    label: str
    value: Cell
    unit: str = ""
    lines: tuple[str, ...] = ()


class Table(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`rows`: cells under their `heads`; the first `texts` columns are words and stand at the left, as does the first
    of a row, which names it. `none`: said where there is no row."""

    title: str
    note: str = ""
    heads: tuple[str, ...]
    texts: tuple[int, ...] = (0,)
    rows: tuple[tuple[Cell, ...], ...] = ()
    none: str = ""


class Desk(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One queue from near by. `sentence` says why nothing is known of it now."""

    queue: str
    name: str
    state: State
    word: str
    sentence: str = ""
    target: str = ""
    figures: tuple[Figure, ...]
    intervals: Table
    worst: Table
    agents: Table
    happened: Table
    now_ms: int
