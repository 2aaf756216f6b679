"""A desk of seven queues, told in two languages: its tiles, alerts and rows."""

from functools import partial
from typing import Any

from msgspec import structs

from callpulse.wallboard.shown import Cell, Count, Line, Row, State, Tile
from tests.wall.figures import AT_MS, STATES, Language, day, queue_row, spark, waits, word


def say(language: Language, en: str, nl: str) -> str:
    """In the language of the reader."""
    return nl if language == "nl" else en


def tile(language: Language, id_: str, label: str, value: str, unit: str = "", **more: Any) -> Tile:
    """A tile that is OK, unless told otherwise."""
    state: State = more.pop("state", "ok")
    return Tile(id=id_, label=label, state=state, word=word(language, state), value=Cell(value), unit=unit, **more)


def tiles(language: Language, state: State = "ok") -> tuple[Tile, ...]:
    """Five; with `state` act, three of them are in trouble."""
    bad = state == "act"

    told = partial(say, language)

    lines = (
        told("target ≥ 80 % in 20 s · n 84", "doel ≥ 80 % in 20 s · n 84"),
        told("▾ 14 pts in 15 min", "▾ 14 %-punt in 15 min"),
    )
    share = ("", "80 %", "0")
    return (
        tile(
            language,
            "level",
            told("Service level", "Servicelevel"),
            "74" if bad else "93",
            "%",
            state="watch" if bad else "ok",
            short=told("Level", "SL"),
            window="15 min",
            partner_label=told("live, now", "live, nu"),
            partner=Cell("69" if bad else "90"),
            partner_unit="%",
            lines=lines,
            spark=spark(0.9, 0.74 if bad else 0.93, 1, 0.8, share),
            definition=told("Answered within 20 s, of all offered", "Beantwoord binnen 20 s, van alle aangeboden"),
        ),
        tile(
            language,
            "asa",
            told("Avg wait (ASA)", "Wachttijd (ASA)"),
            "12",
            "s",
            short="ASA",
            lines=(told("target ≤ 20 s · n 74", "doel ≤ 20 s · n 74"), told("▴ 9 s in 15 min", "▴ 9 s in 15 min")),
            spark=spark(6, 12, 40, 20, ("40 s", "20 s", "0"), above=True),
        ),
        tile(
            language,
            "abandoned",
            told("Abandoned", "Opgehangen"),
            "12" if bad else told("1.2", "1,2"),
            "%",
            state="act" if bad else "ok",
            lines=(told("target < 5 % · n 84", "doel < 5 % · n 84"), "▴ 7 pts in 15 min"),
            spark=spark(0.02, 0.12 if bad else 0.012, 0.15, 0.05, ("15 %", "5 %", "0"), above=True),
        ),
        tile(
            language,
            "waiting",
            told("Waiting now", "In de wacht"),
            "6" if bad else "3",
            state="act" if bad else "ok",
            partner_label=told("longest, m:ss", "langste, m:ss"),
            partner=Cell("3:20", start_ms=AT_MS - 200_000) if bad else Cell("0:37", start_ms=AT_MS - 37_000),
            lines=(
                told("longest in Storing", "langste in Storing"),
                told("target longest ≤ 1:00 min", "doel langste ≤ 1:00 min"),
            ),
            spark=spark(30, 200 if bad else 37, 300, 60, ("5:00", "1:00", "0"), above=True),
        ),
        tile(
            language,
            "aht",
            told("Handle time (AHT)", "Afhandeltijd (AHT)"),
            "4:11",
            partner_label="FCR 7 d",
            partner=Cell("78"),
            partner_unit="%",
            lines=("plan 4:30 min · n 72", told("FCR n 1,204", "FCR n 1.204")),
            spark=spark(250, 251, 480, 270, ("8:00", "4:30", "0"), above=True),
        ),
    )


def lines(language: Language) -> tuple[Line, ...]:
    """A critical alert, and a warning."""

    told = partial(say, language)

    return (
        Line(
            id="storing",
            state="act",
            word=word(language, "act"),
            place="Storing",
            fact=told(
                "12 % in time, n 17 · 4 of 9 agents lost 14:14", "12 % op tijd, n 17 · 4 van 9 agenten weg 14:14"
            ),
            action=told(
                "+3 agents restore 80/20 within 10 min: 2 Verkoop, 1 Spoed",
                "+3 agenten: 80/20 terug binnen 10 min: 2 Verkoop, 1 Spoed",
            ),
            right=(told("since 14:17", "sinds 14:17"), told("taken: Ans 14:19", "opgepakt: Ans 14:19")),
            can_mute=True,
        ),
        Line(
            id="service",
            state="watch",
            word=word(language, "watch"),
            place="Service",
            fact=told("78 % in time, n 32 · calls 1.3 × forecast", "78 % op tijd, n 32 · aanbod 1,3 × prognose"),
            action=told(
                "+1 agent until 15:00, or move the 14:45 break to 15:15",
                "+1 agent tot 15:00, of pauze van 14:45 naar 15:15",
            ),
            right=(told("since 14:29", "sinds 14:29"),),
            can_take=True,
            can_mute=True,
        ),
    )


def over(language: Language) -> Line:
    """An alert that has just ended."""
    fact = say(
        language,
        "over after 11 min, service level at worst 74 %, 9 not served as promised",
        "over na 11 min, servicelevel op zijn ergst 74 %, 9 niet volgens belofte",
    )
    return Line(id="over", state="ok", word="OVER", place="Service", fact=fact, right=("14:20–14:31",))


def rows(language: Language, state: State = "ok") -> tuple[Row, ...]:
    """Seven queues; with `state` act, one is in act, one in watch, one without data and one closed."""
    if state == "ok":
        names = (
            "Service",
            "Storing",
            "Verkoop",
            "Verhuizing, opzegging en klachten (Zuid)",
            "Facturen",
            "Zakelijk",
            "Spoed",
        )
        return tuple(queue_row(language, name) for name in names)

    told = partial(say, language)

    storing = queue_row(
        language,
        "Storing",
        "act",
        ("6", "3:20", "12", "9", "69", "47"),
        {"longest": "act", "level": "act", "live": "act", "asa": "act", "abandoned": "act"},
        waits=waits(25, 110, 200),
        day=day(running=0.2),
        bands=((0.2, 0.25, "watch", "10:30–11:00"), (0.57, 0.6, "watch", "14:12–14:17"), (0.6, 0.65, "act", "14:17–")),
        n="17",
        on="5",
    )
    longest = Cell("3:20", "act", start_ms=AT_MS - 200_000)
    return (
        structs.replace(storing, cells={**storing.cells, "longest": longest, "free": Cell("0")}),
        queue_row(
            language,
            "Service",
            "watch",
            ("0", "–", "78", "78", "10", "6.2"),
            {"level": "watch", "live": "watch", "abandoned": "watch"},
            waits=waits(1, 40, 62),
            n="32",
            on="10",
        ),
        queue_row(
            language,
            "Facturen",
            "no_data",
            sentence=told(
                "NO DATA SINCE 14:03 · 28 min · nobody knows who waits · totals: what came before",
                "GEEN DATA SINDS 14:03 · 28 min · onbekend wie er wacht · niet in de totalen",
            ),
        ),
        queue_row(language, "Verkoop"),
        queue_row(language, "Verhuizing, opzegging en klachten (Zuid)", target="80/30", n="9"),
        queue_row(language, "Spoed", target="90/10", aim=0.9, n="7", on="3"),
        queue_row(
            language,
            "Zakelijk",
            "closed",
            sentence=told(
                "since 14:30 · today 89 % of 225 · abandoned 3.1 % · opens Wed 09:00",
                "sinds 14:30 · vandaag 89 % van 225 · opgehangen 3,1 % · opent wo 09:00",
            ),
        ),
    )


def counts(language: Language, shown: tuple[Row, ...]) -> tuple[Count, ...]:
    """By state, the worst first."""
    of = {state: sum(row.state == state for row in shown) for state in STATES}
    return tuple(Count(state, word(language, state), number) for state, number in of.items() if number)
