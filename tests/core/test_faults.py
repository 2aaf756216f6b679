"""A feed with faults: late, twice, dead; and heartbeats that never lie about a dead feed."""

import pytest

from callpulse.simulator.faults import dead_feed, deliveries, with_heartbeats
from callpulse.simulator.scenario import DeadFeed, Faults, ScenarioError
from callpulse.stream.core.events import Enqueued, Event, Heartbeat

START = 1_795_428_000_000


def every_100_ms(n: int) -> list[Event]:
    return [Enqueued(at=START + i * 100, queue="q", contact_id=str(i)) for i in range(n)]


def test_without_faults_everything_is_delivered_at_its_own_time() -> None:
    events = every_100_ms(50)
    assert list(deliveries(events, Faults(), START, 1)) == [(event.at, event) for event in events]


def test_a_share_of_the_events_is_late_by_at_most_its_limit() -> None:
    events = every_100_ms(10_000)
    delivered = list(deliveries(events, Faults(late_share=0.1, late_by_s=30), START, 1))
    late = [at - event.at for at, event in delivered if at > event.at]
    assert len(late) / len(events) == pytest.approx(0.1, abs=0.015)
    assert min(late) > 0
    assert 25_000 < max(late) <= 30_000
    assert sorted(event.at for _, event in delivered) == [event.at for event in events]


def test_a_share_of_the_events_comes_twice_and_the_copy_is_equal() -> None:
    events = every_100_ms(10_000)
    delivered = list(deliveries(events, Faults(double_share=0.05, double_within_s=2), START, 1))
    assert (len(delivered) - len(events)) / len(events) == pytest.approx(0.05, abs=0.01)
    assert {event for _, event in delivered} == set(events)
    assert max(at - event.at for at, event in delivered) <= 2000


def test_a_dead_feed_delivers_nothing_and_then_its_backlog_in_order() -> None:
    events = every_100_ms(100)
    delivered = list(deliveries(events, Faults(dead_feeds=(DeadFeed(2, 3),)), START, 1))
    assert [event for _, event in delivered] == events
    assert not [at for at, _ in delivered if START + 2000 <= at < START + 5000]
    assert sum(at == START + 5000 for at, _ in delivered) == 31


def test_two_dead_feeds_that_touch_are_one() -> None:
    feeds = (DeadFeed(4, 2), DeadFeed(2, 2))
    delivered = list(deliveries(every_100_ms(100), Faults(dead_feeds=feeds), START, 1))
    assert not [at for at, _ in delivered if START + 2000 <= at < START + 6000]


def test_a_heartbeat_follows_what_it_vouches_for_every_second() -> None:
    delivered = [(event.at, event) for event in every_100_ms(31)]
    with_beats = list(with_heartbeats(delivered, (), START, "sim", START + 5000))
    beats = [event for _, event in with_beats if isinstance(event, Heartbeat)]
    assert beats == [Heartbeat(at=START + s * 1000, source="sim") for s in range(6)]
    for place, (_, event) in enumerate(with_beats):
        if isinstance(event, Heartbeat):
            assert all(later.at > event.at for _, later in with_beats[place + 1 :])


def test_a_dead_feed_sends_no_heartbeat() -> None:
    feeds = (DeadFeed(2, 2),)
    delivered = deliveries(every_100_ms(61), Faults(dead_feeds=feeds), START, 1)
    with_beats = with_heartbeats(delivered, feeds, START, "sim", START + 6000)
    beats = [(event.at - START) // 1000 for _, event in with_beats if isinstance(event, Heartbeat)]
    assert beats == [0, 1, 4, 5, 6]


def test_the_warm_up_has_no_heartbeats_and_without_an_end_they_stop_with_the_events() -> None:
    early = [(START - 5000, every_100_ms(1)[0]), (START + 1500, every_100_ms(1)[0])]
    beats = [event.at for _, event in with_heartbeats(early, (), START, "sim") if isinstance(event, Heartbeat)]
    assert beats == [START, START + 1000]


def test_a_dead_feed_is_read_from_a_start_and_a_length() -> None:
    assert dead_feed("120:30") == DeadFeed(120.0, 30.0)


@pytest.mark.parametrize("text", ["", "120", "120:", ":30", "a:b", "-1:30", "10:0", "nan:1", "1:inf", "1:2:3"])
def test_a_dead_feed_that_makes_no_sense_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ScenarioError, match="for example 120:30"):
        dead_feed(text)
