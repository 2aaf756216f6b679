"""What a board on the wall says where it does not know, and of queues that are called after hours."""

from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from callpulse.board.view import board, of_group
from callpulse.board.words import Language
from callpulse.current.alerts import Alerts
from callpulse.current.fields import Reading
from callpulse.current.reader import Picture
from callpulse.settings import Group
from callpulse.wallboard.boards import Board
from callpulse.wallboard.day import Drawn
from callpulse.wallboard.shown import Wall
from callpulse.wallboard.texts import text_of
from callpulse.wallboard.wall import wall
from tests.core.readings import AT, OPEN, picture, reading

ZONE = ZoneInfo("Europe/Amsterdam")
ALL = Board("all", "Customer service")
SALES = Group(queues=("sa*",))


def shown(seen: Picture, language: Language = "en", of: Board = ALL, *, closed: bool = False) -> Wall:
    state = board(seen, hours=lambda _: OPEN if closed else None)
    return wall(of, state, Drawn(), language, ZONE)


def calm(queues: dict[str, Reading], language: Language = "en", *, closed: bool = False, **more: Any) -> str:
    return shown(picture(queues, alerts=Alerts(), **more), language, closed=closed).calm


def test_that_no_alert_stands_is_said_only_where_it_is_known() -> None:
    old, gone = reading(age_ms=26_000), {"b": AT - 60_000}
    assert calm({"a": reading()}) == "No alert stands"
    assert calm({"a": old}) == "Nobody knows whether an alert stands: data 26 s old"
    assert calm({"a": old}, "nl") == "Niemand weet of er een alarm staat: data 26 s oud"
    assert calm({}) == "Nobody knows whether an alert stands: no data yet"
    assert calm({"a": reading()}, gone=gone) == "No alert stands · nothing is known of 1 of 2 queues"
    silent = {"a": reading(written_ago_ms=0)}
    assert calm(silent, beats={"pbx": AT - 6_000}) == (
        "Nobody knows whether an alert stands: nothing is known of any queue"
    )
    assert calm({"a": reading(age_ms=26_000, offered=0)}, closed=True) == "No alert stands"


def test_a_closed_queue_that_was_called_is_not_calm_where_its_data_is_old_or_gone() -> None:
    assert calm({"a": reading(age_ms=26_000)}, closed=True) == "Nobody knows whether an alert stands: data 26 s old"
    assert calm({"a": reading()}, closed=True) == "No alert stands"
    waits, beats = reading(now_contacts_waiting=1, written_ago_ms=0), {"pbx": AT - 6_000}
    nothing = "Nobody knows whether an alert stands: nothing is known of any queue"
    assert calm({"a": waits}, closed=True, beats=beats) == nothing


@pytest.mark.parametrize(("language", "said"), [("en", "data 12 s old"), ("nl", "data 12 s oud")])
def test_old_figures_of_a_closed_queue_say_so(language: Language, said: str) -> None:
    late, quiet = reading(age_ms=12_000), reading(age_ms=12_000, offered=0)
    found = shown(picture({"late": late, "quiet": quiet}, total=late), language, closed=True)
    assert found.rows["late"].target == said
    assert (found.rows["quiet"].target, found.total.target) == ("", said)
    fresh = shown(picture({"late": reading()}, total=reading()), language, closed=True)
    assert "data" not in fresh.rows["late"].target + fresh.total.target


def test_an_old_tile_says_how_old_it_is() -> None:
    fresh, old = (shown(picture({"a": of}, total=of)).tiles[0] for of in (reading(), reading(age_ms=12_000)))
    assert (fresh.state, fresh.old) == ("ok", "")
    assert (old.state, old.old) == ("stale", "data 12 s old")


def test_the_age_goes_along_in_whole_seconds() -> None:
    assert shown(picture({"a": reading(age_ms=3_700)})).header.age_ms == 3_000


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "NO DATA: the worker has no group crew"), ("nl", "GEEN DATA: de worker kent groep crew niet")],
)
def test_a_group_that_the_worker_does_not_have_is_said_to_be_that(language: Language, said: str) -> None:
    of = Board("s", "Sales", "crew", SALES.holds)
    found = shown(of_group(picture({"sales": reading()}), "crew", SALES.holds), language, of)
    assert {tile.why for tile in found.tiles} == {said}
    assert found.total.sentence == said
    assert said in text_of(found)
    nobody = shown(of_group(picture(gone={"sales": AT - 60_000}), "crew", SALES.holds), of=of)
    assert nobody.tiles[0].why == "NO DATA SINCE 16:59"
    known = msgspec.structs.replace(picture({"sales": reading()}), groups={"crew": reading()})
    assert shown(of_group(known, "crew", SALES.holds), of=of).tiles[0].why == ""


def test_a_queue_that_is_called_after_hours_is_closed_and_shows_its_figures() -> None:
    late = reading(0.2, 30, offered=30, now_contacts_waiting=1, now_longest_wait_start_ms=AT - 20_000, **{
        "day_service_level": 0.84, "day_service_level.n": 312,
    })  # fmt: skip
    found = shown(picture({"late": late}, total=late), closed=True)
    row = found.rows["late"]
    assert (row.state, row.word, row.sentence) == ("closed", "CLOSED", "")
    assert row.target == "closed since 16:00, calls come"
    assert (row.cells["waiting"].text, row.cells["level"].text, row.cells["level"].tone) == ("1", "20", "")
    assert found.total.cells["waiting"].text == "1"
    level, *_, waiting, _ = found.tiles
    assert (level.state, level.value.text) == ("closed", "84")  # of the day: it is over
    assert (waiting.state, waiting.value.text, waiting.partner and waiting.partner.text) == ("closed", "1", "0:20")


def test_who_waits_long_after_hours_is_seen() -> None:
    late = reading(0.2, 30, now_contacts_waiting=1, now_longest_wait_start_ms=AT - 300_000)
    found = shown(picture({"late": late}, total=late), closed=True)
    assert (found.rows["late"].state, found.rows["late"].cells["longest"].tone) == ("act", "act")
    assert [tile.state for tile in found.tiles] == ["closed", "closed", "closed", "act", "closed"]


@pytest.mark.parametrize(
    ("language", "said", "unknown"),
    [
        ("en", "NO DATA SINCE 16:59", "nothing is known of now"),
        ("nl", "GEEN DATA SINDS 16:59", "van nu is niets bekend"),
    ],
)
def test_a_worker_that_stands_still_is_not_a_day_on_which_nobody_called(
    language: Language, said: str, unknown: str
) -> None:
    found = shown(picture(gone={"a": AT - 60_000, "b": AT - 90_000}, alerts=Alerts()), language)
    assert (found.header.age, found.header.stale) == (said, True)
    assert found.calm.endswith(said)
    assert said in text_of(found).splitlines()[0]
    assert (found.interval.value, found.interval.sentence, found.interval.day) == ("–", unknown, "")
    yet = {"en": "nobody called yet", "nl": "nog niemand belde"}[language]
    assert shown(picture({"a": reading()}, total=reading()), language).interval.sentence == yet
