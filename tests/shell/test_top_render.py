"""The board as it is drawn: fits, says everything in words, and shows nothing that is not known."""

import io
from datetime import timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from callpulse.alerts.core.message import Brief
from callpulse.alerts.core.mute import Mute
from callpulse.alerts.core.notice import Acknowledgement
from callpulse.board import figures
from callpulse.board.view import board
from callpulse.board.words import Language
from callpulse.current.alerts import Alert, Alerts
from callpulse.current.reader import Picture
from callpulse.top.render import AROUND_ROWS, BoardView
from callpulse.top.words import LANGUAGES
from tests.core.readings import AT, picture, reading

ZONE = timezone(timedelta(hours=1))  # AT is 17:00:00 there
AGENTS: dict[str, Any] = {"now_agents.ready": 1, "now_agents.talking": 9, "now_agents.not_ready": 3}


def a_bad_afternoon() -> Picture:
    return picture(
        {
            "Storing": reading(
                0.1249,
                17,
                service_level_live=0.09,
                asa_s=143.2,
                abandonment_rate=0.22,
                answered=13,
                now_contacts_waiting=6,
                now_longest_wait_start_ms=AT - 200_000,
                **AGENTS,
            ),
            "Verkoop": reading(0.7999, 200, abandonment_rate=0.0361, age_ms=14_000),
            "Spoed": reading(0.93, 28, target_service_level=0.9, target_threshold_s=10),
            "Chat": reading(None, 0, now_contacts_waiting=0),
        },
        gone={"Facturen": AT - 1_500_000},
        total=reading(0.72, 221),
    )


def drawn(
    shown: Picture,
    width: int = 80,
    language: Language = "en",
    height: int | None = None,
    away: int | None = None,
    wall: str = "",
) -> str:
    console = Console(width=width, record=True, force_terminal=True, file=io.StringIO())
    view = BoardView(board(shown, away_since_ms=away), "ams", language, ZONE, wall)
    console.print(view, height=height)
    return console.export_text(styles=False)


def line(text: str, word: str) -> str:
    return next(found for found in text.splitlines() if word in found)


def test_a_small_screen_in_english() -> None:
    assert [found.rstrip() for found in drawn(a_bad_afternoon()).splitlines()] == [
        "callpulse ams  ■ 1 ACT  ◌ 1 NO DATA  ◌ 1 STALE  ● 2 OK    data 16:59:59, 1 s old",
        "last 15 min, target 80 % in 20 s unless shown                      Ctrl-C leaves",
        "          queue         wait  long. SL%   n live   ASA ab.% ans/off  free   age",
        "─" * 79,
        "■ ACT     Storing          6  !3:20 !12  17   !9 !2:23  !22   13/17  1/13   1 s",
        "◌ NO DATA Facturen      NO DATA SINCE 16:35",
        "◌ STALE   Verkoop          –      –  79 200    –     –  3.6   –/200     –  14 s",
        "● OK      Spoed 90/10      –      –  93  28    –     –    –    –/28     –   1 s",
        "● OK      Chat             0      –   –        –     –    –     –/0     –   1 s",
        "─" * 79,
        "total 4 of 5 queues        –      – !72 221    –     –    –   –/221     –   1 s",
        "",
        "no alerts worker",
        "",
    ]


@pytest.mark.parametrize(("language", "said"), [("en", "the wall in a browser"), ("nl", "het bord in een browser")])
def test_where_the_wall_is_stands_above_the_board_and_takes_the_room_of_a_row(language: Language, said: str) -> None:
    url = "http://127.0.0.1:9466/b/floor"
    found = drawn(a_bad_afternoon(), language=language, height=AROUND_ROWS + 5, wall=url).splitlines()
    assert found[0].rstrip() == f"{said}: {url}"
    assert len(found) == AROUND_ROWS + 5
    assert found[1:3] == drawn(a_bad_afternoon(), language=language).splitlines()[:2]
    assert "Chat" not in "".join(found)


def test_a_wide_screen_in_dutch_has_room_for_agents_and_the_day() -> None:
    text = drawn(a_bad_afternoon(), 200, "nl")
    heads = line(text, "wachtrij ").split()
    assert {"wachtend", "servicelevel", "dag", "opgehangen", "gereed", "nawerk", "leeftijd"} <= set(heads)
    assert "GEEN DATA SINDS 16:35" in text
    assert "totaal 4 van 5 rijen" in text
    assert "3,6" in line(text, "Verkoop")
    assert line(text, "Storing").split() == [
        "■", "ACTIE", "Storing", "6", "!3:20", "!12", "17", "!9", "–", "!2:23", "–", "!22", "13/17",
        "1", "–", "9", "–", "–", "3", "1", "s",
    ]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [80, 100, 119, 120, 179, 180, 200, 300])
def test_every_line_fits_and_no_figure_is_cut(width: int, language: Language) -> None:
    text = drawn(a_bad_afternoon(), width, language)
    assert all(cell_len(found) <= width for found in text.splitlines())
    assert "…" not in text


def a_large_centre() -> Picture:
    large = reading(
        0.1249,
        12_345,
        service_level_live=0.09,
        asa_s=3_700,
        abandonment_rate=1.0,
        answered=11_034,
        now_contacts_waiting=1_234,
        now_longest_wait_start_ms=AT - 40_000_000,
        **{"now_agents.ready": 1_200},
    )
    return picture({"Storing": large, "Chat": reading(1.0)}, total=reading(0.72, 112_345, answered=100_000))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [80, 100, 119, 120, 179, 180, 200])
def test_large_figures_leave_out_columns_and_never_digits(width: int, language: Language) -> None:
    text = drawn(a_large_centre(), width, language)
    assert all(cell_len(found) <= width for found in text.splitlines())
    row = line(text, "Storing").split()
    assert {"1234", "!11h06", "!12", "12345", "!9", "!1h01", "!100", "11034/12345"} <= set(row)
    assert "100000/112345" in text.splitlines()[-4].split()


@pytest.mark.parametrize("width", [40, 60, 70])
def test_a_screen_too_narrow_for_all_shows_whole_figures_only(width: int) -> None:
    row = line(drawn(a_large_centre(), width), "Stor").split()
    assert set(row[2:]) <= {"Storing", "Stori…", "1234", "!11h06", "!12", "12345", "!9", "!1h01", "!100", "11034/12345"}


def test_the_figures_that_make_the_state_are_marked_without_colour_too() -> None:
    shown = picture({"Post": reading(0.95, 40, asa_s=70, abandonment_rate=0.04, wait_p90_s=99)})
    row = line(drawn(shown, 120), "Post").split()
    assert row[:3] == ["■", "ACT", "Post"]
    assert [figure for figure in row if figure.startswith("!")] == ["!70"]


def test_a_site_without_queues_is_told_which_there_are() -> None:
    empty = msgspec.structs.replace(picture(), other_sites=("demo", "a\x1b[2J"))
    said = [found.rstrip() for found in drawn(empty).splitlines()]
    assert said[2].startswith("No queue has been seen yet")
    assert said[3] == "CALLPULSE_SITE_NAME chooses the site; this Redis has: demo, a�[2J"
    assert "deze Redis heeft: demo" in drawn(empty, language="nl")


def test_one_level_just_below_its_target_does_not_read_as_met() -> None:
    assert figures.level(0.7999) == "79"
    assert figures.level(0.29) == "29"


def test_when_redis_is_away_the_picture_stays_and_says_so() -> None:
    text = drawn(a_bad_afternoon(), away=AT)
    assert "REDIS DOES NOT ANSWER since 17:00:00" in text
    assert "▲ data 16:59:59" in text
    assert "3:20" in line(text, "Storing")


def test_an_unseen_site_is_said_in_words() -> None:
    assert "No queue has been seen yet" in drawn(picture())
    assert "no data yet" in drawn(picture())
    assert "No queue" not in drawn(picture(), away=AT)


def test_after_hours_of_data_it_says_since_when_there_is_none() -> None:
    head = drawn(picture(gone={"sales": AT - 60_000})).splitlines()[0]
    assert "NO DATA SINCE 16:59" in head
    assert "no data yet" not in head


def test_another_day_is_shown_with_its_date() -> None:
    assert "NO DATA SINCE 2025-11-23 23:50" in drawn(picture(gone={"sales": AT - 62_000_000 + 200_000}))


def test_a_low_screen_shows_the_worst_and_counts_the_rest() -> None:
    queues = {f"queue {i}": reading(0.95) for i in range(30)} | {"burning": reading(0.1)}
    text = drawn(picture(queues), height=20)
    assert len(text.splitlines()) == 20
    assert text.count("queue ") - 1 == 20 - AROUND_ROWS - 1
    assert "■ ACT     burning" in text
    assert "20 more: ● 20" in text


def test_a_queue_that_is_forgotten_is_still_counted() -> None:
    assert "1 without data for more than a day" in drawn(picture({"q": reading()}, gone={"old": 0}))


@pytest.mark.parametrize(
    "name", ["\x1b[2J\x1b]0;gotcha\x07", "a\nb", "[red]x[/red]", "\u202etxt", "名前" * 30, "\x9b1m"]
)
def test_a_name_from_outside_cannot_do_anything_to_the_terminal(name: str) -> None:
    for width in (80, 200):
        text = drawn(picture({name: reading()}), width)
        assert all(char.isprintable() or char == "\n" for char in text)
        assert all(cell_len(found) <= width for found in text.splitlines())
    assert figures.printable(name)[:3] in text


@given(st.text(max_size=50), st.integers(40, 250), st.sampled_from(sorted(LANGUAGES)))
def test_whatever_the_name_the_board_keeps_its_shape(name: str, width: int, language: Language) -> None:
    lines = drawn(picture({name: reading(0.5)}, total=reading()), width, language).splitlines()
    assert len(lines) == 10
    assert all(cell_len(found) <= width for found in lines)


def an_alert(queue: str, **more: Any) -> Alert:
    known = {"severity": "warning", "onset_ms": AT - 180_000, "rules": ("long_wait",), "id": queue, "told": True}
    return Alert(queue=queue, **{**known, "said": said_of("longest wait: 42 s"), **more})


def said_of(fact: str) -> dict[str, Brief]:
    return dict.fromkeys(LANGUAGES, Brief(f"Warning: here, {fact}", fact, ""))


def alert_lines(alerts: Alerts | None, width: int = 80, language: Language = "en") -> list[str]:
    text = drawn(picture({"q": reading()}, total=reading(), alerts=alerts), width, language)
    return [found.rstrip() for found in text.splitlines()[-2:]]


MUTE = Mute(id="m", rule="*", queue="s*", by="Ans", why="drill", from_ms=AT, until_ms=AT + 1_800_000)


def test_the_worst_alert_is_told_first_with_who_has_it() -> None:
    taken = an_alert("sales", acknowledged=Acknowledgement(by="Ans", at_ms=AT))
    worse = an_alert("help", severity="critical", told=False, said={})
    rows = {"alert:sales": taken, "alert:help": worse, "alert:rest": an_alert("rest", severity="none")}
    assert alert_lines(Alerts(rows=rows)) == [
        "■ ACT help  long_wait" + " " * 36 + "since 16:57, shown only",
        "▲ WATCH sales  longest wait: 42 s" + " " * 22 + "since 16:57, taken by Ans",
    ]
    assert alert_lines(Alerts(rows={"alert:sales": taken}, mutes={"m": MUTE}), language="nl") == [
        "▲ LET OP sales  longest wait: 42 s" + " " * 16 + "sinds 16:57, opgepakt door Ans",
        "stil tot 17:30 door Ans: wachtrij s*",
    ]


def test_more_alerts_than_lines_are_counted_and_named() -> None:
    rows = {f"alert:{name}": an_alert(name, onset_ms=AT + n) for n, name in enumerate("abcd")}
    site = an_alert("", onset_ms=AT + 9, said=said_of("data stands still"))
    first, second = alert_lines(Alerts(rows={**rows, "site:no_data": site}))
    assert first.startswith("▲ WATCH a  longest wait: 42 s")
    assert second == "▲ 4 more: b, c, d, the whole site"


def test_that_everything_is_muted_is_said_beside_any_number_of_alerts() -> None:
    rows = {f"alert:{name}": an_alert(name, onset_ms=AT + n) for n, name in enumerate("abcd")}
    mutes = {"m": MUTE, "n": msgspec.structs.replace(MUTE, id="n", queue="*", until_ms=AT + 3_600_000)}
    first, second = alert_lines(Alerts(rows=rows, mutes=mutes), 100)
    assert first.startswith("▲ WATCH a  longest wait: 42 s")
    assert second == "muted until 18:00 by Ans: queue * · muted until 17:30 by Ans: queue s*"


def test_without_alerts_it_says_why() -> None:
    assert alert_lines(None) == ["no alerts worker", ""]
    assert alert_lines(None, language="nl") == ["geen worker voor alarmen", ""]
    assert alert_lines(Alerts()) == ["no alert stands", ""]
    muted = {"m": MUTE, "n": msgspec.structs.replace(MUTE, id="n", rule="late", queue="*", until_ms=AT)}
    assert alert_lines(Alerts(mutes=muted), 100) == [
        "no alert stands",
        "muted until 17:00 by Ans: rule late · muted until 17:30 by Ans: queue s*",
    ]
    assert alert_lines(Alerts(unread=2))[1] == "2 alerts that only another version of callpulse can read"


@given(st.text(max_size=50), st.text(max_size=50), st.integers(40, 250), st.sampled_from(sorted(LANGUAGES)))
def test_whatever_an_alert_says_its_lines_fit(name: str, said: str, width: int, language: Language) -> None:
    taken = Acknowledgement(by=said, at_ms=AT)
    rows = {"alert:1": an_alert(name, said=said_of(said + name), acknowledged=taken), "alert:2": an_alert(said)}
    mute = msgspec.structs.replace(MUTE, rule=name, queue=said)
    for alerts in (Alerts(rows=rows), Alerts(rows={**rows, "alert:3": an_alert(name)}), Alerts(mutes={"m": mute})):
        lines = alert_lines(alerts, width, language)
        assert all(cell_len(found) <= width and found.isprintable() for found in lines)


def test_old_data_wears_amber_and_a_state_is_never_colour_alone() -> None:
    console = Console(width=80, force_terminal=True, color_system="standard", file=io.StringIO())
    with console.capture() as capture:
        console.print(BoardView(board(a_bad_afternoon()), "ams", "en", ZONE))
    text = capture.get()
    amber = "\x1b[1;33m"
    assert f"{amber}14 s\x1b[0m" in text
    assert "32m" not in text  # nothing is green
    for shape, word in (("■", "ACT"), ("◌", "NO DATA"), ("◌", "STALE"), ("●", "OK")):
        assert f"{shape} {word}" in text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0, "0"), (47.4, "47"), (99.6, "1:40"), (143, "2:23"), (3_700, "1h01"), (36_000, "10h00")],
)
def test_seconds(value: float | None, text: str) -> None:
    assert figures.seconds(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0, "0"), (0.0361, "3,6"), (0.0996, "10"), (0.22, "22"), (1, "100"), (0.0994, "9,9")],
)
def test_shares(value: float | None, text: str) -> None:
    assert figures.share(value, ",") == text


@pytest.mark.parametrize(
    ("ms", "text"),
    [(None, "–"), (0, "0 s"), (14_999, "14 s"), (130_000, "2 min"), (7_300_000, "2 h"), (200_000_000, "2 d")],
)
def test_ages(ms: int | None, text: str) -> None:
    assert figures.age(ms) == text
