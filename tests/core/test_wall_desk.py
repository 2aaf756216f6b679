"""What the supervisor's board shows of one queue: nothing that is not known, and a ledger that adds up."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from callpulse.board.view import board
from callpulse.board.words import Language
from callpulse.current.alerts import Alert, Alerts, Ended
from callpulse.current.fields import Reading
from callpulse.current.parts import Agent, Interval, Parts, Wait
from callpulse.current.reader import Picture
from callpulse.wallboard.desk import desk
from callpulse.wallboard.desk_shown import Desk
from callpulse.wallboard.desk_tables import unended
from callpulse.wallboard.shown import Cell
from tests.core.readings import AT, picture, reading
from tests.core.test_wall import ZONE

HALF = 1_800_000


def shown(seen: Picture, parts: Parts | None = None, language: Language = "en") -> Desk:
    found = desk(board(seen), parts or Parts(), "a", lambda queue: queue == "a", language, ZONE)
    assert found is not None
    return found


def busy(**more: Any) -> Reading:
    fields = {"service_level_live": 0.7, "asa_s": 25.0, "abandonment_rate": 0.031, "occupancy": 0.86, **more}
    return reading(0.75, 40, now_contacts_waiting=2, now_longest_wait_start_ms=AT - 31_000, **fields)


def interval(at: int, **more: Any) -> Interval:
    return Interval(start_ms=AT - HALF * (2 - at), end_ms=AT - HALF * (1 - at), **more)


def texts(cells: tuple[Cell, ...]) -> list[str]:
    return [cell.text for cell in cells]


def test_a_figure_has_its_value_its_target_and_its_n() -> None:
    level, live, asa, abandoned, waiting, longest, aht, occupancy = shown(picture({"a": busy()})).figures
    assert (level.label, level.value.text, level.unit) == ("Service level", "75", "%")
    assert level.lines == ("target ≥ 80 % in 20 s", "n 40")
    assert (live.value.text, live.lines) == ("70", ("target ≥ 80 %", "n 40"))
    assert (asa.value.text, asa.unit, asa.lines) == ("25", "s", ("target ≤ 20 s", "n 40"))
    assert (abandoned.value.text, abandoned.lines) == ("3.1", ("target ≤ 5 %", "n 40"))
    assert (waiting.value.text, longest.value.text, longest.value.start_ms) == ("2", "0:31", AT - 31_000)
    assert (aht.value, aht.unit, aht.lines) == (Cell(), "", ())
    assert (occupancy.value.text, occupancy.unit) == ("86", "%")


def test_dutch_has_its_own_words_and_its_own_comma() -> None:
    found = shown(picture({"a": busy()}), Parts(worst={"a": (Wait("c", 5_000, "lost", AT),)}), "nl")
    assert (found.figures[0].label, found.figures[0].lines[0]) == ("Servicelevel", "doel ≥ 80 % in 20 s")
    assert (found.figures[3].value.text, found.intervals.none) == ("3,1", "nog niemand belde")
    assert texts(found.worst.rows[0]) == ["c", "0:05", "onbekend", "16:59:55"]


def test_what_misses_its_target_is_coloured_in_a_row_that_is_well() -> None:
    found = shown(picture({"a": reading(0.7, 5, asa_s=8.0)}))
    assert (found.state, found.figures[0].value.tone, found.figures[2].value.tone) == ("ok", "watch", "")


def test_nothing_is_known_of_now_where_there_is_no_data_and_what_is_over_stays() -> None:
    parts = Parts(
        intervals={"a": (interval(0, offered=3, answered=3), interval(1, offered=2, provisional=True))},
        worst={"a": (Wait("c1", 9_000, "waiting", AT),)},
        agents={"a": (Agent("x", "ready", AT),)},
    )
    found = shown(picture(gone={"a": AT - 1_680_000}), parts)
    assert (found.state, found.word, found.target) == ("no_data", "NO DATA", "")
    assert found.sentence.startswith("NO DATA SINCE 16:32")
    assert {(each.value.text, each.lines) for each in found.figures} == {("–", ())}
    assert [texts(row)[0] for row in found.intervals.rows] == ["16:00–16:30"]
    assert (found.worst.rows, found.worst.none, found.agents.rows) == ((), "nothing is known of now", ())


def test_old_data_does_not_count_on() -> None:
    parts = Parts(worst={"a": (Wait("c", 9_000, "waiting", AT),)}, agents={"a": (Agent("x", "ready", AT - 70_000),)})
    fresh, old = (shown(picture({"a": busy(age_ms=age_ms)}), parts) for age_ms in (1_000, 12_000))
    for found, counts in ((fresh, True), (old, False)):
        cells = found.figures[5].value, found.worst.rows[0][1], found.agents.rows[0][2]
        assert [cell.start_ms is not None for cell in cells] == [counts] * 3
        assert all(cell.text != "–" for cell in cells)


def test_an_interval_has_its_ledger_and_a_second_formula() -> None:
    over = interval(0, offered=10, answered=7, answered_within_t=6, abandoned=2, exited=1, level=0.6, level_n=10,
                    asa_s=104.0, abandonment_rate=0.2)  # fmt: skip
    runs = interval(1, offered=4, abandoned=1, provisional=True)
    found = shown(picture({"a": busy()}), Parts(intervals={"a": (interval(-3), over, runs)})).intervals
    assert found.heads[3] == "in 20 s"
    assert [texts(row) for row in found.rows] == [
        ["16:30–17:00 *", "4", "0", "0", "1", "0", "0", "3", "–", "–", "–", "–", "–"],
        ["16:00–16:30", "10", "7", "6", "2", "1", "0", "0", "60 %", "85 %", "1:44", "20 %", "–"],
    ]
    assert [cell.tone for cell in found.rows[1]] == [*[""] * 8, "watch", "", "watch", "watch", ""]
    assert found.note.endswith("residual 0")


def test_a_ledger_that_does_not_add_up_is_said() -> None:
    day = interval(0, offered=10, answered=7), interval(1, offered=2, answered=3, provisional=True)
    found = shown(picture({"a": busy()}), Parts(intervals={"a": day})).intervals
    assert found.note.endswith("residual 3")
    assert [(row[7].text, row[7].tone) for row in found.rows] == [("-1", "act"), ("3", "act")]


counts = st.integers(0, 50)


@given(counts, counts, counts, counts, counts)
def test_who_has_no_outcome_waits(answered: int, abandoned: int, exited: int, lost: int, waits: int) -> None:
    offered = answered + abandoned + exited + lost + waits
    of = interval(1, offered=offered, answered=answered, abandoned=abandoned, exited=exited, lost=lost)
    assert unended(of) == waits


def test_waits_are_by_contact_the_longest_first() -> None:
    waits = Wait("short", 4_000, "answered", AT), Wait("long", 200_000, "waiting", AT - 200_000)
    found = shown(picture({"a": busy()}), Parts(worst={"a": waits})).worst
    assert [texts(row) for row in found.rows] == [
        ["long", "3:20", "waiting now", "16:56:40"],
        ["short", "0:04", "answered", "16:59:56"],
    ]
    assert [(row[1].tone, row[1].start_ms) for row in found.rows] == [("act", AT - 200_000), ("", None)]


times = st.integers(0, AT) | st.integers(-(10**18), 10**18)
told = st.fixed_dictionaries({"wait_ms": times, "at_ms": times, "outcome": st.sampled_from(["waiting", "answered"])})


@given(told)
def test_a_wait_that_cannot_be_is_refused_and_every_other_is_shown(told: dict[str, Any]) -> None:
    raw = msgspec.json.encode({"contact_id": "c", **told})
    try:
        wait = msgspec.json.decode(raw, type=Wait)
    except msgspec.ValidationError:
        return
    assert len(shown(picture({"a": busy()}), Parts(worst={"a": (wait,)})).worst.rows) == 1


def test_agents_are_by_state_with_their_reason_the_longest_first() -> None:
    present = (
        Agent("a-1", "ready", AT - 5_000), Agent("a-2", "not_ready", AT - 10_000, "lunch"),
        Agent("a-3", "not_ready", AT - 61_000), Agent("a-4\x1b", "strange", AT - 2_000),
    )  # fmt: skip
    found = shown(picture({"a": busy()}), Parts(agents={"a": present})).agents
    assert [texts(row)[:2] for row in found.rows] == [
        ["a-3", "not ready"], ["a-2", "not ready · lunch"], ["a-1", "ready"], ["a-4�", "strange"]
    ]  # fmt: skip
    assert (found.note, found.rows[0][1].tone, found.rows[2][1].tone) == ("4 signed in", "watch", "")


def test_what_happened_is_of_the_queues_of_the_board_the_newest_first() -> None:
    rows = {f"alert:{queue}": Alert(queue=queue, severity="critical", onset_ms=AT - 60_000, id=queue) for queue in "ab"}
    over = {"en": "over"}
    ended = tuple(
        Ended(id=each, queue=each, onset_ms=AT - 900_000, ended_ms=AT - 600_000, said=over) for each in ("", "c")
    )
    found = shown(picture({"a": busy()}, alerts=Alerts(rows=rows, ended=ended))).happened
    assert [texts(row) for row in found.rows] == [["16:59", "ACT", "a"], ["16:50", "OVER", "The whole site, over"]]


def test_whether_an_alert_stands_is_said_in_the_words_of_the_strip() -> None:
    seen = picture({"a": busy()}, alerts=Alerts())
    assert shown(seen).happened.none == "No alert stands"
    assert shown(picture({"a": busy()})).happened.none == "Nobody watches: no alerts worker runs"
    said: tuple[tuple[Language, str, str, str], ...] = (
        ("en", "Nobody knows whether an alert stands: data 26 s old", "NO DATA SINCE 16:32", "2 alerts"),
        ("nl", "Niemand weet of er een alarm staat: data 26 s oud", "GEEN DATA SINDS 16:32", "2 alarmen"),
    )
    for language, old, none, unread in said:
        late = picture({"a": busy(age_ms=26_000)}, alerts=Alerts())
        assert shown(late, language=language).happened.none == old
        nothing = picture(gone={"a": AT - 1_680_000}, alerts=Alerts())
        assert none in shown(nothing, language=language).happened.none
        unknown = shown(picture({"a": busy()}, alerts=Alerts(unread=2)), language=language).happened
        assert unknown.none.startswith(unread)
        assert unknown.rows == ()


def test_alerts_that_cannot_be_read_are_told_beside_those_that_can() -> None:
    row = Alert(queue="a", severity="warning", onset_ms=AT - 60_000, id="1")
    found = shown(picture({"a": busy()}, alerts=Alerts(rows={"alert:a": row}, unread=2))).happened
    assert (len(found.rows), "2 alerts" in found.note) == (1, True)


def test_a_queue_that_the_board_does_not_have_is_none() -> None:
    assert desk(board(picture({"a": busy()})), Parts(), "b", lambda _: True, "en", ZONE) is None
