"""The simulated day: who is served, in which order, and how well."""

import math
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

import pytest
from msgspec.structs import replace

from callpulse.simulator.floor import Visit
from callpulse.simulator.load import load
from callpulse.simulator.scenario import Break, Queue, Scenario, Spread, StaffingShock, Surge, Team
from callpulse.simulator.traffic import _Traffic, simulate
from callpulse.simulator.truth import truth, truth_between, visits
from callpulse.stream.core.events import (
    Abandoned,
    AgentState,
    Connected,
    Ended,
    Enqueued,
    Event,
    Exited,
    NotOffered,
    Ringing,
)
from callpulse.stream.core.wire import encode

START = 1_795_428_000_000
STEADY = Spread(60.0, 0.0)
PATIENT = {"patience_s": 900_000.0, "short_share": 0.0, "timeout_s": None, "menu_share": 0.0, "missed_share": 0.0}


def busy_queue(name: str = "a", **fields: object) -> Queue:
    """Far more callers than one agent can serve, and nobody gives up."""
    return Queue(**{"id": name, "per_hour": 120.0, "talk": STEADY, **PATIENT, **fields})  # type: ignore[arg-type]


def one_floor(*queues: Queue, teams: tuple[Team, ...] | None = None, **fields: object) -> Scenario:
    team = Team(agents=1, queues=tuple(queue.id for queue in queues))
    return Scenario(name="test", queues=queues, teams=teams or (team,), **fields)  # type: ignore[arg-type]


def of(kind: type, events: Iterable[Event]) -> list:
    return [event for event in events if isinstance(event, kind)]


def test_the_same_arguments_give_the_same_bytes_and_another_seed_does_not() -> None:
    demo = load("demo")
    first, again, other = (b"\n".join(map(encode, simulate(demo, START, seed, 300))) for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_the_same_seed_gives_the_same_day_at_another_time() -> None:
    demo = load("demo")
    shape = [[(type(e), e.at - start) for e in simulate(demo, start, 3, 120)] for start in (START, START + 86_400_000)]
    assert shape[0] == shape[1]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_normal_day_serves_75_to_95_percent_of_every_queue_in_time(seed: int) -> None:
    queues = truth(simulate(load("day"), START, seed))
    assert len(queues) == 6
    for name, queue in queues.items():
        assert queue.service_level is not None
        assert 0.75 <= queue.service_level <= 0.95, (name, queue)
        assert queue.waiting == 0


def test_a_normal_day_has_large_and_small_queues_and_everything_that_happens_in_one() -> None:
    day = list(simulate(load("day"), START, 1))
    offered = {name: queue.offered for name, queue in truth(day).items()}
    assert max(offered.values()) > 4 * min(offered.values()) > 400
    assert {"menu", "closed"} <= {event.why for event in of(NotOffered, day)}
    assert {"callback", "closed"} & {event.cause for event in of(Exited, day)}
    assert {event.by for event in of(Ended, day)} == {"customer", "agent", "transfer"}
    states = of(AgentState, day)
    assert {"coffee", "lunch", "missed"} <= {event.reason for event in states}
    last = {event.agent: event.state for event in states}
    assert len(last) == 59
    assert set(last.values()) == {"logged_out"}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_demo_has_people_enough_when_nothing_goes_wrong(seed: int) -> None:
    calm = replace(load("demo"), shocks=(), surges=())
    queues = truth(simulate(calm, START, seed, 3600))
    assert len(queues) == 4
    for name, queue in queues.items():
        assert queue.service_level is not None
        assert 0.88 <= queue.service_level < 1, (name, queue)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_demo_breaks_within_two_minutes_of_its_shock_and_recovers(seed: int) -> None:
    events = list(simulate(load("demo"), START, seed, 600))

    def five_minutes_before(at_s: int) -> float:
        at = START + at_s * 1000
        level = truth_between(events, at - 300_000, at)["helpdesk"].service_level
        assert level is not None
        return level

    def who_arrived(from_s: int, to_s: int) -> float:
        level = truth(events, arrived=(START + from_s * 1000, START + to_s * 1000))["helpdesk"].service_level
        assert level is not None
        return level

    assert five_minutes_before(45) > 0.95
    assert who_arrived(65, 110) < 0.4
    assert five_minutes_before(45 + 120) < 0.85
    assert five_minutes_before(45 + 180) < 0.85
    assert who_arrived(300, 480) > 0.9
    assert five_minutes_before(590) > 0.95


def test_the_demo_starts_in_full_swing() -> None:
    demo = load("demo")
    events = list(simulate(demo, START, 1, 5))
    assert events[0].at == START - demo.warmup_s * 1000
    before = truth_between(events, START - 900_000, START)
    assert set(before) == {"sales", "helpdesk", "billing", "emergency"}
    assert all(queue.handled > 50 for queue in before.values())
    assert sum(event.at >= START for event in events) > 20


def test_a_staffing_shock_changes_nothing_about_who_calls() -> None:
    demo = replace(load("demo"), surges=())
    people = [
        [
            (e.at, e.queue, e.customer, e.reason)
            for e in simulate(s, START, 1, 400)
            if isinstance(e, Enqueued) and e.ivr_s
        ]
        for s in (demo, replace(demo, shocks=()))
    ]
    assert people[0] == people[1]


def test_a_shock_takes_its_share_of_the_agents_for_its_time() -> None:
    shock = StaffingShock(queue="a", at_s=600, for_s=300, share=0.7, reason="outage", every_s=1200)
    scenario = one_floor(busy_queue(), teams=(Team(agents=10, queues=("a",)),), shocks=(shock,))
    gone = [e for e in of(AgentState, simulate(scenario, START, 1, 3000)) if e.reason == "outage"]
    assert Counter((e.at - START) // 1_200_000 for e in gone) == {0: 7, 1: 7}
    assert min(e.at for e in gone) >= START + 600_000


def test_a_surge_multiplies_the_callers_for_its_time() -> None:
    surge = Surge(queue="a", at_s=3600, for_s=3600, factor=3.0)
    queue = busy_queue(noise=0.0)
    events = list(simulate(one_floor(queue, surges=(surge,)), START, 1, 3 * 3600))
    hours = Counter((e.at - START) // 3_600_000 for e in of(Enqueued, events))
    assert hours[0] == pytest.approx(120, abs=40)
    assert hours[1] == pytest.approx(360, abs=70)
    assert hours[2] == pytest.approx(120, abs=40)


def test_callers_follow_the_curve_of_the_day() -> None:
    queue = busy_queue(per_hour=600.0, noise=0.0, curve=(("08:00", 0.0), ("12:00", 1.0), ("16:00", 0.0)))
    events = simulate(one_floor(queue, starts_at="06:00"), START, 1, 12 * 3600)
    hours = Counter(6 + (e.at - START) // 3_600_000 for e in of(Enqueued, events))
    assert set(hours) == set(range(8, 16))
    assert hours[11] == pytest.approx(525, rel=0.15)
    assert hours[8] == pytest.approx(75, rel=0.35)


def test_a_queue_serves_priority_first_then_in_order_of_arrival() -> None:
    events = list(simulate(one_floor(busy_queue(priority_share=0.2)), START, 1, 7200))
    arrived = {e.contact_id: (e.priority, e.at) for e in of(Enqueued, events)}
    waiting: list[tuple[int, int]] = []
    for event in events:
        if isinstance(event, Enqueued):
            waiting.append((-int(event.priority or 0), event.at))
        elif isinstance(event, Ringing):
            priority, at = arrived[event.contact_id]
            assert (-priority, at) == min(waiting)
            waiting.remove((-priority, at))
        elif isinstance(event, Abandoned):
            priority, at = arrived[event.contact_id]
            waiting.remove((-priority, at))
    assert {priority for priority, _ in arrived.values()} == {0, 1}


def test_an_agent_of_two_queues_takes_who_waited_longest() -> None:
    events = list(simulate(one_floor(busy_queue("a"), busy_queue("b", per_hour=40.0)), START, 1, 7200))
    waiting: dict[str, int] = {}
    for event in events:
        if isinstance(event, Enqueued):
            waiting[event.contact_id] = event.at
        elif isinstance(event, Ringing):
            assert waiting.pop(event.contact_id) <= min(waiting.values(), default=event.at)
        elif isinstance(event, Abandoned):
            waiting.pop(event.contact_id)
    assert {event.queue for event in of(Connected, events)} == {"a", "b"}


def test_the_agent_who_is_ready_longest_is_offered_the_next_call() -> None:
    scenario = one_floor(busy_queue(per_hour=30.0), teams=(Team(agents=4, queues=("a",)),))
    ready: dict[str, int] = {}
    for event in simulate(scenario, START, 1, 7200):
        if isinstance(event, Ringing):
            assert ready[event.agent or ""] == min(ready.values())
        elif isinstance(event, AgentState):
            ready.pop(event.agent, None)
            if event.state == "ready":
                ready[event.agent] = event.at


def test_a_call_that_an_agent_lets_ring_keeps_its_place() -> None:
    events = list(simulate(one_floor(busy_queue(missed_share=1.0)), START, 1, 1800))
    rings = Counter(event.contact_id for event in of(Ringing, events))
    first = of(Connected, events)[0]
    assert rings[first.contact_id] == 2
    assert first.contact_id == of(Enqueued, events)[0].contact_id
    assert "missed" in {event.reason for event in of(AgentState, events)}


def test_a_transfer_makes_a_visit_of_the_same_contact_in_the_other_queue() -> None:
    queues = (busy_queue("a", per_hour=20.0, transfers={"b": 1.0}), busy_queue("b", per_hour=0.1))
    teams = (Team(agents=2, queues=("a",)), Team(agents=2, queues=("b",)))
    events = list(simulate(one_floor(*queues, teams=teams), START, 1, 7200))
    handed_on = [(e.contact_id, e.at) for e in of(Ended, events) if e.by == "transfer"]
    assert len(handed_on) > 20
    assert handed_on == [(e.contact_id, e.at) for e in of(Enqueued, events) if e.queue == "b" and e.ivr_s is None]


def test_nobody_is_handed_on_to_a_queue_that_is_closed() -> None:
    queues = (busy_queue("a", per_hour=20.0, transfers={"b": 1.0}), busy_queue("b", open=("08:00", "09:00")))
    teams = (Team(agents=2, queues=("a",)), Team(agents=2, queues=("b",)))
    events = list(simulate(one_floor(*queues, teams=teams), START, 1, 7200))
    assert {e.by for e in of(Ended, events)} == {"agent"}
    assert {e.why for e in of(NotOffered, events)} == {"closed"}


def test_at_closing_time_who_still_waits_is_sent_away() -> None:
    queue = busy_queue(open=("08:00", "09:00"))
    events = list(simulate(one_floor(queue, starts_at="08:00"), START, 1, 7200))
    sent_away = of(Exited, events)
    assert len(sent_away) > 20
    assert {(event.cause, event.at) for event in sent_away} == {("closed", START + 3_600_000)}
    assert not [visit for visit in visits(events) if visit.outcome == "waiting" and visit.left_at is None]


def test_a_full_queue_refuses_the_next_caller() -> None:
    events = list(simulate(one_floor(busy_queue(capacity=3)), START, 1, 3600))
    assert {event.why for event in of(NotOffered, events)} == {"full"}
    waiting = 0
    for event in events:
        waiting += isinstance(event, Enqueued) - isinstance(event, Ringing)
        assert waiting <= 3


def test_callers_leave_in_the_ways_the_queue_knows() -> None:
    queue = busy_queue(per_hour=600.0, patience_s=60.0, timeout_s=90.0, exits={"key": 0.3, "callback": 0.3})
    events = list(simulate(one_floor(queue), START, 1, 3600))
    causes = Counter(event.cause for event in of(Exited, events))
    assert set(causes) == {"key", "callback", "timeout"}
    left = truth(events)["a"].abandoned + causes["key"] + causes["callback"]
    assert causes["key"] / left == pytest.approx(0.3, abs=0.08)
    assert {e.wait_s for e in of(Exited, events) if e.cause == "timeout"} == {90.0}


def test_short_abandons_hang_up_within_five_seconds() -> None:
    total = truth(simulate(one_floor(busy_queue(short_share=0.5)), START, 1, 3600))["a"]
    assert total.abandoned == total.abandoned_short
    assert total.abandoned / total.offered == pytest.approx(0.5, abs=0.15)


def test_agents_come_rest_and_go_by_their_shift() -> None:
    rest = (Break(reason="lunch", after_s=1800, length_s=600),)
    team = Team(agents=3, queues=("a",), shift=("08:30", "10:00"), breaks=rest)
    scenario = one_floor(busy_queue(per_hour=1.0), teams=(team,), starts_at="08:00")
    states = of(AgentState, simulate(scenario, START, 1, 4 * 3600))
    by_agent = {a: [s for s in states if s.agent == a and s.state != "ringing"] for a in ("1001", "1002", "1003")}
    for own in by_agent.values():
        assert abs(own[0].at - START - 1_800_000) <= 120_000
        assert own[-1].state == "logged_out"
        assert abs(own[-1].at - START - 7_200_000) <= 300_000
        assert [s.reason for s in own if s.state == "not_ready"] == ["lunch"]


def test_a_break_that_comes_again_finds_agents_in_the_middle_of_their_rhythm() -> None:
    rest = (Break(reason="coffee", after_s=0, length_s=60, every_s=600, spread_s=600),)
    team = Team(agents=1, queues=("a",), shift=("06:00", "20:00"), breaks=rest)
    scenario = one_floor(busy_queue(per_hour=0.01), teams=(team,), starts_at="08:00")
    coffees = [e.at for e in of(AgentState, simulate(scenario, START, 1, 3600)) if e.reason == "coffee"]
    assert len(coffees) in (5, 6)
    assert {b - a for a, b in pairwise(coffees)} == {600_000}


def test_who_went_home_before_the_start_never_appears() -> None:
    team = Team(agents=1, queues=("a",), shift=("06:00", "07:00"))
    scenario = one_floor(busy_queue(), teams=(team,), starts_at="08:00")
    assert of(AgentState, simulate(scenario, START, 1, 3600)) == []


def never_twice_in_a_millisecond(states: list[AgentState]) -> None:
    since: dict[str, int] = {}
    for event in states:
        assert event.at > since.get(event.agent, 0), event
        since[event.agent] = event.at


def test_in_a_crowd_where_all_happens_at_once_no_agent_changes_state_twice_in_a_millisecond() -> None:
    blink = Spread(0.02, 1.0)
    crowded = busy_queue(per_hour=400_000.0, ring=Spread(0.3, 2.0), talk=blink, wrap_up=blink, short_share=0.5)
    quiet = busy_queue("b", per_hour=20_000.0, ring=blink, talk=blink, wrap_up=blink)
    rest = (Break(reason="coffee", after_s=0, length_s=0.01, every_s=0.05),)
    teams = (Team(agents=20, queues=("a",), breaks=rest), Team(agents=40, queues=("b",), breaks=rest))
    shocks = tuple(
        StaffingShock(queue=name, at_s=0, for_s=for_s, share=0.9, every_s=every_s)
        for name, for_s, every_s in (("a", 0.02, 0.03), ("b", 0.02, 0.03), ("b", 0.0001, 0.005))
    )
    scenario = one_floor(crowded, quiet, teams=teams, shocks=shocks)
    states = of(AgentState, simulate(scenario, START, 1, 6))
    never_twice_in_a_millisecond(states)
    assert Counter(event.reason for event in states)["coffee"] > 1000


def test_who_leaves_in_the_millisecond_of_being_offered_leaves_in_the_next() -> None:
    traffic = _Traffic(one_floor(busy_queue()), START, 1)
    events = traffic.until(math.inf)
    offered = next(event for event in events if isinstance(event, Ringing))
    visit = next(subject for *_, subject in traffic.heap if isinstance(subject, Visit))
    traffic._leave(offered.at, visit)
    left = next(event for event in events if isinstance(event, Abandoned))
    assert (left.contact_id, left.at) == (offered.contact_id, offered.at + 1)


def test_a_duration_of_nothing_yields_the_warm_up_only() -> None:
    events = list(simulate(load("demo"), START, 1, 0))
    assert events
    assert max(event.at for event in events) < START
