"""What `callpulse backtest` says of a made log and of a real one."""

import json
from pathlib import Path

import pytest

from callpulse.alerts.core.engine import Engine
from callpulse.alerts.core.lifecycle import Sight, Transition
from callpulse.alerts.core.moment import Moment
from callpulse.alerts.core.queue_alert import Change
from callpulse.alerts.core.rules import NOW
from callpulse.alerts.planning import plan_of
from callpulse.backtest.as_json import to_json
from callpulse.backtest.books import Books
from callpulse.backtest.playing import Played, Player
from callpulse.backtest.recording import ALL, Span, read
from callpulse.backtest.run import Report, Request, backtest, idle, rule_sets
from callpulse.backtest.totals import Total, totals
from callpulse.settings import Settings, SettingsError
from callpulse.sources.reading import SourceOptions
from callpulse.stream.core import snapshot
from callpulse.stream.core.events import Event, Heartbeat
from callpulse.stream.core.snapshot import WindowReader
from callpulse.stream.core.wire import encode
from tests import made_log
from tests.figures import ASTERISK
from tests.timeline import ms_of, time_of

SETTINGS = Settings()
HURT = 56  # T passes from the onset (09:22:20) on for who called from 09:22:00 to 09:49:30
CALM = '[alerts]\ncapacity = false\n[alerts.rules.abandonment]\nfor = "10m"\n'
OWN = """
[alerts]
default_rules = false
[alerts.rules.empty]
kpi = "contacts_waiting"
side = "above"
critical = { enter = 0.5, clear = 0.5 }
for = "0s"
keep_firing = "0s"
"""


def report(
    path: Path, source: str = "events", files: tuple[Path, ...] = (), pictures: bool = False, span: Span = ALL
) -> Report:
    recording = read(source, path, SourceOptions(), lambda _: None, span)
    request = Request(rules=rule_sets(files, SETTINGS), pictures=pictures)
    return backtest(recording, request, SETTINGS, lambda _: None)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return made_log.written(tmp_path / "made.jsonl")


def rules_file(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


# -- one set of rules


def test_trouble_is_told_with_its_times_and_a_queue_that_is_well_is_not(made: Path) -> None:
    found = report(made)
    (alert,) = found.outcomes[0].alerts
    assert (alert.queue, alert.severity, alert.rule) == ("help", "critical", "abandonment")
    assert set(alert.rules) == {"abandonment", "abandonment_severe", "service_level", "harm"}
    assert ms_of(made_log.BAD_FROM) < alert.from_ms < ms_of("09:25")
    assert alert.onset_ms == alert.from_ms - 120_000
    assert ms_of(made_log.BAD_TO) < (alert.to_ms or 0) < ms_of("10:10")
    assert [told.kind for told in alert.told] == ["firing", "resolved"]
    assert (alert.worst, alert.unit) == (1.0, "ratio")
    assert alert.hurt == HURT


def test_what_is_only_shown_has_its_numbers_too(made: Path, tmp_path: Path) -> None:
    quiet = '[alerts.rules.abandonment]\nalone_after = "2h"\n[alerts.rules.abandonment_severe]\nenabled = false\n'
    quiet += "[alerts.rules.service_level]\nenabled = false\n[alerts]\ncapacity = false\n"
    (alert,) = report(made, files=(rules_file(tmp_path, "quiet.toml", quiet),)).outcomes[0].alerts
    assert (alert.told, alert.rules, alert.worst) == ((), ("abandonment",), 1.0)
    assert alert.hurt == HURT


def test_totals_follow_from_the_changes(made: Path) -> None:
    (outcome,) = report(made).outcomes
    (alert,) = outcome.alerts
    lasted = (alert.to_ms or 0) - alert.from_ms
    assert outcome.totals["abandonment"] == Total(1, lasted, lasted, 0)
    assert outcome.totals["capacity"] == outcome.totals["site_trouble"] == Total(0, 0, 0, 0)


def change(rule: str, queue: str, time: str, new: int) -> Change:
    return Change(queue, rule, "kpi", Transition(ms_of(time), 0, new, "held"))  # type: ignore[arg-type]


def test_an_onset_soon_after_the_end_before_in_the_same_queue_is_a_flap() -> None:
    story = [
        change("a", "x", "09:00", 1), change("a", "x", "09:05", 2), change("a", "y", "09:10", 1),
        change("a", "x", "09:20", 0), change("a", "y", "09:21", 0), change("a", "x", "09:30", 1),
        change("a", "x", "09:31", 0), change("a", "x", "09:42", 1),
    ]  # fmt: skip
    minute = 60_000
    assert totals(story, ["a", "b"], ms_of("10:00")) == {
        "a": Total(4, (20 + 11 + 1 + 18) * minute, 20 * minute, 1),
        "b": Total(0, 0, 0, 0),
    }


def test_what_lasts_beyond_the_log_has_no_end() -> None:
    found = report(ASTERISK, "queue_log")
    assert {alert.to_ms for alert in found.outcomes[0].alerts} == {None}
    assert {alert.queue for alert in found.outcomes[0].alerts} == {"sales", "support"}
    assert (found.looks, len(found.recording.events)) == (278, 2722)


def test_many_queues_in_trouble_at_once_are_told_as_the_site(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    path.write_bytes(b"".join(made_log.written(path, f"fine{n}", f"help{n}").read_bytes() for n in range(3)))
    alerts = report(path).outcomes[0].alerts
    site = [alert for alert in alerts if not alert.queue]
    assert [(each.rule, each.queues) for each in site] == [("site_trouble", ("help0", "help1", "help2"))]
    assert site[0].told[0].kind == "firing"
    assert all(each.of_site or each.told for each in alerts if each.queue)
    assert any(each.of_site for each in alerts)


def test_a_file_without_events_has_no_look(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    found = report(empty, "queue_log")
    assert (found.looks, found.first_ms, found.outcomes[0].alerts) == (0, 0, [])
    assert json.loads(to_json(found, "UTC"))["from"] is None


def test_of_heartbeats_the_last_says_how_long_the_log_goes_on(made: Path) -> None:
    one = report(made)
    beats = [Heartbeat(at=ms_of(time), source="made") for time in ("10:50", "11:00", "09:30")]
    made.write_bytes(b"".join(encode(beat) + b"\n" for beat in beats) + made.read_bytes())
    found = report(made)
    assert (time_of(one.last_ms), time_of(found.last_ms)) == ("10:31:40", "11:00:10")
    assert len(found.recording.events) == len(one.recording.events) + 1
    assert found.outcomes == one.outcomes


def test_a_span_is_played_as_if_there_were_nothing_else(made: Path, tmp_path: Path) -> None:
    span = Span(ms_of("09:10"), ms_of("09:45"))
    found = report(made, span=span)
    path = tmp_path / "part.jsonl"
    path.write_bytes(b"".join(encode(event) + b"\n" for event in made_log.events() if span.holds(event.at)))
    assert found.outcomes == report(path).outcomes
    assert found.recording.outside == len(made_log.events()) - len(found.recording.events)
    assert [alert.to_ms for alert in found.outcomes[0].alerts] == [None]


# -- several


def test_two_files_are_tried_side_by_side(made: Path, tmp_path: Path) -> None:
    files = (rules_file(tmp_path, "now.toml", ""), rules_file(tmp_path, "calm.toml", CALM))
    first, second = report(made, files=files).outcomes
    assert (first.name, second.name) == ("now.toml", "calm.toml")
    assert "capacity" in first.totals
    assert "capacity" not in second.totals
    begins = [
        min(c.transition.at_ms for c in outcome.changes if c.rule == "abandonment") for outcome in (first, second)
    ]
    assert begins[1] - begins[0] == 8 * 60_000
    alone = report(made, files=files[:1]).outcomes[0]
    assert (alone.alerts, alone.changes) == (first.alerts, first.changes)


def test_a_rule_about_a_queue_that_the_log_does_not_have_is_named(made: Path, tmp_path: Path) -> None:
    file = rules_file(
        tmp_path, "own.toml", OWN.replace("[alerts.rules.empty]", '[alerts.rules.empty]\nqueues = ["hlep"]')
    )
    request = Request(rules=rule_sets((file,), SETTINGS))
    (said,) = idle(request, report(made, files=(file,)))
    assert said.startswith("own.toml: rule empty: this log has no queue hlep; expected the name of a queue")
    assert "help" in said
    assert not [*idle(Request(rules=rule_sets((), SETTINGS)), report(made))]


def test_files_of_one_name_are_named_by_their_path(made: Path, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    files = (rules_file(tmp_path, "x.toml", ""), rules_file(tmp_path / "b", "x.toml", ""))
    assert [each.name for each in report(made, files=files).outcomes] == [str(file) for file in files]


def test_a_file_with_a_mistake_is_refused_with_its_path(tmp_path: Path) -> None:
    file = rules_file(tmp_path, "wrong.toml", '[alerts.rules.x]\nkpi = "nonsense"\nside = "below"\n')
    with pytest.raises(SettingsError, match=rf"{file}: alerts\.rules\.x\.kpi"):
        rule_sets((file,), SETTINGS)


def test_a_rule_about_the_moment_sees_who_waits(made: Path, tmp_path: Path) -> None:
    """In `help` one waits 45 s of every 30."""
    (outcome,) = report(
        made, files=(rules_file(tmp_path, "own.toml", "[alerts]\ncapacity = false" + OWN[9:]),)
    ).outcomes
    first = outcome.changes[0]
    assert (first.queue, time_of(first.transition.at_ms)) == ("help", "09:20:10")
    assert set(outcome.totals) == {"empty", "site_trouble"}


def test_a_rule_about_occupancy_sees_how_long_agents_were_busy(made: Path, tmp_path: Path) -> None:
    busy = '[alerts]\ncapacity = false\ndefault_rules = false\n[alerts.rules.busy]\nkpi = "occupancy"\nside = "above"\n'
    file = rules_file(
        tmp_path, "busy.toml", busy + "warning = { enter = 0.4, clear = 0.2 }\nevidence = { min_n = 6000 }\n"
    )
    (outcome,) = report(made, files=(file,)).outcomes
    assert {change.queue for change in outcome.changes} == {"fine", "help"}


# -- laws


def played(events: list[Event]) -> tuple[Played, list[Moment], Books]:
    books = Books(SETTINGS.limits(), SETTINGS.calendar(), SETTINGS.channel)
    moments: list[Moment] = []
    player = Player(books, SETTINGS.policy, [plan_of(SETTINGS)], listen=moments.append)
    return player.play(events, lambda _: None, lambda _: None), moments, books


def recorded() -> list[Event]:
    return read("queue_log", ASTERISK, SourceOptions(), lambda _: None).events


@pytest.mark.parametrize("events", [made_log.events(), recorded()], ids=["made", "recorded"])
def test_changes_are_those_of_an_engine_that_sees_the_same_moments(events: list[Event]) -> None:
    found, moments, _ = played(events)
    engine = Engine(plan_of(SETTINGS))
    facts = [fact for moment in moments for fact in engine.look(moment, Sight.SEEN)]
    assert [change for fact in facts for change in fact.changes] == found.courses[0].changes
    assert [fact.notice for fact in facts if fact.notice] == found.courses[0].notices
    assert found.courses[0].changes


def test_what_rules_see_is_what_the_board_would_show() -> None:
    """Every tenth look, from the same books, read as the worker reads them."""
    books = Books(SETTINGS.limits(), SETTINGS.calendar(), SETTINGS.channel)
    seen = []

    def compare(moment: Moment) -> None:
        if moment.at_ms % 100_000:
            return
        reader = WindowReader(books.book, SETTINGS.calendar())
        view = snapshot.view(reader, [books.roster], moment.queue, moment.policy, moment.at_ms)
        board = snapshot.figures([view])
        for window, by_id in moment.figures.items():
            for kpi, figure in by_id.items():
                assert (figure.value, figure.n) == (board[window][kpi].value, board[window][kpi].n), (window, kpi)
                seen.append((window, kpi))

    shown = [("occupancy", "15m"), ("asa_s", "interval"), ("offered", "day"), ("offered", "all"), ("agents.ready", NOW)]
    Player(books, SETTINGS.policy, [plan_of(SETTINGS)], shown, compare).play(recorded(), lambda _: None, lambda _: None)
    assert {window for window, _ in seen} == {"5m", "15m", "interval", "day", "all", NOW}


def test_it_does_not_matter_in_which_order_the_file_has_its_events(tmp_path: Path) -> None:
    path = made_log.written(tmp_path / "log")
    one = report(path)
    path.write_bytes(b"".join(reversed(path.read_bytes().splitlines(keepends=True))))
    assert report(path).outcomes == one.outcomes
