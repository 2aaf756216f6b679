"""What must not happen to alerts, whoever asks for it: each of these has happened once."""

from types import SimpleNamespace

import msgspec
import pytest

from callpulse.alerts.asking import test_notice as notice_of_a_test
from callpulse.alerts.core.backlog import Backlog, Pace
from callpulse.alerts.core.lifecycle import Reason, Severity
from callpulse.alerts.core.message import message
from callpulse.alerts.core.patterns import matches
from callpulse.alerts.core.rules import Level, Rule
from callpulse.alerts.core.site_alert import MANY
from callpulse.alerts.core.stored import DAY_MS, Command
from callpulse.alerts.storing import AlertTopic
from callpulse.stream.kpi_table import KpiTable
from callpulse.stream.moments import moment
from tests.alert_site import BAD, LATE, WELL, Site, plan
from tests.timeline import ms_of

SLIGHT = {"service_level": (0.7, 60), "abandonment_rate": (0.2, 60)}
CHANNELS = {"supervisors": ("desk",), "floor": ("floor",)}


def places(told: list[tuple[str, str, str, str]]) -> list[tuple[str, str]]:
    return [(queue, kind) for _, queue, kind, _ in told]


def many(site: Site) -> None:
    """Six of eight queues in trouble at once."""
    for number in range(8):
        site.see(f"q{number}", BAD if number < 6 else WELL)
    site.go("09:00", "09:10")


# -- who hears what


def test_a_resolve_that_comes_while_an_acknowledgement_waits_is_told(site: Site) -> None:
    """The data may be behind the clock of whoever takes an alert."""
    site.see("sales", BAD)
    site.go("09:00", "09:05")
    site.now_ms += 3_600_000
    site.ask("ack", id="1", alert=site.notices[0].id)
    site.see("sales", WELL)
    site.go("09:05", "09:15")
    backlog = Backlog(Pace())
    for notice in site.notices:
        backlog.add(notice, 0.0)
    assert [notice.kind for notice in backlog.notices()] == ["resolved"]


def test_who_was_told_hears_the_end_although_the_rule_is_gone() -> None:
    floor = msgspec.structs.replace(LATE, audience="floor")
    site = Site(plan([floor], channels=CHANNELS.__getitem__))
    site.see("sales", BAD)
    site.go("09:00", "09:05")
    site.engine.follow(plan([], channels=CHANNELS.__getitem__))
    site.go("09:05", "09:10")
    told = [(fact.notice.kind, fact.channels) for fact in site.facts if fact.notice]
    assert told == [("firing", ("floor",)), ("resolved", ("floor",))]
    ended = [change.transition for fact in site.facts for change in fact.changes][-1]
    assert (ended.new, ended.reason) == (Severity.NONE, Reason.REMOVED)


def test_a_rule_that_joins_tells_its_own_audience_too() -> None:
    gone = Rule(name="gone", kpi="abandonment_rate", side="above", critical=Level(0.1, 0.05), for_ms=300_000)
    site = Site(plan([msgspec.structs.replace(LATE, audience="floor"), gone], channels=CHANNELS.__getitem__))
    site.see("sales", SLIGHT)
    site.go("09:00", "09:10")
    told = [(fact.notice.kind, fact.channels) for fact in site.facts if fact.notice]
    assert told == [("firing", ("floor",)), ("escalated", ("desk", "floor"))]


def test_after_a_restart_each_channel_stands_for_what_it_was_told_alone() -> None:
    site = Site(plan([msgspec.structs.replace(LATE, audience="floor")], channels=CHANNELS.__getitem__))
    site.see("sales", BAD)
    site.go("09:00", "09:05")
    assert [channels for _, channels in site.restarted().engine.held.standing()] == [("floor",)]


def test_taking_a_muted_trouble_tells_nothing_of_the_one_before(site: Site) -> None:
    hasty = Site(plan([msgspec.structs.replace(LATE, for_ms=0, keep_firing_ms=0)]))
    hasty.see("sales", BAD)
    hasty.go("09:00", "09:05")
    hasty.see("sales", WELL)
    hasty.go("09:05", "09:10")
    hasty.ask("mute", id="m1", until_ms=ms_of("12:00"))
    hasty.see("sales", BAD)
    hasty.go("09:10", "09:15")
    hidden = hasty.engine.held.queue("sales").alert.incident
    assert hidden is not None
    hasty.ask("ack", id="2", alert=hidden.id)
    assert places(hasty.told) == [("sales", "firing"), ("sales", "resolved")]


# -- trouble of the site


def test_a_queue_that_is_hit_after_the_list_was_told_is_told_by_itself(site: Site) -> None:
    many(site)
    assert places(site.told) == [("", "firing")]
    site.see("q7", BAD)
    site.go("09:10", "09:15")
    assert places(site.told) == [("", "firing"), ("q7", "firing")]


def test_a_queue_that_was_told_before_is_told_when_it_becomes_worse(site: Site) -> None:
    for number in range(8):
        site.see(f"q{number}", SLIGHT if number == 0 else WELL)
    site.go("08:50", "08:55")
    many(site)
    assert places(site.told) == [("q0", "firing"), ("", "firing"), ("q0", "escalated")] or places(site.told) == [
        ("q0", "firing"), ("q0", "escalated"), ("", "firing"),
    ]  # fmt: skip


def test_muting_trouble_of_the_site_silences_no_queue(site: Site) -> None:
    site.now_ms = ms_of("09:00")
    site.ask("mute", id="m1", rule=MANY, until_ms=ms_of("12:00"))
    many(site)
    assert sorted(places(site.told)) == [(f"q{number}", "firing") for number in range(6)]


def test_queues_that_are_muted_are_no_trouble_of_the_site(site: Site) -> None:
    site.now_ms = ms_of("09:00")
    site.ask("mute", id="m1", queue="q*", until_ms=ms_of("12:00"))
    many(site)
    assert site.told == []


def test_a_mute_goes_by_the_clock_of_who_asked_not_by_that_of_the_data(site: Site) -> None:
    """The data is an hour behind."""
    site.now_ms = ms_of("10:00")
    site.ask("mute", id="m1", until_ms=ms_of("11:00"))
    site.see("sales", BAD)
    for look in range(30):
        at_ms = ms_of("09:00") + look * 10_000
        seen = msgspec.structs.replace(site._moment("sales", ticks=False), at_ms=at_ms)
        site.take(site.engine.look(seen, site._sight["sales"], at_ms + 3_600_000))
    assert site.told == []


# -- what is gone


def test_the_trouble_of_a_queue_nobody_tells_of_any_more_is_over(site: Site) -> None:
    site.see("sales", BAD)
    site.go("09:00", "09:05")
    site.take(site.engine.forget("sales", site.now_ms))
    assert places(site.told) == [("sales", "firing"), ("sales", "resolved")]
    for notice in site.notices:
        site.take(list(site.engine.held.ended("desk", notice)))
    assert site.engine.forget("sales", site.now_ms) == []
    assert (site.engine.held.queues, site.engine.held.memories, site.engine.looked) == ({}, {}, {})
    assert site.stored["alert:sales"] is None


def test_what_was_pending_before_a_long_gap_begins_anew(site: Site) -> None:
    site.see("sales", BAD)
    site.go("09:00", "09:00:20")
    site.go("14:00", "14:00:50")
    assert site.told == []
    assert site.engine.held.queue("sales").alert.states["late"].onset_ms == ms_of("14:00")


def test_a_long_for_survives_a_restart_that_finds_an_old_record() -> None:
    slow = Site(plan([msgspec.structs.replace(LATE, for_ms=600_000)]))
    slow.see("sales", BAD)
    slow.go("09:00", "09:09")
    other = slow.restarted()
    other.go("09:09", "09:12")
    assert [each[:3] for each in other.told] == [("09:10:00", "sales", "firing")]


# -- what is sent by hand


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"at_ms": 10**15}, "at_ms"),
        ({"at_ms": -1}, "at_ms"),
        ({"kind": "mute", "until_ms": 10**18}, "until_ms"),
        ({"kind": "mute", "until_ms": ms_of("09:00") + 367 * DAY_MS}, "until_ms"),
        ({"kind": "mute", "until_ms": 0}, "until_ms"),
        ({"why": "x" * 501}, "why"),
        ({"by": "x" * 101}, "by"),
        ({"id": "x" * 65}, "id"),
    ],
)
def test_a_command_that_makes_no_sense_says_what_is_wrong(changed: dict, named: str) -> None:
    command = Command(**{"kind": "ack", "id": "1", "by": "Ans", "at_ms": ms_of("09:00"), **changed})
    assert (command.fault() or "").startswith(named)


def test_a_command_that_makes_sense_has_no_fault() -> None:
    at_ms = ms_of("09:00")
    assert Command(kind="mute", id="1", by="Ans", at_ms=at_ms, until_ms=at_ms + DAY_MS).fault() is None


@pytest.mark.parametrize("value", [b'{"v":1,"queue":"\xff"}', b"[" * 100_000, b'{"windows":{"\xff":1}}'])
def test_bytes_that_nobody_can_read_are_left_alone(value: bytes) -> None:
    table = KpiTable(30_000)
    topic = AlertTopic(None, "alerts", 1, lambda: 0, 30_000)  # type: ignore[arg-type]  # never sends
    record = SimpleNamespace(topic="t", partition=0, offset=1, key=b"queue:sales", value=value)
    assert table.take(record) is None
    record.key = b"mute:m1"
    assert topic.read(record) is None


@pytest.mark.parametrize(
    ("pattern", "name", "meant"),
    [
        ("Support [NL]", "Support [NL]", True),
        ("Support [NL]", "Support N", False),
        ("a?", "ab", False),
        ("s*", "sales", True),
    ],
)
def test_a_star_is_the_only_character_that_stands_for_others(pattern: str, name: str, meant: bool) -> None:
    assert matches(pattern, name) is meant


def test_a_time_that_no_calendar_has_is_told_as_it_is() -> None:
    assert moment(10**18) == f"{10**18} ms"


# -- what is read


def test_what_is_worst_now_is_what_an_escalation_is_about() -> None:
    gone = Rule(name="gone", kpi="abandonment_rate", side="above", critical=Level(0.1, 0.05), for_ms=300_000)
    site = Site(plan([msgspec.structs.replace(LATE, critical=None), gone]))
    site.see("sales", SLIGHT)
    site.go("09:00", "09:10")
    first, second = site.notices
    assert (first.labels.rule, first.kpi, first.value) == ("late", "", 0.7)
    assert (second.labels.rule, second.kpi, second.value, second.target) == ("late", "abandonment_rate", 0.2, 0.1)
    assert message(second, "en", "UTC").subject == "Now critical: sales (main), abandonment: 20 % (level 10 %)"


def test_a_test_can_be_taken_for_no_alert() -> None:
    told = message(notice_of_a_test("main", "firing", ms_of("09:00")), "nl", "UTC")
    assert told.subject == "Test van callpulse (main): niemand hoeft iets te doen"
