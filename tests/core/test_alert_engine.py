"""The engine over a day: what is told when, once, and what is not."""

import msgspec

from callpulse.alerts.core.engine import Engine
from callpulse.alerts.core.lifecycle import Phase, Sight
from callpulse.alerts.core.rules import Level, Rule
from callpulse.alerts.showing import rows
from callpulse.stream.core.ticks import Tick
from tests.alert_site import BAD, LATE, WELL, Site, plan, quiet
from tests.timeline import ms_of


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
    site = Site(plan([LATE, hurried]))
    site.see("sales", {"service_level": (0.7, 60), "abandonment_rate": (0.2, 60)})
    site.go("09:00", "09:05")
    (told,) = site.notices
    assert (told.labels.rule, told.labels.kpi, told.labels.severity) == ("gone", "abandonment_rate", "critical")
    assert site.engine.held.queue("sales").alert.incident.joined.rules == ("gone", "late")


def test_a_quiet_rule_is_shown_at_once_and_told_when_it_lasts() -> None:
    site = Site(plan([msgspec.structs.replace(LATE, alone_after_ms=600_000)]))
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
    hasty = msgspec.structs.replace(LATE, for_ms=0, keep_firing_ms=0)
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
    site = Site(plan([old, LATE]))
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


# -- rules


def test_a_rule_that_fails_is_parked_and_the_others_go_on(site: Site) -> None:
    broken = msgspec.structs.replace(LATE, name="broken", warning=Level(1.0, 0.9, burn=True))
    site = Site(plan([broken, LATE]))
    site.see("sales", BAD)
    watch = site.engine.watch(site._moment("sales", False))
    watch.rules["broken"] = broken  # type: ignore[index]  # as no file can say it
    site.go("09:00", "09:05")
    assert [each[2] for each in site.told] == ["firing"]
    assert list(site.engine.held.queue("sales").alert.parked) == ["broken"]


def test_other_rules_follow_without_losing_what_goes_on(site: Site) -> None:
    site.see("sales", {"service_level": (0.7, 60)})
    site.go("09:00", "09:05")
    site.engine.follow(plan([msgspec.structs.replace(LATE, critical=Level(0.75, 0.78)), LATE.at(0.8)][:1]))
    site.go("09:05", "09:10")
    assert [each[2] for each in site.told] == ["firing", "escalated"]
    assert len({notice.id for notice in site.notices}) == 1


def test_the_engine_begins_with_nothing_to_say() -> None:
    assert not any(fact.notice or fact.changes for fact in Engine(plan()).look_around({}, ms_of("09:00")))
