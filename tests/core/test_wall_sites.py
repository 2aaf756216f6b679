"""An overview of sites: a row for each, of added tallies, worse where an alert stands, nothing that is not known."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpulse.board.row import State
from callpulse.board.sites import Sites, sites
from callpulse.board.view import FORGOTTEN_MS, board
from callpulse.board.words import Language
from callpulse.current.alerts import Alert, Alerts
from callpulse.current.fields import Reading
from callpulse.current.parts import Interval, Parts
from callpulse.current.reader import Picture
from callpulse.settings import Group
from callpulse.settings.hours import OpeningHours, hours_of
from callpulse.wallboard.boards import Board, Place
from callpulse.wallboard.day import drawn
from callpulse.wallboard.shown import Wall
from callpulse.wallboard.sites import days_of, overview
from callpulse.wallboard.texts import text_of
from callpulse.wallboard.wall import wall
from tests.core.readings import AT, picture, reading
from tests.core.test_wall import ZONE

PLACES = {
    "ams": Place("Amsterdam", Group(queues=("a*",)).holds, "amsterdam"),
    "rtm": Place("rtm", Group(queues=("r*",)).holds),
}
HOLDS = {name: place.holds for name, place in PLACES.items()}
BOTH = {"a1": reading(0.9, 10), "a2": reading(0.9, 30), "r1": reading(0.9, 10)}


def seen(queues: dict[str, Reading] | None = None, groups: dict[str, Reading] | None = None, **more: Any) -> Picture:
    of = {"ams": reading(0.9, 40), "rtm": reading(0.9, 10)} if groups is None else groups
    return msgspec.structs.replace(picture(BOTH if queues is None else queues, **more), groups=of)


def shown(of: Picture, language: Language = "en", parts: Parts | None = None) -> Wall:
    state, found = board(of), sites(of, HOLDS)
    day = drawn(parts or Parts(), state, ZONE)
    day = day._replace(sites=days_of(found, parts or Parts(), day.slots, ZONE))
    return overview(wall(Board("all", "Land"), state, day, language, ZONE), PLACES, state, found, day, ZONE)


def firing(queue: str, severity: Any = "critical") -> Alerts:
    return Alerts(rows={f"alert:{queue}": Alert(queue=queue, severity=severity, onset_ms=AT - 60_000, id="1")})


def test_a_site_has_the_figures_of_its_added_tallies_and_its_own_board() -> None:
    found = shown(seen(groups={"ams": reading(0.9, 40, asa_s=8.0, now_contacts_waiting=3)}))
    ams = found.rows["ams"]
    assert (ams.name, ams.board, ams.state, ams.word, ams.target) == ("Amsterdam", "amsterdam", "ok", "OK", "2 queues")
    assert (ams.cells["level"].text, ams.n, ams.cells["waiting"].text, ams.cells["asa"].text) == ("90", "40", "3", "8")
    assert list(found.heads)[:4] == ["state", "queue", "alerts", "waiting"]
    assert (found.heads["queue"][0], "waits" in found.heads) == ("Site", False)
    assert (found.total.name, [(each.state, each.count) for each in found.header.counts]) == (
        "3 of 3 queues", [("no_data", 1), ("ok", 1)],
    )  # fmt: skip


def test_a_site_whose_group_nobody_writes_has_no_figures() -> None:
    rtm = shown(seen(groups={"ams": reading(0.9, 40)})).rows["rtm"]
    assert (rtm.state, rtm.cells, rtm.sentence, rtm.board) == (
        "no_data",
        {},
        "NO DATA: the worker has no group rtm",
        "",
    )


def test_the_worst_site_is_first_and_an_alert_on_one_of_its_queues_makes_it_worse() -> None:
    assert shown(seen()).order == ("ams", "rtm")
    found = shown(seen(alerts=firing("r1")))
    assert (found.order, found.rows["rtm"].state) == (("rtm", "ams"), "act")
    assert [(found.rows[name].cells["alerts"].text, found.rows[name].cells["alerts"].tone) for name in found.order] == [
        ("1", "act"), ("0", ""),
    ]  # fmt: skip
    assert shown(seen(alerts=firing("r1", "warning"))).rows["rtm"].state == "watch"
    assert shown(seen()).rows["rtm"].cells["alerts"].text == "–"  # nobody watches


def test_a_site_that_is_closed_stays_so_unless_somebody_calls_and_an_alert_stands() -> None:
    nights = hours_of(OpeningHours(mon=("22:00-23:00",)), "Europe/Amsterdam")

    def state(offered: int, alerts: Alerts | None) -> State:
        calls = reading(0.9, 10, offered=offered)
        of = seen({"r1": calls}, {"rtm": calls}, alerts=alerts)
        return sites(of, {"rtm": HOLDS["rtm"]}, hours=lambda _: nights).sites[0].row.state

    assert [state(0, firing("r1")), state(3, None), state(3, firing("r1"))] == [State.CLOSED, State.CLOSED, State.ACT]


@pytest.mark.parametrize(
    ("wait_ms", "threshold_s", "state"),
    [(50_000, None, State.CLOSED), (90_000, None, State.WATCH), (300_000, None, State.ACT), (95_000, 10, State.ACT)],
)
def test_a_closed_site_is_as_bad_as_who_waits_longest_in_it(
    wait_ms: int, threshold_s: int | None, state: State
) -> None:
    """By the T of all its queues, and by each queue's own."""
    nights = hours_of(OpeningHours(mon=("22:00-23:00",)), "Europe/Amsterdam")
    waits = {"now_contacts_waiting": 1, "now_longest_wait_start_ms": AT - wait_ms}
    own = reading(0.9, 10, target_threshold_s=threshold_s, **waits)
    of = seen({"r1": own}, {"rtm": reading(0.9, 10, **waits)})
    site = sites(of, {"rtm": HOLDS["rtm"]}, hours=lambda _: nights).sites[0]
    assert (site.row.state, site.board.rows[0].state) == (state, state)


def test_trouble_of_the_whole_installation_is_of_all_sites_and_makes_none_worse() -> None:
    found = shown(seen(alerts=Alerts(rows={"site:x": Alert(queue="", severity="critical", onset_ms=AT, id="1")})))
    assert ({row.state for row in found.rows.values()}, found.strip[0].place) == ({"ok"}, "All sites")
    assert found.rows["ams"].cells["alerts"].text == "0"
    total = shown(seen(total=reading(0.9, 50), alerts=firing("r1"))).total
    assert (total.cells["alerts"].text, total.cells["level"].text) == ("1", "90")


def test_queues_in_trouble_and_without_data_are_said_beside_the_name() -> None:
    found = shown(seen({**BOTH, "a1": reading(0.2, 60)}, gone={"a3": AT - 120_000})).rows["ams"]
    assert (found.state, found.target) == ("ok", "2 of 3 queues · 1 ACT")


def test_a_site_of_which_nothing_is_known_says_since_when_and_what_stands() -> None:
    gone = {"r1": AT - 1_680_000}
    found = shown(seen({"a1": reading(0.9, 10)}, gone=gone, alerts=firing("r1")), "nl")
    rtm = found.rows["rtm"]
    assert (rtm.state, rtm.cells, rtm.target) == ("no_data", {}, "0 van 1 rijen")
    assert rtm.sentence.startswith("GEEN DATA SINDS 16:32")
    assert rtm.sentence.endswith("1 alarm")
    assert "GEEN DATA SINDS" in text_of(found)


def test_a_queue_of_no_site_is_counted_beside_the_total() -> None:
    assert shown(seen({**BOTH, "x": reading()})).total.name == "4 of 4 queues · 1 of no site"
    gone = {"y": AT - 60_000, "z": AT - FORGOTTEN_MS}  # without data, and forgotten
    assert shown(seen({**BOTH, "x": reading()}, gone=gone)).total.name == "4 of 5 queues · 2 of no site"
    assert shown(seen(gone=gone), "nl").total.name.endswith("3 van 4 rijen · 1 van geen locatie")


def interval(at: int, met: int, n: int) -> Interval:
    start_ms = AT - (2 - at) * 1_800_000
    return Interval(start_ms=start_ms, end_ms=start_ms + 1_800_000, offered=n, level=met / n, level_n=n)


def test_the_day_of_a_site_is_added_not_averaged_and_nothing_of_it_opens() -> None:
    parts = Parts(
        intervals={
            "a1": (interval(0, 1, 1),),
            "a2": (interval(0, 30, 99),),
            "r1": (interval(0, 0, 1), interval(1, 9, 10)),
        }
    )
    found = shown(seen(), parts=parts)
    assert [bar.share for bar in found.rows["ams"].day] == [0.31, None]
    assert [bar.share for bar in found.rows["rtm"].day] == [0.0, 0.9]
    assert {bar.start_ms for row in found.rows.values() for bar in row.day} == {None}


def test_a_site_keeps_its_place_while_it_is_only_a_little_worse() -> None:
    def at(now_ms: int, rtm: float, before: Sites | None) -> Sites:
        of = {"ams": reading(0.7, 5, now_ms=now_ms), "rtm": reading(rtm, 5, now_ms=now_ms)}
        queues = {name: reading(0.9, 5, now_ms=now_ms) for name in BOTH}
        return sites(msgspec.structs.replace(picture(queues, now_ms=now_ms), groups=of), HOLDS, before)

    first = at(AT, 0.9, None)
    second = at(AT + 5_000, 0.5, first)
    assert [each.row.name for each in (*first.sites, *second.sites)] == ["ams", "rtm"] * 2
    third = at(AT + 31_000, 0.5, at(AT + 15_000, 0.5, second))
    assert [each.row.name for each in third.sites] == ["rtm", "ams"]


@pytest.mark.parametrize("away_ms", [31_000, 3_600_000])
def test_where_redis_is_away_for_longer_than_a_value_lives_no_site_has_one(away_ms: int) -> None:
    of = msgspec.structs.replace(seen(), redis_now_ms=AT + away_ms)
    found = sites(of, HOLDS, None, AT)
    assert {each.row.state for each in found.sites} == {State.NO_DATA}


states = st.sampled_from([0.2, 0.7, 0.9, None])


@given(states, states, st.sampled_from(["a1", "r1", ""]), st.sampled_from(["warning", "critical"]))
def test_an_alert_makes_no_site_better(ams: float | None, rtm: float | None, queue: str, severity: str) -> None:
    groups = {name: reading(level, 40) for name, level in (("ams", ams), ("rtm", rtm)) if level is not None}
    calm = {each.row.name: each.row.state for each in sites(seen(groups=groups), HOLDS).sites}
    rank = list(State).index
    for each in sites(seen(groups=groups, alerts=firing(queue, severity)), HOLDS).sites:
        assert rank(each.row.state) <= rank(calm[each.row.name])
