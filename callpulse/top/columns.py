"""The columns of the board: what each shows of a row, how wide it is, and from which width of the screen on."""

from collections.abc import Callable, Iterable

from msgspec import Struct
from rich.style import Style
from rich.text import Text

from callpulse.board import figures
from callpulse.board.levels import ABANDONMENT, ASA, LEVEL, LIVE, LONGEST, Lamp, Target
from callpulse.board.row import UNKNOWN, Row, State
from callpulse.top.words import SHAPES, Words

AMBER = Style(color="yellow")
BAND = Style(color="bright_white", bgcolor="red", bold=True)  # ACT is the only filled area
RED = Style(color="bright_red", bold=True)
BOLD = Style(bold=True)
QUIET = Style(dim=True)
PLAIN = Style()

MARK = "!"  # at the figure that is the cause
LAMP_STYLES = {Lamp.WATCH: AMBER + BOLD, Lamp.ACT: RED}
STATE_STYLES = {
    State.ACT: BAND,
    State.WATCH: AMBER + BOLD,
    State.BLIND: AMBER,
    State.NO_DATA: AMBER,
    State.STALE: AMBER,
    State.OK: PLAIN,
    State.CLOSED: QUIET,
}
SMALL, WIDE, FULL = 0, 120, 180  # from which width of the screen on

NAME_LEAST, NAME_MIN, NAME_MAX = 6, 12, 40
SPARED = (  # left out in this order where room lacks
    "not_ready", "wrapup", "hold", "talking", "ringing", "ready", "day_n", "day", "p90", "free", "age", "asa",
    "answered", "abandonment", "live",
)  # fmt: skip


class Context(Struct, frozen=True):
    """What a cell needs beside its row."""

    words: Words
    usual: Target


class Column(Struct, frozen=True):
    """`width` counts characters; `until` = the screen width from which it is left out again."""

    key: str
    width: int
    cell: Callable[[Row, Context], Text]
    since: int = SMALL
    until: int | None = None
    left: bool = False

    def head(self, words: Words, wide: bool) -> str:
        """The column's name."""
        return words.heads[self.key][0 if wide else 1]


def columns(width: int, rows: Iterable[Row], context: Context) -> list[Column]:
    """The columns that fit a screen of this width, with room for every figure in `rows`; the queue's name takes what
    is left. Figures that need more than there is leave out columns, never digits."""
    seen = [row for row in rows if row.state not in UNKNOWN]
    wide = width >= FULL
    chosen = [c for c in ALL if c.since <= width and (c.until is None or width < c.until)]
    chosen = [_wide_enough(c, seen, context, wide) for c in chosen]
    for key in SPARED:
        if _rest(chosen, width) >= NAME_MIN:
            break
        chosen = [c for c in chosen if c.key != key]
    name = Column("queue", max(NAME_LEAST, min(NAME_MAX, _rest(chosen, width))), _name, left=True)
    return [chosen[0], name, *chosen[1:]]


def _rest(chosen: list[Column], width: int) -> int:
    """Characters that are left for the queue's name."""
    return width - sum(c.width + 1 for c in chosen) - 1


def state_cell(row: Row, context: Context) -> Text:
    """Shape and word; the colour only repeats them."""
    word = f"{SHAPES[row.state]} {context.words.states[row.state]}"
    return Text(word, STATE_STYLES[row.state])


def _wide_enough(column: Column, rows: list[Row], context: Context, wide: bool) -> Column:
    words = context.words
    if column.key == "state":
        width = 2 + max(len(word) for word in words.states.values())
    else:
        cells = (column.cell(row, context).cell_len for row in rows)
        width = max(column.width, len(column.head(words, wide)), *cells)
    return Column(column.key, width, column.cell, column.since, column.until, column.left)


def _name(row: Row, context: Context) -> Text:
    text = Text(figures.printable(row.name), BOLD if row.lamps else PLAIN)
    if row.target != context.usual and row.age_ms is not None:
        text.append(f" {figures.level(row.target.level)}/{row.target.threshold_s:g}", QUIET)
    return text


def _lamp(row: Row, kpi: str, text: str) -> Text:
    """Coloured and with a mark where it is the cause of the row's state, bold where it is off target for no more than
    that."""
    if text == figures.NOTHING:
        return Text(text, QUIET)
    lamp = row.lamps.get(kpi, Lamp.OK)
    if kpi == LEVEL and kpi in row.off_target:
        lamp = max(lamp, row.lamps.get(LIVE, Lamp.OK))  # one judgement on two figures
    if lamp:
        return Text(MARK + text, LAMP_STYLES[lamp])
    return Text(text, BOLD if kpi in row.off_target else PLAIN)


def _waiting(row: Row, context: Context) -> Text:
    return _plain(figures.count(row.waiting), row.waiting == 0)


def _longest(row: Row, context: Context) -> Text:
    return _lamp(row, LONGEST, figures.duration(row.longest_wait_s))


def _level(row: Row, context: Context) -> Text:
    return _lamp(row, LEVEL, figures.level(row.level.value if row.level else None))


def _level_n(row: Row, context: Context) -> Text:
    return Text(figures.count(row.level.n) if row.level else "", QUIET)


def _live(row: Row, context: Context) -> Text:
    return _lamp(row, LIVE, figures.level(row.level_live.value if row.level_live else None))


def _day(row: Row, context: Context) -> Text:
    return _plain(figures.level(row.level_day.value if row.level_day else None))


def _day_n(row: Row, context: Context) -> Text:
    return Text(figures.count(row.level_day.n) if row.level_day else "", QUIET)


def _asa(row: Row, context: Context) -> Text:
    return _lamp(row, ASA, figures.seconds(row.asa_s))


def _p90(row: Row, context: Context) -> Text:
    return _plain(figures.seconds(row.wait_p90_s))


def _abandonment(row: Row, context: Context) -> Text:
    return _lamp(row, ABANDONMENT, figures.share(row.abandonment, context.words.decimal))


def _answered(row: Row, context: Context) -> Text:
    return _plain(f"{figures.count(row.answered)}/{figures.count(row.offered)}", row.offered is None)


def _free(row: Row, context: Context) -> Text:
    if not row.agents:
        return Text(figures.NOTHING, QUIET)
    return Text(f"{figures.count(row.agents.get('ready'))}/{sum(row.agents.values()):.0f}")


def _agents(state: str) -> Callable[[Row, Context], Text]:
    return lambda row, context: _plain(figures.count(row.agents.get(state)), row.agents.get(state) == 0)


def _age(row: Row, context: Context) -> Text:
    return Text(figures.age(row.age_ms), AMBER + BOLD if row.stale else QUIET)


def _plain(text: str, quiet: bool = False) -> Text:
    return Text(text, QUIET if quiet or text == figures.NOTHING else PLAIN)


ALL = (
    Column("state", 0, state_cell, left=True),
    Column("waiting", 4, _waiting),
    Column("longest", 6, _longest),
    Column("level", 3, _level),
    Column("n", 3, _level_n),
    Column("live", 4, _live),
    Column("day", 4, _day, WIDE),
    Column("day_n", 4, _day_n, WIDE),
    Column("asa", 5, _asa),
    Column("p90", 4, _p90, WIDE),
    Column("abandonment", 4, _abandonment),
    Column("answered", 7, _answered),
    Column("free", 5, _free, until=FULL),
    *(Column(s, 4, _agents(s), FULL) for s in ("ready", "ringing", "talking", "hold", "wrapup", "not_ready")),
    Column("age", 5, _age),
)
