"""Whatever the scenario, a simulated centre obeys the laws of a real one."""

from collections import Counter, defaultdict
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from callpulse.simulator.faults import deliveries, with_heartbeats
from callpulse.simulator.scenario import (
    Break,
    DeadFeed,
    Faults,
    Queue,
    Scenario,
    Spread,
    StaffingShock,
    Surge,
    Team,
    checked,
)
from callpulse.simulator.traffic import simulate
from callpulse.simulator.truth import truth
from callpulse.stream.core.events import (
    Abandoned,
    AgentState,
    Connected,
    Ended,
    Enqueued,
    Event,
    Exited,
    Heartbeat,
    Held,
    NotOffered,
    Resumed,
    Ringing,
    WrappedUp,
)
from callpulse.stream.core.wire import decode_agent, decode_call, encode

START = 1_795_428_000_000
FEWER = settings(max_examples=settings().max_examples // 5)  # each example is some minutes of a whole centre

# What may follow in the life of a visit. A visit begins with Enqueued; () = its end.
NEXT = {
    Enqueued: (Ringing, Abandoned, Exited),
    Ringing: (Ringing, Connected, Abandoned, Exited),
    Connected: (Held, Ended),
    Held: (Resumed,),
    Resumed: (Ended,),
    Ended: (WrappedUp,),
    Abandoned: (),
    Exited: (),
    WrappedUp: (),
}
NEXT_STATE = {
    "": {"ready", "not_ready"},
    "logged_out": set(),
    "ready": {"ringing", "not_ready", "logged_out"},
    "ringing": {"talking", "ready", "not_ready", "logged_out"},
    "talking": {"hold", "wrapup"},
    "hold": {"talking"},
    "wrapup": {"ready", "not_ready", "logged_out"},
    "not_ready": {"ready", "not_ready", "logged_out"},
}


def seconds(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high).map(lambda s: round(s, 3))


shares = st.sampled_from([0.0, 0.1, 0.5, 0.9])
spreads = st.builds(Spread, seconds(0.1, 200), st.sampled_from([0.0, 0.5, 2.0]))


@st.composite
def queues(draw: st.DrawFn, name: str, others: tuple[str, ...]) -> Queue:
    return Queue(
        id=name,
        per_hour=draw(seconds(1, 600)),
        noise=draw(st.sampled_from([0.0, 0.3, 1.0])),
        curve=draw(st.sampled_from([(("00:00", 1.0),), (("08:00", 0.2), ("08:20", 1.0), ("08:40", 0.0))])),
        open=draw(st.sampled_from([None, ("08:05", "08:30"), ("00:00", "24:00")])),
        capacity=draw(st.sampled_from([None, 1, 5])),
        patience_s=draw(seconds(0.5, 300)),
        timeout_s=draw(st.sampled_from([None, 10.0, 120.0])),
        short_share=draw(shares),
        exits=draw(st.sampled_from([{}, {"key": 0.5, "callback": 0.4}])),
        menu_share=draw(shares),
        ring=draw(st.builds(Spread, seconds(0.001, 10))),
        talk=draw(spreads),
        hold=draw(spreads),
        hold_share=draw(shares),
        wrap_up=draw(spreads),
        missed_share=draw(shares),
        priority_share=draw(shares),
        transfers=draw(st.sampled_from([{}, *({other: 0.5} for other in others)])),
    )


@st.composite
def teams(draw: st.DrawFn, served: tuple[str, ...]) -> Team:
    rest = Break(
        reason="coffee",
        after_s=draw(seconds(0, 1200)),
        length_s=draw(seconds(1, 300)),
        spread_s=draw(seconds(0, 60)),
        every_s=draw(st.sampled_from([None, 400.0])),
    )
    return Team(
        agents=draw(st.integers(1, 8)),
        queues=served,
        shift=draw(st.sampled_from([None, ("08:00", "08:30"), ("07:00", "08:10")])),
        breaks=draw(st.sampled_from([(), (rest,)])),
    )


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    names = ("a", "b", "c")[: draw(st.integers(1, 3))]
    shock = StaffingShock(queue="a", at_s=draw(seconds(0, 600)), for_s=draw(seconds(1, 300)), share=draw(shares))
    surge = Surge(queue="a", at_s=draw(seconds(0, 600)), for_s=draw(seconds(1, 300)), factor=draw(seconds(0, 4)))
    return checked(
        Scenario(
            name="law",
            starts_at="08:00",
            queues=tuple(draw(queues(name, tuple(o for o in names if o != name))) for name in names),
            teams=(draw(teams(names)), *(draw(teams((name,))) for name in names)),
            warmup_s=draw(st.sampled_from([0.0, 300.0])),
            shocks=draw(st.sampled_from([(), (shock,)])),
            surges=draw(st.sampled_from([(), (surge,)])),
        )
    )


seeds = st.integers(0, 2**32)


def some_minutes(scenario: Scenario, seed: int) -> list[Event]:
    return list(simulate(scenario, START, seed, 900))


@FEWER
@given(scenarios(), seeds)
def test_every_visit_lives_a_legal_life_and_states_its_times_exactly(scenario: Scenario, seed: int) -> None:
    latest: dict[tuple[str, str], dict[str, Event]] = {}
    last: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in some_minutes(scenario, seed):
        if isinstance(event, AgentState | NotOffered):
            continue
        story = last[event.queue, event.contact_id]
        if isinstance(event, Enqueued):
            # an agent may still be wrapping up the former visit of a contact that has come back
            assert not story or type(story[-1]) in (Ended, WrappedUp)
            story.clear()
            latest[event.queue, event.contact_id] = {}
        elif isinstance(event, WrappedUp) and not _ended_by(event.agent, story[-1]):
            continue  # of the former visit, by an agent who cannot have taken the next one meanwhile
        else:
            assert type(event) in NEXT[type(story[-1])], (story[-1], event)
        story.append(event)
        _check_durations(story)


def _ended_by(agent: str | None, event: Event) -> bool:
    return isinstance(event, Ended) and event.agent == agent


def _check_durations(story: list[Event]) -> None:
    event, at = story[-1], {type(e): e.at for e in story}
    if isinstance(event, Connected | Abandoned | Exited):
        assert round((event.wait_s or 0) * 1000) == event.at - at[Enqueued]
    elif isinstance(event, Ended):
        assert round(((event.talk_s or 0) + (event.hold_s or 0)) * 1000) == event.at - at[Connected]
        held = at[Resumed] - at[Held] if Held in at else 0
        assert round((event.hold_s or 0) * 1000) == held
    elif isinstance(event, WrappedUp):
        assert round((event.wrap_up_s or 0) * 1000) == event.at - at[Ended]


@FEWER
@given(scenarios(), seeds)
def test_agents_change_state_legally_and_never_twice_in_a_millisecond(scenario: Scenario, seed: int) -> None:
    state: dict[str, tuple[str, int]] = {}
    for event in some_minutes(scenario, seed):
        if isinstance(event, AgentState):
            before, since = state.get(event.agent, ("", START - 10**9))
            assert event.state in NEXT_STATE[before], (before, event)
            assert event.at > since
            assert (event.state == "not_ready") == bool(event.reason)
            state[event.agent] = event.state, event.at


@FEWER
@given(scenarios(), seeds)
def test_an_agent_has_one_call_at_a_time_from_a_queue_that_is_theirs(scenario: Scenario, seed: int) -> None:
    serves: dict[str, tuple[str, ...]] = {}
    busy: dict[str, tuple[str, str]] = {}
    for event in some_minutes(scenario, seed):
        if isinstance(event, AgentState):
            serves[event.agent] = event.queues
            if event.state in ("ready", "not_ready", "logged_out"):
                busy.pop(event.agent, None)
        elif isinstance(event, Ringing):
            contact = busy.setdefault(event.agent or "", (event.queue, event.contact_id))
            assert contact == (event.queue, event.contact_id)
            assert event.queue in serves[event.agent or ""]
        elif isinstance(event, Connected | Held | Resumed | Ended | WrappedUp):
            assert busy[event.agent or ""] == (event.queue, event.contact_id)


@FEWER
@given(scenarios(), seeds)
def test_nobody_waits_while_somebody_is_ready_to_serve_them(scenario: Scenario, seed: int) -> None:
    waiting: Counter[str] = Counter()
    ready: dict[str, tuple[str, ...]] = {}
    rung: set[tuple[str, str]] = set()
    events = some_minutes(scenario, seed)
    for event, following in pairwise(events):
        if isinstance(event, AgentState):
            ready.pop(event.agent, None)
            if event.state == "ready":
                ready[event.agent] = event.queues
        else:
            _follow(event, waiting, rung)
        if following.at > event.at + 1:  # an agent who has just become ready looks round a millisecond later
            free = {queue for served in ready.values() for queue in served}
            assert not [queue for queue in free if waiting[queue]]


def _follow(event: Event, waiting: Counter[str], rung: set[tuple[str, str]]) -> None:
    """Counts who waits without being offered to an agent; one who is let ring is offered again, or leaves."""
    if isinstance(event, Enqueued):
        waiting[event.queue] += 1
    elif isinstance(event, Ringing | Abandoned | Exited):
        visit = event.queue, event.contact_id
        waiting[event.queue] -= visit not in rung
        (rung.add if isinstance(event, Ringing) else rung.discard)(visit)
    elif isinstance(event, Connected):
        rung.discard((event.queue, event.contact_id))


@FEWER
@given(scenarios(), seeds)
def test_the_ledger_balances(scenario: Scenario, seed: int) -> None:
    events = some_minutes(scenario, seed)
    for queue in truth(events).values():
        assert queue.offered == queue.answered + queue.abandoned + queue.exited + queue.waiting
        assert queue.answered_within <= queue.answered
        assert queue.handled <= queue.answered
    counts = Counter(type(event) for event in events)
    assert sum(queue.offered for queue in truth(events).values()) == counts[Enqueued]
    assert sum(queue.not_offered for queue in truth(events).values()) == counts[NotOffered]


@FEWER
@given(scenarios(), seeds, st.integers(0, 900))
def test_same_arguments_same_bytes_and_a_shorter_run_is_the_beginning_of_a_longer(
    scenario: Scenario, seed: int, shorter_s: int
) -> None:
    whole = [encode(event) for event in some_minutes(scenario, seed)]
    begun = [encode(event) for event in simulate(scenario, START, seed, shorter_s)]
    assert begun == whole[: len(begun)]
    assert [encode(event) for event in some_minutes(scenario, seed)] == whole


@FEWER
@given(scenarios(), seeds)
def test_events_come_in_the_order_of_time_and_keep_to_the_contract(scenario: Scenario, seed: int) -> None:
    events = some_minutes(scenario, seed)
    assert all(a.at <= b.at for a, b in pairwise(events))
    assert all(START - scenario.warmup_s * 1000 <= event.at < START + 900_000 for event in events)
    for event in events:
        decoded = decode_agent(encode(event)) if isinstance(event, AgentState) else decode_call(encode(event))
        assert decoded == event


@st.composite
def faults(draw: st.DrawFn) -> Faults:
    dead = st.builds(DeadFeed, seconds(0, 800), seconds(0.5, 300))
    return Faults(
        late_share=draw(st.floats(0, 1)),
        late_by_s=draw(seconds(0.1, 120)),
        double_share=draw(st.floats(0, 1)),
        double_within_s=draw(seconds(0, 30)),
        dead_feeds=tuple(draw(st.lists(dead, max_size=3))),
    )


@FEWER
@given(scenarios(), faults(), seeds)
def test_a_feed_delivers_everything_in_order_never_early_and_nothing_while_dead(
    scenario: Scenario, wrong: Faults, seed: int
) -> None:
    events = some_minutes(scenario, seed)
    delivered = list(deliveries(events, wrong, START, seed))
    assert all(a <= b for (a, _), (b, _) in pairwise(delivered))
    assert all(at >= event.at for at, event in delivered)
    copies = Counter(encode(event) for _, event in delivered)
    assert set(copies) == {encode(event) for event in events}
    assert max(copies.values(), default=1) <= 2
    both = with_heartbeats(delivered, wrong.dead_feeds, START, "sim", START + 900_000)
    for feed in wrong.dead_feeds:
        begins, ends = START + round(feed.at_s * 1000), START + round((feed.at_s + feed.for_s) * 1000)
        assert not [at for at, _ in both if begins <= at < ends]


@FEWER
@given(scenarios(), faults(), seeds)
def test_truth_is_the_same_through_a_faulty_feed(scenario: Scenario, wrong: Faults, seed: int) -> None:
    events = some_minutes(scenario, seed)
    assert truth(event for _, event in deliveries(events, wrong, START, seed)) == truth(events)


@FEWER
@given(scenarios(), faults(), seeds)
def test_a_heartbeat_comes_after_everything_that_was_delivered_by_then(
    scenario: Scenario, wrong: Faults, seed: int
) -> None:
    on_time = Faults(dead_feeds=wrong.dead_feeds)
    both = list(with_heartbeats(deliveries(some_minutes(scenario, seed), on_time, START, 1), (), START, "sim"))
    vouched = START - 10**9
    for at, event in both:
        if isinstance(event, Heartbeat):
            assert at == event.at
            vouched = at
        else:
            assert at > vouched
