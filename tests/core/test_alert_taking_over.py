"""Whoever takes over the alerts goes on where the other was."""

from itertools import pairwise

import pytest

from bench.sizes import sizes
from callpulse.stream.core.ticks import Tick
from tests.alert_site import BAD, LATE, WELL, Site, plan, quiet
from tests.timeline import ms_of


@pytest.mark.parametrize("at", ["09:10:30", "09:11:00", "09:20:00", "09:32:00", "09:35:00"])
def test_whoever_takes_over_goes_on_where_the_other_was(site: Site, at: str) -> None:
    """At every step of the life of an alert: nothing is told twice, nothing is lost, no clock begins anew."""
    alone, first = Site(plan([LATE])), site
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
    site = Site(plan([LATE], capacity=True))
    tick = Tick(0, arrivals=1, hits=1, misses=0, ended=1, busy_ms=9000, staffed=2, busy=1, waiting=0, oldest_wait_ms=0)

    def a_day_of(queue: str) -> int:
        site.see(queue, {**WELL, "tick": tick})
        site.go("09:00", "09:20", ticks=True)
        site._seen.clear()
        for _ in ("its trouble is over", "nothing is left of it"):
            site.take(site.engine.forget(queue, site.now_ms))
        return sizes({"engine": site.engine})[0].total()

    assert a_day_of("first") == a_day_of("second")
