"""What a board shows, as the page gets it: every text in the reader's language, nothing left to compute but the time.

Sent as JSON; what has its default is left out. Times are ms UTC; shares are 0 to 1.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

Tone = Literal["", "watch", "act"]
State = Literal["act", "watch", "blind", "no_data", "stale", "ok", "closed"]
NOTHING = "–"


class Cell(Struct, frozen=True, omit_defaults=True):
    """A figure. `bold`: off target in a row that is OK. `start_ms`: the page counts m:ss from then on, for as long as
    the data is fresh."""

    text: str = NOTHING
    tone: Tone = ""
    bold: bool = False
    start_ms: int | None = None


class Spark(Struct, frozen=True, omit_defaults=True):
    """One point a minute, the oldest first; None = nothing is known. From 0 to `high`; `bad` = the side of `target`
    that is filled. `labels`: of high and target, and of 0; `said`: the same for who cannot see it."""

    points: tuple[float | None, ...]
    high: float
    said: str
    target: float | None = None
    bad: Literal["above", "below"] = "below"
    labels: tuple[str, str, str] = ("", "", "0")


class Tile(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`lines`: target and n, then how it moved. `why`: in words, where there is no value; `old`: how old it is,
    where that is too old. `short`: the label where the state's word leaves no room for it."""

    id: str
    label: str
    short: str = ""
    window: str = ""
    state: State
    word: str
    value: Cell
    unit: str = ""
    partner_label: str = ""
    partner: Cell | None = None
    partner_unit: str = ""
    lines: tuple[str, ...] = ()
    why: str = ""
    old: str = ""
    spark: Spark | None = None
    definition: str = ""


class Waits(Struct, frozen=True):
    """Places on an axis from 0 to 1, square root of the wait: half and nine tenths of the answered, the longest, T."""

    p50: float
    p90: float
    longest: float
    threshold: float
    said: str


class Bar(Struct, frozen=True, omit_defaults=True):
    """An interval of the day. `share` None = nobody called ("none"), or nothing is known. `start_ms` None: it has not
    come yet, or there is nothing to open (of several queues). `under`: one that runs misses its target, with enough
    evidence to say it aloud."""

    share: float | None
    kind: Literal["met", "missed", "none", "running", "ahead"]
    said: str = ""
    start_ms: int | None = None
    under: bool = False


class Row(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A queue, a site, or the total (`queue` = ""). `cells` by column; `sentence` stands in their place where nothing
    is known. `target`: where it is not the board's, in words; `aim`: the same as a share, for the line through `day`;
    `bands`: when alerts stood, from and until on the axis of `day` (0 to 1), and in words. `board`: of a site, the name
    of the board that shows its queues."""

    queue: str
    state: State
    word: str
    name: str
    target: str = ""
    cells: Mapping[str, Cell] = {}
    n: str = ""
    on: str = ""
    waits: Waits | None = None
    day: tuple[Bar, ...] = ()
    bands: tuple[tuple[float, float, Literal["watch", "act"], str], ...] = ()
    aim: float | None = None
    sentence: str = ""
    board: str = ""


class Line(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An alert: fact, and what to do. `right`: since when, and who has it. `can_take`: nobody has it; `can_mute`: it is
    an alert; `mute`: the id of the mute that this is about."""

    id: str
    state: State
    word: str
    place: str
    fact: str
    action: str = ""
    right: tuple[str, ...] = ()
    can_take: bool = False
    can_mute: bool = False
    mute: str = ""


class Silence(Struct, frozen=True):
    """A mute in force, in words."""

    id: str
    said: str


class Count(Struct, frozen=True):
    """So many rows of a state."""

    state: State
    word: str
    count: int


class Header(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`at_ms`: how far the data reaches, in ms of the site's wall clock when `at_ms + offset_ms` is read as UTC. `age`:
    how old it is, `age_ms` the same in whole seconds, for the page to count on where it hears nothing more."""

    title: str
    subtitle: str = ""
    counts: tuple[Count, ...] = ()
    date: str = ""
    at_ms: int | None = None
    offset_ms: int = 0
    age: str = ""
    age_ms: int | None = None
    stale: bool = False


class PeopleIn(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Agents in one state. `note`: what is said of the `longest` time in it, or the queue of which an alert says so
    (`tone`)."""

    state: str
    word: str
    count: int | None
    note: str = ""
    longest: Cell | None = None
    tone: Tone = ""


class People(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Agents by state; `none` says why there are none to show."""

    title: str
    signed_in: str = ""
    occupancy: str = ""
    states: tuple[PeopleIn, ...] = ()
    none: str = ""


class Interval(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The clock interval that runs, and the day, each with what it takes."""

    title: str
    value: str
    span: str
    sentence: str = ""
    day: str = ""
    day_sentence: str = ""
    bars: tuple[Bar, ...] = ()
    target: float | None = None
    ticks: tuple[tuple[float, str], ...] = ()


class Wall(Struct, frozen=True, kw_only=True):
    """All of a board. `rows` by queue, shown in `order`. `calm`: what the strip says without an alert.

    `heads` by column, from the left: words, and unit. The first two are `state` and `queue`; the page has a width
    for `waiting`, `longest`, `level` (with the row's `n`), `live`, `asa`, `abandoned`, `waits`, `free` (with `on`)
    and `day`; any other is a figure of `cells`. `axes`: ticks of `waits` and `day`, a place from 0 to 1 and its text.
    `words`: what the page says by itself: `disconnected`, `since`, `trying`, `silent` ("silent since {clock}"),
    `data_old` ("data {age} old"), `stale`, `sheet` ("sheet {n} of {all}"), `board` (the same of boards), `more` ("{n}
    more"), `muted`; it has words of its own for what is left out (static/words.js)."""

    language: Literal["en", "nl"]
    header: Header
    strip: tuple[Line, ...]
    calm: str
    mutes: tuple[Silence, ...] = ()
    tiles: tuple[Tile, ...]
    heads: Mapping[str, tuple[str, str]]
    rows: Mapping[str, Row]
    order: tuple[str, ...]
    total: Row
    people: People
    interval: Interval
    words: Mapping[str, str]
    axes: Mapping[str, tuple[tuple[float, str], ...]] = {}
