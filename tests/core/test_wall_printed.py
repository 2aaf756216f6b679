"""The day on paper: a sheet a queue, its intervals and their sum, and what the figures mean."""

from callpulse.board.view import board
from callpulse.current.parts import Interval, Parts
from callpulse.stream.core.kpis import Policy
from callpulse.wallboard.day import drawn
from callpulse.wallboard.printed import Of, Printed, printed
from tests.core.readings import AT, picture, reading
from tests.core.test_wall import ZONE
from tests.wall.figures import Language

HALF_MS = 1_800_000


def interval(place: int, **more: object) -> Interval:
    start = AT + (place - 3) * HALF_MS
    return Interval(start_ms=start, end_ms=start + HALF_MS, **more)  # type: ignore[arg-type]


BUSY = {
    "offered": 10, "answered": 8, "answered_within_t": 6, "abandoned": 2, "level": 0.6, "level_n": 10, "asa_s": 10.0,
    "abandonment_rate": 0.2, "aht_s": 240.0, "handled": 8,
}  # fmt: skip
QUIET = {"offered": 2, "answered": 2, "answered_within_t": 2, "level": 1.0, "level_n": 2, "asa_s": 110.0, "handled": 0}
DAY = (interval(0, level_n=0), interval(1, **BUSY), interval(2, level_n=0), interval(3, **QUIET, provisional=True))


def made(language: Language = "en", day: tuple[Interval, ...] = DAY) -> Printed:
    state = board(picture({"sales": reading(0.9), "<b>": reading(0.9)}))
    parts = Parts(intervals={"sales": day})
    of = Of("ams", "Floor", lambda _: Policy(threshold_s=30, boundary="lt"), language, ZONE)
    return printed(of, state, parts.intervals, drawn(parts, state, ZONE))


def test_a_queue_has_a_sheet_with_its_intervals_and_their_sum() -> None:
    found = made()
    assert (found.title, found.site, found.date) == ("Floor · Day by interval", "ams", "Mon 24 Nov 2025")
    assert found.as_of == "as of 16:59:59"
    sales = next(sheet for sheet in found.sheets if sheet.name == "sales")
    assert sales.rows == (
        ("16:00–16:30", "10", "8", "6", "2", "0", "0", "60", "10", "10", "20", "4:00"),
        ("16:30–17:00", "0", "0", "0", "0", "0", "0", "–", "0", "–", "–", "–"),
        ("17:00–17:30 *", "2", "2", "2", "0", "0", "0", "100", "2", "1:50", "–", "–"),
        ("Day *", "12", "10", "8", "2", "0", "0", "66", "12", "30", "17", "4:00"),
    )
    assert {len(row) for row in sales.rows} == {len(found.heads)}
    assert (sales.target, sales.aim) == ("target 80 % in 30 s", 0.8)
    assert sales.note == "* provisional: not everybody's call has ended"
    assert sales.definition == "Service level: A_T / (A + B + X); _T: < 30 s; B_s: abandoned in less than 5 s."
    assert [bar.kind for bar in sales.bars] == ["missed", "none", "running"]


def test_a_queue_of_which_nothing_is_known_has_a_sheet_that_says_so() -> None:
    other = next(sheet for sheet in made("nl").sheets if sheet.name == "<b>")
    assert (other.rows, other.note) == ((), "Vandaag heeft niemand gebeld, of er is niets van bekend.")


def test_dutch_paper_has_dutch_figures() -> None:
    few = (interval(1, **{**BUSY, "abandonment_rate": 0.031}),)
    (row, _), *_ = [sheet.rows for sheet in made("nl", few).sheets if sheet.rows]
    assert row[10] == "3,1"
    assert made("nl").date == "ma 24 nov 2025"
