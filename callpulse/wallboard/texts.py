"""The state of a board as text, for a chat: what the wall shows, in a few lines. Pure."""

from collections.abc import Iterator
from datetime import UTC

from callpulse.board import figures
from callpulse.wallboard.shown import NOTHING, Line, Row, Tile, Wall

MARKS = {"act": "■", "watch": "▲", "ok": "●", "closed": "▬"}
UNKNOWN = "◌"
MOST_ROWS, MOST_ALERTS = 12, 5
CALM = frozenset({"ok", "closed"})


def text_of(wall: Wall) -> str:
    """In the language of the board. Rows that are well are only counted."""
    return "\n".join(_lines(wall)) + "\n"


def _lines(wall: Wall) -> Iterator[str]:
    header = wall.header
    local_ms = None if header.at_ms is None else header.at_ms + header.offset_ms
    clock = "" if local_ms is None else figures.clock(local_ms, UTC)
    counts = " · ".join(f"{_mark(each.state)} {each.count} {each.word}" for each in header.counts)
    yield " · ".join(filter(None, (header.title, header.date, clock, header.age)))
    yield from filter(None, (counts,))
    yield from map(_alert, wall.strip[:MOST_ALERTS])
    if not wall.strip and wall.calm:
        yield wall.calm
    yield from map(_tile, wall.tiles)
    troubled = [wall.rows[name] for name in wall.order if wall.rows[name].state not in CALM]
    yield from (_row(row, wall) for row in troubled[:MOST_ROWS])
    if len(troubled) > MOST_ROWS:
        yield wall.words["more"].replace("{n}", str(len(troubled) - MOST_ROWS))


def _mark(state: str) -> str:
    return MARKS.get(state, UNKNOWN)


def _alert(line: Line) -> str:
    todo = f" → {line.action}" if line.action else ""
    right = f" ({', '.join(line.right)})" if line.right else ""
    fact = f": {line.fact}" if line.fact else ""
    return f"{_mark(line.state)} {line.word} {line.place}{fact}{todo}{right}"


def _tile(tile: Tile) -> str:
    value = f"{tile.value.text} {tile.unit}".strip()
    beside = tile.partner.text if tile.partner is not None else NOTHING
    partner = f" ({tile.partner_label} {beside} {tile.partner_unit}".rstrip() + ")" if beside != NOTHING else ""
    label = f"{tile.label} {tile.window}".strip()
    rest = " · ".join(filter(None, (tile.why, *tile.lines)))
    return f"{_mark(tile.state)} {label}: {value}{partner}" + (f" · {rest}" if rest else "")


def _row(row: Row, wall: Wall) -> str:
    if row.sentence:
        return f"{_mark(row.state)} {row.name}: {row.sentence}"
    wanted = ("waiting", "longest", "level", "asa", "abandoned")
    said = ", ".join(
        f"{wall.heads[column][0]} {row.cells[column].text}{_unit(wall, column)}"
        for column in wanted
        if column in row.cells and column in wall.heads and row.cells[column].text != NOTHING
    )
    return f"{_mark(row.state)} {row.name}: {said}"


def _unit(wall: Wall, column: str) -> str:
    unit = wall.heads[column][1].partition(" ·")[0]
    return f" {unit}" if unit in ("%", "s") else ""
