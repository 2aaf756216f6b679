"""An overview: a row for each site in place of its queues. Everything else is that of a board of all queues. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from msgspec import structs

from callpulse.board import figures
from callpulse.board.adding import added, has_sums
from callpulse.board.row import SEVERITY_STATES, TROUBLE, UNKNOWN
from callpulse.board.sites import Site, Sites
from callpulse.board.view import BoardState
from callpulse.board.words import Language
from callpulse.current.alerts import Alerts
from callpulse.current.parts import Parts
from callpulse.wallboard import rows, shown
from callpulse.wallboard.boards import Place
from callpulse.wallboard.day import Day, Drawn, bars
from callpulse.wallboard.shown import Cell, Wall
from callpulse.wallboard.site_words import SITES
from callpulse.wallboard.wall import counted, group_unknown

COLUMNS = ("waiting", "longest", "level", "live", "asa", "abandoned", "free", "day")


def overview(
    base: Wall, places: Mapping[str, Place], state: BoardState, sites: Sites, day: Drawn, zone: ZoneInfo
) -> Wall:
    """`base`: the board of all queues; the same with sites in place of queues."""
    language = base.language
    words = SITES[language]
    frame = rows.frame_of(state, language, zone)
    whole, heads = frame.words.whole_site, base.heads
    found = {each.row.name: each for each in sites.sites}
    named = {name: _row(each, places[name], frame, day.sites.get(name, ())) for name, each in found.items()}
    return structs.replace(
        base,
        header=structs.replace(base.header, counts=counted([each.row.state for each in sites.sites], language)),
        strip=tuple(structs.replace(each, place=words.all) if each.place == whole else each for each in base.strip),
        heads={
            "state": heads["state"],
            "queue": (words.site, heads["queue"][1]),
            "alerts": (words.alerts, ""),
            **{column: heads[column] for column in COLUMNS},
        },
        rows=named,
        order=tuple(named),
        total=_total(base.total, state.alerts, sites.outside, language),
    )


def days_of(sites: Sites, parts: Parts, slots: Sequence[tuple[int, int]], zone: ZoneInfo) -> dict[str, Day]:
    """The bars of each: the tallies of those of its queues that are known, added, each by its own T. None of them
    opens: a tally is kept by queue."""
    found = {}
    for site in sites.sites:
        known = [row.name for row in site.board.rows if row.state not in UNKNOWN]
        days = [parts.intervals[name] for name in known if parts.intervals.get(name)]
        drawn = bars(added(day for day in days if has_sums(day)), slots, site.row.target, zone) if days else ()
        found[site.row.name] = tuple(structs.replace(bar, start_ms=None) for bar in drawn)
    return found


def _row(site: Site, place: Place, frame: rows.Frame, day: Day) -> shown.Row:
    found = rows.row(site.row, frame, day)
    alerts = _alerts(site, frame.language)
    why = group_unknown(site.row.name, site.board, frame) or found.sentence
    sentence = " · ".join(filter(None, (why, alerts))) if why else ""
    return structs.replace(
        found,
        name=figures.printable(place.title),
        target=" · ".join(filter(None, (found.target, *_queues(site, frame)))),
        cells={"alerts": _count(site), **found.cells} if found.cells else {},
        waits=None,
        sentence=sentence,
        board=place.board,
    )


def _queues(site: Site, frame: rows.Frame) -> list[str]:
    """How many queues it has, of how many something is known, and how many of them are in trouble."""
    of, words = Counter(row.state for row in site.board.rows), SITES[frame.language]
    known, all_ = site.board.known, len(site.board.rows)
    many = frame.words.of_queues.format(known=known, all=all_) if known < all_ else _plural(words.queues, all_)
    return [many, *(f"{of[each]} {frame.state_words[each]}" for each in TROUBLE if of[each])]


def _count(site: Site) -> Cell:
    if site.alerts is None:
        return Cell()
    return Cell(figures.count(len(site.alerts)), SEVERITY_STATES[site.alerts[0].severity] if site.alerts else "")


def _alerts(site: Site, language: Language) -> str:
    return _plural(SITES[language].stand, len(site.alerts)) if site.alerts else ""


def _plural(words: tuple[str, str], count: int) -> str:
    return words[count != 1].format(count=count)


def _total(of: shown.Row, alerts: Alerts | None, outside: int, language: Language) -> shown.Row:
    """Of all queues, also those of no site."""
    name = f"{of.name} · {SITES[language].outside.format(count=outside)}" if outside else of.name
    stand = Cell() if alerts is None else Cell(figures.count(len(alerts.standing)))
    return structs.replace(of, name=name, waits=None, cells={"alerts": stand, **of.cells} if of.cells else {})
