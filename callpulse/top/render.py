"""BoardState to text for a terminal of any size: header, rows, total, what is left out, alerts."""

from collections import Counter
from collections.abc import Iterable
from datetime import tzinfo

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from callpulse.board import figures
from callpulse.board.closed import closed_said
from callpulse.board.row import UNKNOWN, Row, State
from callpulse.board.view import BoardState
from callpulse.board.words import Language
from callpulse.top.alert_lines import LINES, Sheet, alert_lines
from callpulse.top.columns import (
    AMBER,
    BAND,
    BOLD,
    FULL,
    QUIET,
    STATE_STYLES,
    Column,
    Context,
    columns,
)
from callpulse.top.words import LANGUAGES, SHAPES, Words

_SAME_SHAPE = {State.BLIND: State.STALE, State.NO_DATA: State.STALE}
AROUND_ROWS = 7 + LINES  # lines that are not rows: header, legend, heads, two rules, total, what is left out, alerts


class BoardView:
    """A board as rich draws it, cut to the screen's size. `zone` None = this machine's time zone; `wall`: where that
    is, or ""."""

    def __init__(
        self, board: BoardState, site: str, language: Language = "en", zone: tzinfo | None = None, wall: str = ""
    ) -> None:
        self.board = board
        self.site = site
        self.words = LANGUAGES[language]
        self.zone = zone
        self.wall = wall

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self._lines(options.max_width, options.height):
            line.truncate(options.max_width)
            line.no_wrap = True
            yield line

    def _lines(self, width: int, height: int | None) -> Iterable[Text]:
        board, words = self.board, self.words
        if self.wall:
            yield Text(words.wall.format(url=figures.printable(self.wall)), QUIET)
        yield self._header(width)
        yield self._legend(width)
        if board.rows:
            yield from self._table(width, height)
        elif board.away_since_ms is None:
            yield from self._nothing()
        if board.rows or board.away_since_ms is None:
            yield from alert_lines(board.alerts, Sheet(width, words, board.redis_now_ms, self.zone))

    def _table(self, width: int, height: int | None) -> Iterable[Text]:
        board, words = self.board, self.words
        context = Context(words, board.target)
        layout = columns(width, (*board.rows, board.total), context)
        rule = Text("─" * _total_width(layout), QUIET)
        room = len(board.rows) if height is None else max(1, height - AROUND_ROWS - bool(self.wall))
        yield _heads(layout, words, width >= FULL)
        yield rule
        for row in board.rows[:room]:
            yield self._row(row, layout, context)
        yield rule
        yield self._total(layout, context)
        yield _left_out(board.rows[room:], board.forgotten, words)

    def _nothing(self) -> Iterable[Text]:
        yield Text(self.words.no_queues)
        if self.board.other_sites:
            yield Text(self.words.other_sites.format(sites=", ".join(map(figures.printable, self.board.other_sites))))

    def _header(self, width: int) -> Text:
        left = Text.assemble(("callpulse ", BOLD), figures.printable(self.site), "  ")
        clock = self._clock()
        counts = _counts(self.board.rows, self.words.states)
        if cell_len(left.plain) + cell_len(counts.plain) + cell_len(clock.plain) >= width:
            counts = _counts(self.board.rows, {})
        return _ends(left.append_text(counts), clock, width)

    def _clock(self) -> Text:
        board, words = self.board, self.words
        if board.at_ms is None:
            return Text(self._ended(), AMBER)
        stale = board.away_since_ms is not None or Row(name="", state=State.OK, age_ms=board.age_ms).stale
        text = words.data_old.format(clock=figures.clock(board.at_ms, self.zone), age=figures.age(board.age_ms))
        return Text(f"▲ {text}", AMBER + BOLD) if stale else Text(text)

    def _ended(self) -> str:
        """There is no data: since when, or that there never was any."""
        board, words = self.board, self.words
        if board.written_ms is None:
            return words.no_data_at_all
        return words.no_data_since.format(clock=figures.since(board.written_ms, board.redis_now_ms, self.zone))

    def _legend(self, width: int) -> Text:
        board, words = self.board, self.words
        if board.away_since_ms is not None:
            return Text(f" ◌ {words.away.format(clock=figures.clock(board.away_since_ms, self.zone))} ", BAND)
        level, threshold = figures.level(board.target.level), f"{board.target.threshold_s:g}"
        return _ends(
            Text(words.legend.format(level=level, threshold=threshold), QUIET), Text(words.leave, QUIET), width
        )

    def _row(self, row: Row, layout: list[Column], context: Context) -> Text:
        if row.state is State.CLOSED and not row.called:
            head = _line(_fitted(column, column.cell(row, context)) for column in layout[:2])
            said = closed_said(row, self.board.redis_now_ms, self.zone, self.words.language)
            return Text.assemble(head, " ", (said, QUIET))
        if row.state not in UNKNOWN:
            return _line(_fitted(column, column.cell(row, context)) for column in layout)
        head = _line(_fitted(column, column.cell(row, context)) for column in layout[:2])
        return Text.assemble(head, " ", (self._silence(row), AMBER))

    def _silence(self, row: Row) -> str:
        words = self.words
        if row.since_ms is None:
            return words.no_data
        sentence = words.silent_since if row.state is State.BLIND else words.no_data_since
        return sentence.format(clock=figures.since(row.since_ms, self.board.redis_now_ms, self.zone))

    def _total(self, layout: list[Column], context: Context) -> Text:
        board, words = self.board, self.words
        cells = [_fitted(column, column.cell(board.total, context)) for column in layout]
        known = words.of_queues.format(known=board.known, all=len(board.rows))
        label = Text.assemble((f"{words.total} ", BOLD), (known, AMBER if board.known < len(board.rows) else QUIET))
        room = layout[0].width + 1 + layout[1].width
        label.truncate(room, overflow="ellipsis", pad=True)
        return _line([label, *cells[2:]])


def _heads(layout: list[Column], words: Words, wide: bool) -> Text:
    heads = (Text("" if c.key == "state" else c.head(words, wide), QUIET) for c in layout)
    return _line(_fitted(column, head) for column, head in zip(layout, heads, strict=True))


def _counts(rows: tuple[Row, ...], words: dict[State, str]) -> Text:
    """How many rows are in each state, the worst first; without words, the unknown states are one."""
    counts = Counter(row.state if words else _SAME_SHAPE.get(row.state, row.state) for row in rows)
    parts = [
        Text(f"{SHAPES[state]} {counts[state]} {words.get(state, '')}".rstrip(), STATE_STYLES[state])
        for state in State
        if counts[state]
    ]
    return Text("  ").join(parts)


def _left_out(rows: tuple[Row, ...], forgotten: int, words: Words) -> Text:
    parts = [
        *([words.more.format(count=len(rows), states=_counts(rows, {}).plain)] if rows else []),
        *([words.forgotten.format(count=forgotten)] if forgotten else []),
    ]
    return Text(" · ".join(parts), QUIET)


def _fitted(column: Column, text: Text) -> Text:
    text = text.copy()
    text.truncate(column.width, overflow="ellipsis")
    missing = " " * (column.width - cell_len(text.plain))
    return Text.assemble(text, missing) if column.left else Text.assemble(missing, text)


def _line(cells: Iterable[Text]) -> Text:
    return Text(" ").join(cells)


def _ends(left: Text, right: Text, width: int) -> Text:
    """One at each end; if there is no room for both, the left one is cut."""
    left.truncate(max(0, width - cell_len(right.plain) - 1), overflow="ellipsis", pad=True)
    return Text.assemble(left, " ", right)


def _total_width(layout: list[Column]) -> int:
    return sum(column.width + 1 for column in layout) - 1
