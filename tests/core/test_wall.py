"""What a board on the wall shows of what was read: every state, both languages, nothing where nothing is known."""

from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from callpulse.alerts.core.message import Brief
from callpulse.alerts.core.mute import Mute
from callpulse.alerts.core.notice import Acknowledgement
from callpulse.board.adding import MINUTE_MS
from callpulse.board.row import State
from callpulse.board.view import board, of_group
from callpulse.board.words import Language
from callpulse.current.alerts import Alert, Alerts, Ended
from callpulse.current.fields import Reading
from callpulse.current.parts import Agent, Parts
from callpulse.current.reader import Picture
from callpulse.settings import Group
from callpulse.wallboard.boards import Board
from callpulse.wallboard.day import Drawn, drawn
from callpulse.wallboard.shown import Cell, Wall
from callpulse.wallboard.wall import changes, wall
from tests.core.readings import AT, picture, reading

ZONE = ZoneInfo("Europe/Amsterdam")
ALL = Board("all", "Customer service")
SALES = Group(queues=("sa*",))
MINUTE = AT - AT % MINUTE_MS


def shown(seen: Picture, language: Language = "en", parts: Parts | None = None, of: Board = ALL) -> Wall:
    state = board(seen)
    return wall(of, state, drawn(parts or Parts(), state, ZONE), language, ZONE)


def busy(**more: Any) -> Reading:
    return reading(0.9, 40, service_level_live=0.88, asa_s=8.0, abandonment_rate=0.031, answered=36, **more)


def test_a_tile_has_its_value_its_unit_its_target_and_its_n() -> None:
    level, asa, abandoned, waiting, handle = shown(picture({"a": busy()}, total=busy(now_contacts_waiting=3))).tiles
    assert (level.value.text, level.unit, level.state, level.word) == ("90", "%", "ok", "OK")
    assert (level.partner_label, level.partner and level.partner.text) == ("live, now", "88")
    assert level.lines == ("target ≥ 80 % in 20 s · n 40",)
    assert (asa.value.text, asa.unit, asa.lines) == ("8", "s", ("target ≤ 20 s · n 36",))
    assert (abandoned.value.text, abandoned.lines) == ("3.1", ("target ≤ 5 % · n 40",))
    assert (waiting.value.text, waiting.partner and waiting.partner.text) == ("3", "–")
    assert (handle.value.text, handle.unit, handle.why) == ("–", "", "no calls in 15 min")


def test_dutch_has_its_own_words_and_its_own_comma() -> None:
    found = shown(picture({"a": busy()}, total=busy()), "nl")
    assert (found.tiles[0].label, found.tiles[2].value.text) == ("Servicelevel", "3,1")
    assert found.rows["a"].cells["abandoned"].text == "3,1"
    assert (found.header.date, found.calm) == ("ma 24 nov", "Niemand kijkt: er draait geen worker voor alarmen")


def test_where_nothing_is_known_no_last_value_is_shown() -> None:
    found = shown(picture({"a": busy()}, gone={"b": AT - 1_680_000}))
    assert [(tile.state, tile.value.text, tile.why) for tile in found.tiles] == [("no_data", "–", "NO DATA")] * 5
    assert found.rows["b"].sentence == "NO DATA SINCE 16:32 · 28 min · nobody knows who waits"
    known = shown(picture({"a": busy()}, total=busy(), gone={"b": AT - 1_680_000})).rows["b"].sentence
    assert known == f"{found.rows['b'].sentence} · totals: what came before"
    assert (found.rows["b"].cells, found.total.name, found.total.cells) == ({}, "1 of 2 queues", {})
    assert found.people.none == "no agent's state is known"


def test_a_site_of_which_nothing_was_ever_heard_says_so() -> None:
    found = shown(picture())
    assert (found.header.age, found.header.at_ms, found.header.stale) == ("no data yet", None, True)
    assert (found.order, found.total.name) == ((), "0 of 0 queues")


def test_colour_follows_the_state_and_what_only_misses_its_target_is_bold() -> None:
    few, many = reading(0.7, 5, asa_s=30.0), reading(0.3, 60, asa_s=70.0)
    rows = shown(picture({"few": few, "many": many})).rows
    assert (rows["few"].state, rows["few"].cells["level"].bold, rows["few"].cells["level"].tone) == ("ok", True, "")
    assert (rows["many"].state, rows["many"].cells["level"].tone, rows["many"].cells["asa"].tone) == ("act",) * 3


def test_old_data_is_stale_and_never_just_well() -> None:
    found = shown(picture({"a": busy(age_ms=12_000)}, total=busy(age_ms=12_000)))
    assert (found.header.age, found.header.stale) == ("data 12 s old", True)
    assert {tile.state for tile in found.tiles} == {"stale"}


def test_a_redis_that_does_not_answer_is_said_in_the_strip() -> None:
    state = board(picture({"a": busy()}), None, AT - 60_000)
    found = wall(ALL, state, Drawn(), "en", ZONE)
    assert (found.strip[0].place, found.strip[0].word) == ("Redis", "BLIND")
    assert found.strip[0].fact == "does not answer since 16:59: picture from then, trying again"
    assert found.header.stale
    never = wall(ALL, board(picture(), None, AT), Drawn(), "en", ZONE)
    assert never.strip[0].fact == "does not answer: nothing has been seen yet, trying again"


def test_that_everything_is_muted_stands_under_the_worst_alert() -> None:
    mute = Mute(id="m", rule="*", queue="*", by="Ans", why="drill", from_ms=AT, until_ms=AT + 1_800_000)
    rows = {f"alert:{q}": Alert(queue=q, severity="warning", onset_ms=AT, id=q) for q in "abc"}
    found = shown(picture({"a": busy()}, alerts=Alerts(rows=rows, mutes={"m": mute}, unread=2)))
    assert [(line.place, line.word) for line in found.strip][:2] == [("a", "WATCH"), ("The whole site", "MUTED")]
    assert found.strip[1].fact == "everything muted until 17:30 by Ans: drill"
    assert found.calm == "2 alerts that only another version of callpulse can read"


def test_an_alert_is_a_line_with_what_to_do() -> None:
    said = {"en": Brief("…", "Service level 12 % (target 80 %)", "With 3 more: 84 %."), "nl": Brief("…", "x", "y")}
    taken = Acknowledgement(by="Ans", at_ms=AT)
    rows = {
        "alert:a": Alert(queue="a", severity="critical", onset_ms=AT, id="1", said=said, told=True, acknowledged=taken),
        "alert:b": Alert(queue="b", severity="warning", onset_ms=AT, id="2", rules=("late",)),
        "alert:c": Alert(queue="c", severity="none"),
    }
    first, second = shown(picture({"a": busy()}, alerts=Alerts(rows=rows))).strip
    assert (first.state, first.place, first.fact, first.action) == (
        "act", "a", "Service level 12 % (target 80 %)", "With 3 more: 84 %."
    )  # fmt: skip
    assert (first.right, first.can_take) == (("since 17:00", "taken: Ans 17:00"), False)
    assert (second.fact, second.right, second.can_take) == ("late", ("since 17:00", "shown only"), True)


def test_an_alert_that_is_muted_says_until_when_and_by_whom() -> None:
    def alert(rules: tuple[str, ...]) -> Alert:
        return Alert(queue="a", severity="warning", onset_ms=AT, id="1", rules=rules, told=True)

    mute = Mute(id="m", rule="late", queue="a", by="Ans", why="x", from_ms=AT, until_ms=AT + 1_800_000)
    for rules, said in ((("late",), ("since 17:00", "muted until 17:30 by Ans")), (("late", "lost"), ("since 17:00",))):
        alerts = Alerts(rows={"alert:a": alert(rules)}, mutes={"m": mute})
        assert shown(picture({"a": busy()}, alerts=alerts)).strip[0].right == said


def test_without_an_alert_it_says_so_and_what_is_muted() -> None:
    mute = Mute(id="m", rule="*", queue="s*", by="Ans", why="drill", from_ms=AT, until_ms=AT + 1_800_000)
    assert (
        shown(picture({"a": busy()}, alerts=Alerts(mutes={"m": mute}))).calm
        == "No alert stands · s* muted until 17:30 by Ans"
    )


def ended(queue: str, ago_ms: int, id_: str = "e") -> Ended:
    end = AT - 1_000 - ago_ms
    said: dict[str, str] = {"en": "over after 11 min", "nl": "over na 11 min"}
    return Ended(id=id_, queue=queue, onset_ms=end - 660_000, ended_ms=end, said=said)


def test_an_alert_that_is_over_keeps_a_row_for_a_minute_and_is_then_the_last_one() -> None:
    def both(ago_ms: int, **more: Any) -> tuple[list[tuple[str, str, str]], str]:
        alerts = Alerts(ended=(ended("help", ago_ms), ended("old", 7_200_000, "o")), **more)
        found = shown(picture({"help": busy()}, alerts=alerts))
        return [(line.place, line.word, line.fact) for line in found.strip], found.calm

    last = "No alert stands · last: help 16:47–16:58, over after 11 min"
    assert both(59_000)[0] == [("help", "OVER", "over after 11 min")]
    assert both(60_000) == ([], last)
    again = {"alert:help": Alert(queue="help", severity="warning", id="e")}
    assert [line[:2] for line in both(30_000, rows=again)[0]] == [("help", "WATCH")]
    elsewhere = shown(
        picture({"sales": busy()}, alerts=Alerts(ended=(ended("help", 0),))), of=Board("s", "Sales", "s", SALES.holds)
    )
    assert (elsewhere.strip, elsewhere.calm) == ((), "No alert stands")


def test_a_state_of_agents_says_the_longest_in_it_and_is_coloured_only_when_an_alert_names_it() -> None:
    here = {"now_agents.ready": 2, "now_agents.not_ready": 4, "now_agents.hold": 0}
    parts = Parts(
        agents={
            "a": (Agent("1", "not_ready", AT - 70_000), Agent("2", "ready", AT - 5_000), Agent("5", "hold", AT)),
            "b": (Agent("1", "not_ready", AT - 70_000), Agent("3", "not_ready", AT - 801_000)),
            "gone": (Agent("4", "ready", AT - 9_000_000),),
        }
    )
    seen = picture({"a": busy(), "b": busy()}, total=busy(**here), gone={"gone": AT - 60_000})
    ready, hold, away = shown(seen, parts=parts).people.states
    assert (away.note, away.longest, away.tone) == ("max", Cell("13:20", start_ms=AT - 801_000), "")
    assert (ready.note, ready.longest) == ("max", Cell("0:04", start_ms=AT - 5_000))
    assert (hold.note, hold.longest) == ("", None)
    missing = Alert(queue="a", severity="critical", id="1", cause="agents_missing")
    named = msgspec.structs.replace(seen, alerts=Alerts(rows={"alert:a": missing}))
    *_, away = shown(named, parts=parts).people.states
    assert (away.note, away.tone) == ("a", "act")


def test_a_board_of_a_group_has_its_queues_its_total_and_its_alerts_alone() -> None:
    alerts = Alerts(rows={f"alert:{q}": Alert(queue=q, severity="warning", id=q) for q in ("sales", "help")})
    whole = picture({"sales": busy(), "help": busy()}, total=busy(now_contacts_waiting=9), alerts=alerts)
    whole = msgspec.structs.replace(whole, groups={"s": busy(now_contacts_waiting=2)})
    found = shown(of_group(whole, "s", SALES.holds), of=Board("s", "Sales", "s", SALES.holds))
    assert (found.order, found.total.name, found.tiles[3].value.text) == (("sales",), "1 of 1 queues", "2")
    assert [line.place for line in found.strip] == ["sales"]


def test_every_column_is_one_that_the_page_has_a_width_for() -> None:
    found = shown(picture({"a": busy()}), "nl")
    assert list(found.heads) == [
        "state", "queue", "waiting", "longest", "level", "live", "asa", "abandoned", "waits", "free", "day",
    ]  # fmt: skip
    assert found.rows["a"].cells.keys() < found.heads.keys()
    assert {"disconnected", "since", "trying", "sheet", "more", "muted", "now", "ago"} <= found.words.keys()


def test_a_queue_that_is_stale_counts_no_wait_on() -> None:
    waiting = {"now_contacts_waiting": 1, "now_longest_wait_start_ms": AT - 30_000}
    fresh, stale = (shown(picture({"a": busy(age_ms=age, **waiting)})).rows["a"] for age in (1_000, 12_000))
    assert (fresh.cells["longest"].start_ms, stale.cells["longest"].start_ms) == (AT - 30_000, None)


def test_what_it_takes_to_make_it_is_reckoned_from_those_who_came() -> None:
    def both(met: int, n: int) -> tuple[str, str]:
        fields = {f"{window}.service_level{end}": value for window in ("interval", "day")
                  for end, value in (("", met / n), (".n", n))}  # fmt: skip
        total = msgspec.structs.replace(busy(), values={**busy().values, **fields})
        found = shown(picture({"a": busy()}, total=total)).interval
        return found.sentence, f"{found.day} · {found.day_sentence}"

    def sentence(met: int, n: int) -> str:
        return both(met, n)[0]

    assert both(7, 10)[1] == "day 70 % · n 10 · the next 5 in time bring it back"

    assert sentence(8, 10) == "0 more misses fit"
    assert sentence(95, 100) == "18 more misses fit"
    assert sentence(7, 10) == "the next 5 in time bring it back"


# -- changes


def applied(before: Wall, new: dict[str, Any] | None) -> Any:
    """What a page has after it was told."""
    told = msgspec.json.decode(msgspec.json.encode(before))
    new = msgspec.json.decode(msgspec.json.encode(new or {}))
    tiles, rows = new.pop("tiles", {}), new.pop("rows", {})
    told |= new
    told["tiles"] = [tiles.get(tile["id"], tile) for tile in told["tiles"]]
    told["rows"] = {name: row for name, row in {**told["rows"], **rows}.items() if row is not None}
    return told


LEVELS = st.dictionaries(
    st.sampled_from("abcd"), st.tuples(st.floats(0, 1), st.integers(0, 50), st.integers(0, 60_000))
)


@given(LEVELS, LEVELS, st.sampled_from(["en", "nl"]))
def test_who_is_told_the_changes_has_the_board(
    was: dict[str, tuple[float, int, int]], now: dict[str, tuple[float, int, int]], language: Language
) -> None:
    before, after = (
        shown(picture({q: reading(level, n, age_ms=age) for q, (level, n, age) in each.items()}), language)
        for each in (was, now)
    )
    assert applied(before, changes(before, after)) == msgspec.json.decode(msgspec.json.encode(after))
    assert changes(after, after) is None


def test_a_board_of_one_queue_whose_source_is_silent_shows_nothing_in_its_tiles() -> None:
    """A board of another shape has no row that would say it."""
    told = picture({"a": reading(0.9, 40)}, total=reading(0.9, 40), beats={"pbx": AT - 60_000})
    state = board(told)
    assert [row.state for row in state.rows] == [State.BLIND]
    found = wall(ALL, state, drawn(Parts(), state, ZONE), "en", ZONE)
    assert (found.tiles[0].state, found.tiles[0].value.text) == ("blind", "–")
    assert found.total.name == "0 of 1 queues"


def test_of_a_redis_that_is_away_nothing_is_shown_after_thirty_seconds() -> None:
    readings = {"a": reading(0.2, 40), "b": reading(0.9, 40)}
    before = board(picture(readings, total=reading(0.5, 80)))
    for away_ms, state in ((29_000, State.ACT), (3_600_000, State.NO_DATA)):
        aged = board(picture(readings, total=reading(0.5, 80), now_ms=AT + away_ms), before, away_since_ms=AT)
        assert {row.name: row.state for row in aged.rows}["a"] is state
    found = wall(ALL, aged, drawn(Parts(), aged, ZONE), "en", ZONE)
    assert {tile.value.text for tile in found.tiles} == {"–"}
    assert "NO DATA SINCE 16:59" in found.rows["b"].sentence
    assert found.header.stale
