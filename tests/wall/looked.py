"""An interval of a made day, as the server tells it."""

from typing import Any
from zoneinfo import ZoneInfo

from callpulse.board.view import board
from callpulse.current.parts import Interval, Parts, Wait
from callpulse.stream.core.kpis import Policy
from callpulse.wallboard.back import Asked, back
from callpulse.wallboard.back_words import BACK
from callpulse.wallboard.day import drawn
from callpulse.wallboard.printed import Of, Printed, printed
from tests.core.readings import picture, reading
from tests.wall.figures import AT_MS, DAY_MS, HALF_MS, Language

ZONE = ZoneInfo("Europe/Amsterdam")
LAST = 12  # the one that runs


def interval(place: int) -> Interval:
    """The half hour with that place in the day."""
    return Interval(
        start_ms=DAY_MS + place * HALF_MS, end_ms=DAY_MS + (place + 1) * HALF_MS, offered=32, answered=27,
        answered_within_t=24, abandoned=3, abandoned_within_t=2, abandoned_short=1, exited=2, exits={"key": 2},
        handled=26, level=24 / 32, level_n=32, asa_s=14.2, abandonment_rate=3 / 32, aht_s=251.0,
        provisional=place == LAST,
    )  # fmt: skip


def looked_back(queue: str, start_ms: int, language: Language = "en") -> dict[str, Any] | None:
    """None where no interval begins then."""
    day = [interval(place) for place in range(LAST + 1)]
    worst = (
        Wait("1795526-77", 200_000, "waiting", DAY_MS + LAST * HALF_MS + 60_000),
        Wait("<b>1795525</b>", 143_000, "abandoned", DAY_MS + LAST * HALF_MS + 300_000),
    )
    found = back(Asked(queue, Policy(), language, ZONE), day, start_ms, worst)
    return None if found is None else {"back": found, "words": BACK[language].page}


def printed_day(language: Language = "en") -> Printed:
    """Two queues of this day."""
    state = board(picture({"Storing": reading(now_ms=AT_MS), "Facturen": reading(now_ms=AT_MS)}, now_ms=AT_MS))
    day = tuple(interval(place) for place in range(LAST + 1))
    parts = Parts(intervals={"Storing": day, "Facturen": day})
    of = Of("ams", "Klantenservice", lambda _: Policy(), language, ZONE)
    return printed(of, state, parts.intervals, drawn(parts, state, ZONE, DAY_MS + 20 * HALF_MS))
