"""Boards to test and to look at: calm, alert, stale, without data, with 0 to 300 queues, and with cruel names."""

from collections.abc import Callable
from typing import Any

from msgspec import structs

from callpulse.wallboard.shown import Cell, Header, People, Row, State, Wall
from tests.wall.desk import counts, lines, over, rows, say, tile, tiles
from tests.wall.figures import AT_MS, AXES, HEADS, OFFSET_MS, PAGE_WORDS, STATES, Language, queue_row, word
from tests.wall.foot import interval, people

CRUEL = ("<script>alert(1)</script>", "خدمة العملاء", "__proto__", "Å" * 10_000, "Zeer lange naam " * 3)


def wall(language: Language, shown: tuple[Row, ...], state: State = "ok", **more: Any) -> Wall:
    """A board of these rows."""
    known = sum(row.state not in ("no_data", "blind", "closed") for row in shown)
    name = say(language, f"{known} of {len(shown)} queues", f"{known} van {len(shown)} rijen")
    total = queue_row(language, "", "ok", ("6", "3:20", "74", "69", "12", "12"), name=name, n="84", on="31")
    given: dict[str, Any] = {
        "language": language,
        "header": Header(
            title=say(language, "Customer service", "Klantenservice"),
            subtitle=say(language, "team wall", "teamwand"),
            counts=counts(language, shown),
            date=say(language, "Tue 24 Nov", "di 24 nov"),
            at_ms=AT_MS,
            offset_ms=OFFSET_MS,
            age=say(language, "data 2 s old", "data 2 s oud"),
            age_ms=2_000,
        ),
        "strip": lines(language) if state == "act" else (),
        "calm": say(
            language,
            "No alerts. Last: Service, 09:41–09:52, lowest 74 %.",
            "Geen meldingen. Laatste: Service, 09:41–09:52, laagste 74 %.",
        ),
        "tiles": tiles(language, state),
        "heads": HEADS[language],
        "rows": {row.queue: row for row in shown},
        "order": tuple(row.queue for row in shown),
        "total": structs.replace(total, word=say(language, "Total", "Totaal")),
        "people": people(language, state == "act"),
        "interval": interval(language),
        "words": PAGE_WORDS[language],
        "axes": AXES,
    }
    return Wall(**{**given, **more})


def calm(language: Language = "en") -> Wall:
    """All well."""
    return wall(language, rows(language))


def alert(language: Language = "en") -> Wall:
    """A critical alert, a warning, a queue without data and a closed one."""
    return wall(language, rows(language, "act"), "act")


def many_alerts(language: Language = "en") -> Wall:
    """Five alerts, one with a long action."""
    first, second = lines(language)
    long = structs.replace(second, id="long", action=second.action + ", " + first.action + ", " + second.action)
    further = tuple(structs.replace(second, id=f"more-{at}", place=f"Verkoop {at}") for at in range(2))
    return structs.replace(alert(language), strip=(first, long, second, *further))


def stale(language: Language = "en") -> Wall:
    """The data is 26 s old; one alert."""
    board = alert(language)
    age = say(language, "data 26 s old", "data 26 s oud")
    shown = tuple(structs.replace(row, state="stale", word=word(language, "stale")) for row in rows(language))
    header = structs.replace(board.header, age=age, stale=True, counts=counts(language, shown))
    old = {"state": "stale", "word": word(language, "stale"), "old": age}
    told = tuple(structs.replace(each, **old) for each in tiles(language))
    return wall(language, shown, header=header, strip=lines(language)[1:], tiles=told)


def no_data(language: Language = "en") -> Wall:
    """Nothing is known of any queue."""
    sentence = say(language, "NO DATA SINCE 14:03 · 28 min", "GEEN DATA SINDS 14:03 · 28 min")
    shown = tuple(
        structs.replace(row, state="no_data", word=word(language, "no_data"), sentence=sentence)
        for row in rows(language)
    )
    none = tuple(
        tile(language, each.id, each.label, "–", short=each.short, state="no_data", why=sentence)
        for each in tiles(language)
    )
    header = Header(title=calm(language).header.title, counts=counts(language, shown))
    total = structs.replace(calm(language).total, cells={}, n="", on="", waits=None, day=())
    nobody = People(
        title=people(language).title, none=say(language, "no source tells of agents", "geen bron meldt agenten")
    )
    return wall(language, shown, tiles=none, header=header, total=total, people=nobody)


def resolved(language: Language = "en") -> Wall:
    """One alert stands, one has just ended."""
    return structs.replace(alert(language), strip=(lines(language)[0], over(language)))


def closed(language: Language = "en") -> Wall:
    """After hours: every queue with its day, the tiles too."""
    en = "closed since 18:00 · day 84 %, n 312 · opens Mon 08:00"
    nl = "gesloten sinds 18:00 · dag 84 %, n 312 · opent ma 08:00"
    said, state_word = say(language, en, nl), word(language, "closed")
    shown = tuple(structs.replace(row, state="closed", word=state_word, sentence=said) for row in rows(language))
    lines = (tiles(language)[0].lines[0], say(language, "today", "vandaag"))
    kept = {"state": "closed", "word": state_word, "lines": lines, "spark": None, "partner": None, "window": ""}
    board = wall(language, shown, tiles=tuple(structs.replace(each, **kept) for each in tiles(language)))
    past = {"value": "–", "span": "", "sentence": said.split(" · ", maxsplit=1)[0], "day_sentence": ""}
    name = say(language, "7 of 7 queues", "7 van 7 rijen")
    total = structs.replace(board.total, state="closed", sentence=said, name=name)
    return structs.replace(board, total=total, interval=structs.replace(board.interval, **past))


def late(language: Language = "en") -> Wall:
    """After hours; one queue is called all the same."""
    board = closed(language)
    note = say(language, "closed since 18:00, calls come", "gesloten sinds 18:00, nog bellers")
    state_word = word(language, "closed")
    row = queue_row(language, "Storing", "closed", ("1", "0:40", "50", "50", "31", "20"), target=note, n="4")
    waiting = structs.replace(tiles(language)[3], state="closed", word=state_word, value=Cell("1"))
    total = structs.replace(board.total, sentence="", cells=row.cells)
    shown = tuple(waiting if each.id == waiting.id else each for each in board.tiles)
    return structs.replace(board, rows={**board.rows, "Storing": row}, total=total, tiles=shown)


def states(language: Language = "en") -> Wall:
    """A queue and a tile in every state."""
    shown = tuple(queue_row(language, f"in {state}", state) for state in STATES)
    each = tuple(tile(language, state, state, "1", state=state) for state in STATES)
    return wall(language, shown, tiles=each)


def queues(number: int) -> Callable[[Language], Wall]:
    """A board of so many queues: with more than five the first are in act, watch and no_data."""

    def board(language: Language = "en") -> Wall:
        plain = tuple(queue_row(language, f"Queue {at}") for at in range(number))
        return wall(language, (*rows(language, "act")[:3], *plain[3:]) if number > 5 else plain)

    return board


def cruel(language: Language = "en") -> Wall:
    """Names that try to break the page."""
    hard = tuple(queue_row(language, name) for name in CRUEL)
    strip = tuple(structs.replace(line, place=CRUEL[at]) for at, line in enumerate(lines(language)))
    board = wall(language, hard, strip=strip)
    return structs.replace(board, header=structs.replace(board.header, title=CRUEL[0] * 20))


WALLS: dict[str, Callable[[Language], Wall]] = {
    "calm": calm,
    "alert": alert,
    "many_alerts": many_alerts,
    "stale": stale,
    "no_data": no_data,
    "states": states,
    "closed": closed,
    "late": late,
    "resolved": resolved,
    "back": alert,
    "queues_0": queues(0),
    "queues_1": queues(1),
    "queues_5": queues(5),
    "queues_300": queues(300),
    "cruel": cruel,
}
