"""What alerts did, on the supervisor's board: those that stand and those that ended, as far as Redis has them. Pure."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from callpulse.board import figures
from callpulse.board.row import SEVERITY_STATES, State
from callpulse.board.view import BoardState
from callpulse.board.words import STATES, Language
from callpulse.wallboard import strip
from callpulse.wallboard.desk_shown import Table
from callpulse.wallboard.desk_words import DESK
from callpulse.wallboard.shown import Cell
from callpulse.wallboard.words import LANGUAGES

Event = tuple[int, tuple[Cell, Cell]]


def happened(board: BoardState, holds: strip.Holds, language: Language, zone: ZoneInfo) -> Table:
    """Of the queues that the board `holds`, the newest first. Where nothing is told it says what the strip says."""
    words, general, now_ms = DESK[language], LANGUAGES[language], board.redis_now_ms
    found = sorted(_events(board, holds, language), key=lambda each: each[0], reverse=True)
    unread = board.alerts.unread if board.alerts else 0
    frame = strip.Frame(general, language, {}, zone, now_ms)
    return Table(
        title=words.happened,
        note=" · ".join([words.newest, *([general.unread.format(count=unread)] if unread and found else [])]),
        heads=words.events,
        texts=(0, 1, 2),
        rows=tuple((Cell(figures.since(at_ms, now_ms, zone)), *cells) for at_ms, cells in found),
        none=strip.calm(board, holds, frame),
    )


def _events(board: BoardState, holds: strip.Holds, language: Language) -> Iterator[Event]:
    words, whole_site = DESK[language], LANGUAGES[language].whole_site
    for each in strip.standing(board.alerts, holds):
        if each.onset_ms is not None:
            state = SEVERITY_STATES[each.severity]
            place = figures.printable(each.queue) or whole_site
            yield each.onset_ms, (Cell(STATES[language][State(state)], state), Cell(place))
    for ended in board.alerts.ended if board.alerts else ():
        if not ended.queue or holds(ended.queue):
            place = figures.printable(ended.queue) or whole_site
            said = ", ".join(filter(None, (place, ended.said.get(language))))
            yield ended.ended_ms, (Cell(words.over), Cell(said))
