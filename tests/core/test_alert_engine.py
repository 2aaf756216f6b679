"""The engine over a day: what is told when, once, and what is not; after restarts, mutes and acknowledgements too."""

from itertools import pairwise

import msgspec
import pytest
from msgspec.structs import replace

from bench.alert_panes import Panes
from bench.alert_queue import Case, Trouble, simulated
from bench.sizes import sizes
from callpulse.alerts.core.defaults import DEFAULT_RULES
from callpulse.alerts.core.engine import Engine
from callpulse.alerts.core.hours import Hours
from callpulse.alerts.core.lifecycle import Phase, Sight
from callpulse.alerts.core.message import message
from callpulse.alerts.core.moment import Moment
from callpulse.alerts.core.profile import SLOTS
from callpulse.alerts.core.rules import Level, Rule, Seen
from callpulse.alerts.core.site_alert import MANY, NO_DATA, SILENT
from callpulse.alerts.core.standing import labels_of
from callpulse.alerts.core.stored import ALERT
from callpulse.alerts.showing import rows
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.ticks import Tick
from callpulse.stream.core.windows import PANE_MS
from tests.alert_site import BAD, WELL, Site, plan
from tests.timeline import ms_of

AT_ONCE = Rule(
    name="late", kpi="service_level", side="below", warning=Level(0.8, 0.85), critical=Level(0.5, 0.6), for_ms=60_000
)


@pytest.fixture
def site() -> Site:
    return Site(plan([AT_ONCE]))


def quiet(site: Site) -> None:
    site.see("sales", WELL)
    site.go("09:00", "09:10")


def test_a_breach_is_told_once_after_its_time_and_its_end_once_after_the_all_clear(site: Site) -> None:
    quiet(site)
    site.see("sales", {"service_level": (0.7, 60)})
    site.go("09:10", "09:30")
    site.see("sales", WELL)
    site.go("09:30", "09:50")
    assert site.told == [
        ("09:11:00", "sales", "firing", "warning"),
        ("09:35:00", "sales", "resolved", "warning"),
    ]
    first, last = site.notices
    assert (first.id, first.onset_ms) == (last.id, last.onset_ms) == (first.id, ms_of("09:10"))
    assert (last.ended_ms, last.worst, last.value) == (ms_of("09:35"), 0.7, 0.95)


def test_boards_say_what_is_so_now_and_not_what_was_told(site: Site) -> None:
    """An alert that was told once stands for an hour; a board that said 70 % all the while would lie."""
    quiet(site)
    site.see("sales", {"service_level": (0.7, 60)})
    site.go("09:10", "09:20")
    assert "70 %" in rows(site.engine)["alert:sales"]["said"]["en"].fact
    site.see("sales", {"service_level": (0.61, 60)})
    site.go("09:20", "09:21")
    assert len(site.notices) == 1
    assert "61 %" in rows(site.engine)["alert:sales"]["said"]["en"].fact
    site.see("sales", WELL)
    site.go("09:30", "09:50")
    assert (rows(site.engine), site.engine.spoken) == ({}, {})


def test_who_was_hurt_before_anybody_was_told_counts_too(site: Site) -> None:
    """One every ten seconds, from the onset on; told after a minute."""
    quiet(site)
    missed = Tick(
        0, arrivals=1, hits=0, misses=1, ended=0, busy_ms=0, staffed=None, busy=0, waiting=0, oldest_wait_ms=0
    )
    site.see("sales", {**BAD, "tick": missed})
    site.go("09:10", "09:15", ticks=True)
    assert site.notices[0].hurt == 1 + 60 // 10


def test_nothing_is_told_of_a_dip(site: Site) -> None:
    quiet(site)
    site.see("sales", BAD)
    site.go("09:10", "09:10:50")
    site.see("sales", WELL)
    site.go("09:11", "09:30")
    assert site.told == []


def test_worse_and_better_are_told_and_still_bad_after_the_repeat_interval(site: Site) -> None:
    site.see("sales", {"service_level": (0.7, 60)})
    site.go("09:00", "09:10")
    site.see("sales", BAD)
    site.go("09:10", "10:20")
    site.see("sales", {"service_level": (0.7, 60)})
    site.go("10:20", "10:40")
    assert site.told == [
        ("09:01:00", "sales", "firing", "warning"),
        ("09:11:00", "sales", "escalated", "critical"),
        ("10:11:00", "sales", "repeat", "critical"),
        ("10:25:00", "sales", "de_escalated", "warning"),
    ]
    assert len({notice.id for notice in site.notices}) == 1


def test_rules_of_one_queue_are_one_alert_named_after_the_worst(site: Site) -> None:
    hurried = Rule(name="gone", kpi="abandonment_rate", side="above", critical=Level(0.1, 0.05))
    site = Site(plan([AT_ONCE, hurried]))
    site.see("sales", {"service_level": (0.7, 60), "abandonment_rate": (0.2, 60)})
    site.go("09:00", "09:05")
    (told,) = site.notices
    assert (told.labels.rule, told.labels.kpi, told.labels.severity) == ("gone", "abandonment_rate", "critical")
    assert site.engine.held.queue("sales").alert.incident.joined.rules == ("gone", "late")


def test_a_quiet_rule_is_shown_at_once_and_told_when_it_lasts() -> None:
    site = Site(plan([msgspec.structs.replace(AT_ONCE, alone_after_ms=600_000)]))
    site.see("sales", {"service_level": (0.7, 60)})
    site.go("09:00", "09:10")
    assert site.told == []
    assert site.engine.held.queue("sales").alert.states["late"].phase is Phase.FIRING
    site.go("09:10", "09:20")
    assert site.told == [("09:11:00", "sales", "firing", "warning")]


def test_a_queue_nobody_calls_any_more_is_over_and_a_blind_one_is_not(site: Site) -> None:
    site.see("sales", BAD)
    site.go("09:00", "09:10")
    site.see("sales", {"service_level": (None, 0)})
    site.go("09:10", "09:20")
    assert [each[2] for each in site.told] == ["firing", "resolved"]
    site.see("support", BAD)
    site.go("10:00", "10:10")
    site.see("support", {"service_level": (None, 0)}, Sight.BLIND)
    site.go("10:10", "11:00")
    assert [each[1:3] for each in site.told[2:]] == [("support", "firing")]


def test_what_comes_and_goes_is_told_once_and_its_end_when_it_has_settled() -> None:
    hasty = msgspec.structs.replace(AT_ONCE, for_ms=0, keep_firing_ms=0)
    site = Site(plan([hasty]))
    for minute in range(12):
        for second, seen in (("00", BAD), ("10", WELL), ("20", BAD), ("30", WELL), ("40", BAD), ("50", WELL)):
            site.see("sales", seen)
            site.go(f"09:{minute:02}:{second}", f"09:{minute:02}:{int(second) + 9}")
    assert site.engine.held.queue("sales").alert.flapping
    flapped = len(site.told)
    assert flapped < 12
    site.go("09:12", "09:30")
    assert not site.engine.held.queue("sales").alert.flapping
    assert len(site.told) - flapped == (site.told[flapped - 1][2] != "resolved")
    assert site.told[-1][2] == "resolved"


def test_data_that_stands_still_is_told_by_its_age_while_all_else_is_blind() -> None:
    old = Rule(name="old", kpi="data_age_s", side="above", windows=("now",), warning=Level(120, 60))
    site = Site(plan([old, AT_ONCE]))
    site.see("sales", WELL)
    site.go("09:00", "09:05")
    moment = site._moment("sales", ticks=False)
    for age_s in range(10, 200, 10):
        site.now_ms += 10_000
        aged_ = msgspec.structs.replace(moment, at_ms=site.now_ms, age_s=float(age_s), figures={})
        site.take(site.engine.look(aged_, Sight.BLIND))
    assert [(notice.kind, notice.labels.kpi, notice.value) for notice in site.notices] == [
        ("firing", "data_age_s", 130.0)
    ]
    assert site.engine.held.queue("sales").alert.states["late"].phase is Phase.BLIND


# -- restarts


@pytest.mark.parametrize("at", ["09:10:30", "09:11:00", "09:20:00", "09:32:00", "09:35:00"])
def test_whoever_takes_over_goes_on_where_the_other_was(site: Site, at: str) -> None:
    """At every step of the life of an alert: nothing is told twice, nothing is lost, no clock begins anew."""
    alone, first = Site(plan([AT_ONCE])), site
    steps = [("09:00", WELL), ("09:10", {"service_level": (0.7, 60)}), ("09:30", WELL), ("09:45", WELL)]
    for (start, seen), (end, _) in pairwise(steps):
        for each in (alone, first):
            each.see("sales", seen)
        alone.go(start, end)
        if ms_of(start) <= ms_of(at) < ms_of(end):
            first.go(start, at)
            second = first.restarted()
            second.go(at, end)
            second.told = first.told + second.told
            first = second
        else:
            first.go(start, end)
    assert first.told == alone.told
    assert len(first.told) == 2


def test_what_was_stored_and_not_delivered_is_given_again(site: Site) -> None:
    site.see("sales", BAD)
    site.go("09:00", "09:05")
    (told,) = site.notices
    assert list(site.restarted().engine.held.undelivered()) == [("desk", told)]
    site.take(list(site.engine.held.ended("desk", told)))
    assert list(site.restarted().engine.held.undelivered()) == []
    assert list(site.restarted().engine.held.standing()) == [(told, ("desk",))]


def test_a_queue_at_rest_leaves_no_record(site: Site) -> None:
    quiet(site)
    assert site.stored == {}
    site.see("sales", BAD)
    site.go("09:10", "09:20")
    site.see("sales", WELL)
    site.go("09:20", "09:40")
    for notice in site.notices:
        site.take(list(site.engine.held.ended("desk", notice)))
    assert site.stored == {"alert:sales": None}


def test_a_queue_that_is_forgotten_leaves_nothing_behind() -> None:
    site = Site(plan([AT_ONCE], capacity=True))
    tick = Tick(0, arrivals=1, hits=1, misses=0, ended=1, busy_ms=9000, staffed=2, busy=1, waiting=0, oldest_wait_ms=0)

    def a_day_of(queue: str) -> int:
        site.see(queue, {**WELL, "tick": tick})
        site.go("09:00", "09:20", ticks=True)
        site._seen.clear()
        for _ in ("its trouble is over", "nothing is left of it"):
            site.take(site.engine.forget(queue, site.now_ms))
        return sizes({"engine": site.engine})[0].total()

    assert a_day_of("first") == a_day_of("second")


# -- people


def test_an_acknowledged_alert_is_not_repeated_but_its_end_is_told(site: Site) -> None:
    site.see("sales", BAD)
    site.go("09:00", "09:05")
    site.ask("ack", id="1", alert=site.notices[0].id[:8], why="on it")
    site.go("09:05", "11:30")
    site.see("sales", WELL)
    site.go("11:30", "11:45")
    assert [each[2] for each in site.told] == ["firing", "acknowledged", "resolved"]
    assert site.notices[1].acknowledged is not None
    assert site.notices[1].acknowledged.by == "Ans"
    assert site.notices[2].acknowledged == site.notices[1].acknowledged


def test_an_acknowledged_alert_that_becomes_worse_is_told(site: Site) -> None:
    site.see("sales", {"service_level": (0.7, 60)})
    site.go("09:00", "09:05")
    site.ask("ack", id="1", alert=site.notices[0].id)
    site.see("sales", BAD)
    site.go("09:05", "09:10")
    assert [each[2] for each in site.told] == ["firing", "acknowledged", "escalated"]


def test_an_acknowledgement_of_nothing_or_of_too_little_changes_nothing(site: Site) -> None:
    site.see("sales", BAD)
    site.go("09:00", "09:05")
    site.ask("ack", id="1", alert=site.notices[0].id[:4])
    site.ask("ack", id="2", alert="0" * 32)
    assert len(site.told) == 1


def test_a_mute_hides_what_begins_in_it_and_what_lasts_is_told_at_its_end(site: Site) -> None:
    site.now_ms = ms_of("09:00")
    site.ask("mute", id="m1", queue="s*", until_ms=ms_of("09:20"), why="drill")
    site.see("sales", BAD)
    site.see("other", BAD)
    site.go("09:00", "09:30")
    assert site.told == [("09:01:00", "other", "firing", "critical"), ("09:20:00", "sales", "firing", "critical")]
    over = [fact.over for fact in site.facts if fact.over is not None]
    assert [(mute.id, len(mute.hidden)) for mute in over] == [("m1", 1)]
    assert over[0].hidden == (site.notices[1].id,)
    assert site.stored["mute:m1"] is None


def test_what_was_told_before_a_mute_ends_aloud(site: Site) -> None:
    site.see("sales", BAD)
    site.go("09:00", "09:05")
    site.ask("mute", id="m1", until_ms=ms_of("12:00"))
    site.go("09:05", "11:00")
    site.see("sales", WELL)
    site.go("11:00", "11:10")
    assert [each[2] for each in site.told] == ["firing", "resolved"]


def test_a_mute_can_be_lifted_survives_a_restart_and_is_not_begun_twice(site: Site) -> None:
    site.now_ms = ms_of("09:00")
    site.ask("mute", id="m1", until_ms=ms_of("12:00"))
    site = site.restarted()
    site.see("sales", BAD)
    site.go("09:00", "09:10")
    assert site.told == []
    site.ask("unmute", id="2", mute="m1")
    site.ask("unmute", id="2", mute="m1")
    site.go("09:10", "09:12")
    assert site.told == [("09:10:00", "sales", "firing", "critical")]


# -- the site


def test_many_queues_at_once_are_one_alert_with_the_list() -> None:
    site = Site(plan([AT_ONCE]))
    names = [f"q{number}" for number in range(8)]
    for name in names:
        site.see(name, WELL)
    site.go("09:00", "09:10")
    for name in names[:6]:
        site.see(name, BAD)
    site.go("09:10", "09:40")
    assert [each[1:3] for each in site.told] == [("", "firing")]
    (told,) = site.notices
    assert (told.labels.cause, told.queues) == ("site", tuple(names[:6]))
    for name in names:
        site.see(name, WELL)
    site.go("09:40", "10:00")
    assert [each[1:3] for each in site.told] == [("", "firing"), ("", "resolved")]


def test_what_outlasts_the_trouble_of_the_site_is_told_by_itself() -> None:
    site = Site(plan([AT_ONCE]))
    for number in range(8):
        site.see(f"q{number}", BAD)
    site.go("09:00", "09:30")
    for number in range(7):
        site.see(f"q{number}", WELL)
    site.go("09:30", "09:50")
    assert [each[1:3] for each in site.told] == [("", "firing"), ("", "resolved"), ("q7", "firing")]


def test_two_queues_of_eight_are_told_each() -> None:
    site = Site(plan([AT_ONCE]))
    for number in range(8):
        site.see(f"q{number}", BAD if number < 2 else WELL)
    site.go("09:00", "09:10")
    assert [each[1] for each in site.told] == ["q0", "q1"]
    assert site.engine.held.sites[MANY].incident is None


def aged(site: Site, **ages_s: int | None) -> None:
    site.now_ms += 1000
    places = {
        queue: place._replace(
            source="pbx",
            written_ms=site.now_ms - 1000 * (ages_s.get("written") or 0),
            heard_ms=site.now_ms - 1000 * (ages_s.get("heard") or 0),
        )
        for queue, place in site.places().items()
    }
    site.take(site.engine.look_around(places, site.now_ms))


def test_figures_that_nobody_writes_and_a_source_that_is_silent_are_alerts_of_their_own(site: Site) -> None:
    quiet(site)
    aged(site, written=29, heard=59)
    assert site.told == []
    aged(site, written=31, heard=61)
    assert said_of(site, NO_DATA) == (
        "Age of the data: 31 s · no worker writes figures",
        "Leeftijd van de data: 31 s · geen worker schrijft cijfers",
    )
    aged(site, written=0, heard=61)
    firing = [(notice.labels.rule, notice.labels.cause, notice.queues) for notice in site.notices]
    assert firing == [(NO_DATA, "no_data", ("sales",)), (SILENT, "source_silent", ("sales",))]
    assert [message(notice, "en", "UTC").subject.partition(", ")[2] for notice in site.notices] == [
        "age of the data: 31 s. No worker writes figures", "age of the data: 1:01. The source is silent (pbx)",
    ]  # fmt: skip
    over = replace(site.notices[1], kind="resolved")
    assert message(over, "en", "UTC").subject.endswith("The source was silent; it is back (pbx)")


def two_sources(site: Site, pbx: int, crm: int) -> None:
    """So many seconds after they were heard."""
    site.now_ms += 1000
    ages = {"sales": ("pbx", pbx), "help": ("crm", crm)}
    places = {
        queue: site.places()[queue]._replace(source=source, heard_ms=site.now_ms - 1000 * age_s)
        for queue, (source, age_s) in ages.items()
    }
    site.take(site.engine.look_around(places, site.now_ms))


def test_a_source_that_falls_silent_beside_another_is_told_within_a_minute_and_once() -> None:
    site = Site(plan([]))
    for queue in ("sales", "help"):
        site.see(queue, WELL)
    site.go("09:00", "09:01")
    for second in range(200):
        two_sources(site, 61 + second, max(0, second - 10))
    told = [(each.kind, each.sources) for each in site.notices if each.labels.rule == SILENT]
    assert told == [("firing", ("pbx",)), ("repeat", ("crm", "pbx"))]
    for _ in range(60):
        two_sources(site, 0, 0)
    assert (site.notices[-1].kind, site.notices[-1].sources) == ("resolved", ("crm", "pbx"))
    assert "(crm, pbx)" in message(site.notices[-1], "nl", "UTC").subject


def test_alertmanager_is_given_the_name_of_a_source_that_is_silent_alone(site: Site) -> None:
    quiet(site)
    aged(site, heard=61)
    (notice,) = site.notices
    assert labels_of(notice.labels, notice.sources)["source"] == "pbx"
    assert "source" not in labels_of(notice.labels, ("crm", "pbx"))


def said_of(site: Site, rule: str) -> tuple[str, str]:
    said = rows(site.engine)[f"site:{rule}"]["said"]
    return said["en"].fact, said["nl"].fact


def test_boards_say_that_a_source_was_silent_once_its_data_is_back(site: Site) -> None:
    quiet(site)
    aged(site, written=0, heard=62)
    assert said_of(site, SILENT) == (
        "Age of the data: 1:02 · the source is silent (pbx)", "Leeftijd van de data: 1:02 · de bron is stil (pbx)",
    )  # fmt: skip
    aged(site, written=0, heard=2)
    assert said_of(site, SILENT) == (
        "Age of the data: 2 s · the source was silent; it is back (pbx)",
        "Leeftijd van de data: 2 s · de bron was stil; hij is er weer (pbx)",
    )
    assert rows(site.engine)[f"site:{SILENT}"]["cause"] == "source_silent"


def test_a_mute_changes_nothing_of_how_many_queues_are_in_trouble() -> None:
    site = Site(plan([AT_ONCE]))
    for number in range(8):
        site.see(f"q{number}", BAD if number < 6 else WELL)
    site.go("09:00", "09:10")
    standing = said_of(site, MANY)[0]
    assert standing == "Queues in trouble: 75 % · many queues are in trouble at once"
    site.ask("mute", id="m1", queue="*", until_ms=ms_of("12:00"), why="drill")
    site.go("09:10", "09:12")
    assert said_of(site, MANY)[0] == standing
    site.go("09:12", "09:20")
    assert f"site:{MANY}" not in rows(site.engine)  # what is muted keeps nothing alive


def test_old_events_that_are_played_make_no_source_silent() -> None:
    site = Site(plan([AT_ONCE], by_wall_clock=False))
    quiet(site)
    aged(site, written=0, heard=100_000)
    assert site.told == []


# -- rules


def test_a_rule_that_fails_is_parked_and_the_others_go_on(site: Site) -> None:
    broken = msgspec.structs.replace(AT_ONCE, name="broken", warning=Level(1.0, 0.9, burn=True))
    site = Site(plan([broken, AT_ONCE]))
    site.see("sales", BAD)
    watch = site.engine.watch(site._moment("sales", False))
    watch.rules["broken"] = broken  # type: ignore[index]  # as no file can say it
    site.go("09:00", "09:05")
    assert [each[2] for each in site.told] == ["firing"]
    assert list(site.engine.held.queue("sales").alert.parked) == ["broken"]


def test_other_rules_follow_without_losing_what_goes_on(site: Site) -> None:
    site.see("sales", {"service_level": (0.7, 60)})
    site.go("09:00", "09:05")
    site.engine.follow(plan([msgspec.structs.replace(AT_ONCE, critical=Level(0.75, 0.78)), AT_ONCE.at(0.8)][:1]))
    site.go("09:05", "09:10")
    assert [each[2] for each in site.told] == ["firing", "escalated"]
    assert len({notice.id for notice in site.notices}) == 1


def test_the_engine_begins_with_nothing_to_say() -> None:
    assert not any(fact.notice or fact.changes for fact in Engine(plan()).look_around({}, ms_of("09:00")))


# -- foresight


@pytest.fixture(scope="module")
def short_of_agents() -> list[Moment]:
    """A large queue of which four of fourteen agents leave after two hours and a half, for 45 minutes."""
    return moments(simulated(Case(100, 14, 10), 8, [Trouble("staff", 9_000, 11_700)], "staff"))


def moments(panes: Panes) -> list[Moment]:
    ticks = list(panes.ticks())
    return [
        Moment(
            queue="sales",
            at_ms=tick.at_ms + ms_of("08:00"),
            policy=Policy(),
            figures={"now": {"agents.ready": Seen(1)}},
            ticks=tuple(each._replace(at_ms=each.at_ms + ms_of("08:00")) for each in ticks[max(0, at - 29) : at + 1]),
        )
        for at, tick in enumerate(ticks)
        if tick.at_ms <= 13_500_000
    ]


def played(moments: list[Moment], restart_at: int | None = None) -> Site:
    site = Site(plan(capacity=True))
    told = []
    for at, moment in enumerate(moments):
        if at == restart_at:
            told, site = site.told, site.restarted()
        site.now_ms = moment.at_ms
        site.take(site.engine.look(moment, Sight.SEEN))
    site.told = told + site.told
    return site


def test_where_people_are_enough_nobody_is_asked_for_more(short_of_agents: list[Moment]) -> None:
    """Few are ready for a moment; that does not say that more are needed."""
    few = Rule(name="few", kpi="agents_ready", side="below", windows=("now",), warning=Level(2, 3), repeat_ms=60_000)
    site = Site(plan([few], capacity=True))
    for moment in short_of_agents[:720]:
        site.now_ms = moment.at_ms
        site.take(site.engine.look(moment, Sight.SEEN))
    advice = site.notices[-1].advice
    assert advice is not None
    assert advice.level is not None
    assert advice.level > 0.8
    assert advice.more is None


def test_missing_agents_are_told_before_it_hurts_with_what_to_do(short_of_agents: list[Moment]) -> None:
    site = played(short_of_agents)
    assert [each[2] for each in site.told if each[2] != "escalated" and each[2] != "de_escalated"] == [
        "firing",
        "resolved",
    ]
    first = site.notices[0]
    assert (first.labels.rule, first.labels.kpi) == ("capacity", "service_level_expected")
    assert ms_of("10:30") < first.at_ms < ms_of("10:40")
    assert first.value is not None
    assert first.value < 0.65
    assert first.advice is not None
    assert (first.advice.agents, first.advice.cold) == (10, True)
    assert "the usual week is not known yet" in message(first, "en", "UTC").plain
    assert first.advice.level is not None
    assert first.advice.level_with_more is not None
    assert first.advice.level_with_more >= 0.8 > first.advice.level
    assert site.notices[-1].hurt is not None
    assert site.notices[-1].hurt > 20


def test_advice_reckons_with_who_is_there_now_and_the_alert_with_the_mean_of_a_minute(
    short_of_agents: list[Moment],
) -> None:
    """Four of fourteen come back at once."""
    site = Site(plan(capacity=True))
    said = {}
    for moment in short_of_agents:
        site.now_ms = moment.at_ms
        site.take(site.engine.look(moment, Sight.SEEN))
        notice, looked = site.engine.spoken.get(ALERT + "sales"), site.engine.looked["sales"].reading
        if notice is not None and notice.advice is not None and looked is not None:
            said[moment.at_ms - ms_of("08:00")] = looked.agents, notice.advice.agents, notice.advice.more
    assert said[11_690_000] == (10, 10, 2)
    back = [said[at_ms] for at_ms in range(11_700_000, 11_750_000, PANE_MS)]
    assert back == [(mean, 14, None) for mean in (11, 11, 12, 13, 13)]


@pytest.fixture(scope="module")
def half_as_many_again() -> list[Moment]:
    """A large queue in which half as many more call for an hour, after two hours and a half."""
    return moments(simulated(Case(100, 14, 14), 3.5, [Trouble("surge", 9_000, 12_600)], "surge"))


def test_a_surge_that_is_no_chance_is_told_at_once(half_as_many_again: list[Moment]) -> None:
    site = Site(plan(capacity=True))
    usual = site.engine.held.memory("sales").profile
    for slot in range(SLOTS):
        for measure, known in ((usual.per_s, 100 / 1800), (usual.aht_s, 180.0), (usual.agents, 14.0)):
            measure.learn(slot, known, 0.0)
    for moment in half_as_many_again:
        site.now_ms = moment.at_ms
        site.take(site.engine.look(moment, Sight.SEEN))
    first = site.notices[0]
    assert (first.labels.rule, first.labels.cause) == ("capacity", "arrivals_above_profile")
    assert first.at_ms == first.onset_ms > ms_of("10:30")


def test_without_agents_states_capacity_is_told_after_a_minute(short_of_agents: list[Moment]) -> None:
    unseen = [
        msgspec.structs.replace(each, ticks=tuple(tick._replace(staffed=None) for tick in each.ticks))
        for each in short_of_agents
    ]
    for told, lasted_ms in ((short_of_agents, 120_000), (unseen, 60_000)):
        first = played(told).notices[0]
        assert (first.labels.rule, first.at_ms - first.onset_ms) == ("capacity", lasted_ms)


def test_capacity_is_silent_outside_opening_hours(short_of_agents: list[Moment]) -> None:
    site = Site(plan(capacity=True, hours=Hours(zone="UTC", mon=("08:00-18:00",))))  # it is a Sunday
    for moment in short_of_agents:
        site.take(site.engine.look(moment, Sight.SEEN))
    assert site.notices == []


@pytest.mark.parametrize("after", [20, 24, 40])
def test_foresight_survives_a_restart(short_of_agents: list[Moment], after: int) -> None:
    """What is remembered may be a minute old: the ticks bridge it."""
    whole = played(short_of_agents)
    fired = next(at for at, moment in enumerate(short_of_agents) if moment.at_ms == whole.notices[0].at_ms)
    again = played(short_of_agents, restart_at=fired - 24 + after - 10)
    assert again.told == whole.told


def test_a_queue_with_hours_of_its_own_is_watched_in_those_and_a_rule_with_its_own_in_those() -> None:
    closed, always = Hours(zone="UTC", mon=("08:00-18:00",)), Hours(zone="UTC", sun=("00:00-24:00",))
    for own, told in ((closed, {"night"}), (always, {"night", "day"})):  # it is a Sunday
        rules = [msgspec.structs.replace(rule, hours=own) for rule in DEFAULT_RULES]
        hours = {"hours": closed, "hours_of": lambda queue: always if queue == "night" else closed}
        site = Site(plan(rules, **hours))
        site.see("night", BAD)
        site.see("day", BAD)
        site.go("09:00", "09:20")
        assert {queue for _, queue, _, _ in site.told} == told
