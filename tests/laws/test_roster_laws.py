"""Time in state is a pure function of the set of an agent's changes: the increments agree with it in any order, with
any copies, and after any crash."""

import itertools
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from callpulse.stream.core import cells
from callpulse.stream.core.agents import AgentBook
from callpulse.stream.core.events import AGENT_STATES, AgentState
from callpulse.stream.core.history import History
from callpulse.stream.core.limits import Limits
from callpulse.stream.core.roster import EVERYBODY, QueueAgent, RosterBook
from callpulse.stream.core.schemas import Schema
from callpulse.stream.core.stretches import pieces
from callpulse.stream.core.tally import AGENT_MS_KEY, WORKING_STATES
from callpulse.stream.core.windows import INTERVAL_MS, LIVE_MS, PANE_MS, Span
from tests.laws.made import START, WITHIN_AN_HOUR

DAY_MS = 24 * 3_600_000
CHANCE = st.randoms(use_true_random=False)
STATE_OF = {key: state for state, key in AGENT_MS_KEY.items()}
QUEUES = st.sampled_from([(), ("sales",), ("help",), ("sales", "help")])
CHANGES = st.builds(
    AgentState,
    at=WITHIN_AN_HOUR,
    agent=st.sampled_from(["7", "8"]),
    state=st.sampled_from(AGENT_STATES),
    reason=st.sampled_from(["", "lunch"]),
    queues=QUEUES,
    queue=st.sampled_from(["sales", EVERYBODY]),
)
LOGS = st.lists(CHANGES, min_size=1, max_size=12)
SHAPES = {"live": cells.LiveCell, "intervals": cells.IntervalCell, "members": QueueAgent}
Segment = tuple[str, str, int, int]  # queue, state, from, until
Times = dict[tuple[str, int], dict[str, int]]


def roster(log: list[AgentState], limits: Limits | None = None) -> RosterBook:
    book = RosterBook(limits or Limits())
    for offset, event in enumerate(log):
        book.take(event, offset)
    return book


def segments(log: list[AgentState]) -> list[Segment]:
    """The timeline of every agent in every queue: each state lasts until the next change."""
    found: list[Segment] = []
    for queue, agent in {(e.queue, e.agent) for e in log}:
        mine = {
            (e.at, e.state if queue in (EVERYBODY, *e.queues) else "logged_out", e.reason)
            for e in log
            if (e.queue, e.agent) == (queue, agent)
        }
        line = sorted(mine, key=lambda c: (c[0], AGENT_STATES.index(c[1]), c[2]))  # a later state wins a tie
        found += [(queue, state, at, after[0]) for (at, state, _), after in itertools.pairwise(line)]
    return [segment for segment in found if segment[1] in WORKING_STATES and segment[2] < segment[3]]


def cut(log: list[AgentState], size_ms: int) -> Times:
    """Milliseconds by state in every bucket of that size, measured bucket by bucket."""
    out: Times = {}
    for queue, state, since, until in segments(log):
        for start in range(since // size_ms * size_ms, until, size_ms):
            ms = min(until, start + size_ms) - max(since, start)
            of = out.setdefault((queue, start), {})
            of[state] = of.get(state, 0) + ms
    return out


def panes(book: RosterBook) -> Times:
    return {
        (queue, pane * PANE_MS): by_state(tally)
        for (queue, _), cell in book.live.items()
        for pane, tally in cell.panes.items()
    }


def intervals(book: RosterBook) -> Times:
    return {key: by_state(cell.tally) for key, cell in book.intervals.items() if cell.tally}


def by_state(tally: dict[int, int]) -> dict[str, int]:
    return {STATE_OF[key]: ms for key, ms in tally.items()}


@given(LOGS)
@settings(max_examples=200)
def test_the_increments_are_the_timeline_of_the_changes(log: list[AgentState]) -> None:
    book = roster(log)
    assert panes(book) == cut(log, PANE_MS)
    assert intervals(book) == cut(log, INTERVAL_MS)


@given(LOGS, CHANCE)
def test_order_and_copies_of_changes_do_not_matter(log: list[AgentState], chance: random.Random) -> None:
    delivered = log + chance.choices(log, k=len(log))
    chance.shuffle(delivered)
    one, other = roster(delivered), roster(log)
    assert (panes(one), intervals(one)) == (panes(other), intervals(other))
    assert {key: member.changes for key, member in one.members.items()} == {
        key: member.changes for key, member in other.members.items()
    }


@given(LOGS)
def test_the_panes_and_the_intervals_add_up_to_the_segments(log: list[AgentState]) -> None:
    book = roster(log)
    total = sum(until - since for _, _, since, until in segments(log))
    assert sum(ms for pane in panes(book).values() for ms in pane.values()) == total
    assert sum(ms for cell in intervals(book).values() for ms in cell.values()) == total


@given(LOGS, st.integers(0, 400))
def test_what_is_read_is_the_timeline_up_to_now(log: list[AgentState], panes_back: int) -> None:
    book = roster(log)
    as_of = book.clock_ms
    end = as_of // PANE_MS * PANE_MS + PANE_MS
    span = Span(end - (panes_back + 1) * PANE_MS, end)
    for queue in ("sales", EVERYBODY):
        closing = [
            AgentState(at=as_of, agent=agent, state="logged_out", queues=(), queue=queue, reason="~")
            for agent in {e.agent for e in log if e.queue == queue}
        ]
        expected = dict.fromkeys(WORKING_STATES, 0)
        for of, state, since, until in segments([*log, *closing]):
            if of == queue:
                expected[state] += max(0, min(until, span.end_ms) - max(since, span.start_ms))
        assert book.agent_ms(queue, {"1h": span}, as_of) == {"1h": expected}


@given(LOGS, CHANCE)
def test_what_was_read_before_changes_nothing(log: list[AgentState], chance: random.Random) -> None:
    chance.shuffle(log)
    end = max((e.at for e in log), default=0) // PANE_MS * PANE_MS + PANE_MS
    spans = {"1h": Span(end - 360 * PANE_MS, end), "day": Span(end - 8640 * PANE_MS, end)}
    read, unread = roster([]), roster([])
    for offset, event in enumerate(log):
        for book in (read, unread):
            book.take(event, offset)
        for queue in ("sales", EVERYBODY):
            read.agent_ms(queue, spans, end)
    for queue in ("sales", EVERYBODY):
        assert read.agent_ms(queue, spans, end) == unread.agent_ms(queue, spans, end)


@given(LOGS, st.data())
@settings(max_examples=300)
def test_time_in_state_survives_any_crash(log: list[AgentState], data: st.DataObject) -> None:
    """A worker dies while it writes its members: all cells hold more than some members, and some members more than the
    commit. Or it dies while it writes the cells of its next cut: all members hold more than the commit, and some cells
    more than they. The feed is read again from the commit."""
    commit, first, second = sorted(data.draw(st.tuples(*[st.integers(0, len(log))] * 3)))
    committed, stored, ahead = roster(log[:commit]), roster(log[:first]), roster(log[:second])
    again = RosterBook(Limits(), committed.clock_ms)
    if data.draw(st.booleans()):
        again.live.update(recovered("live", stored, stored, data))
        again.intervals.update(recovered("intervals", stored, stored, data))
        again.members.update(recovered("members", stored, committed, data))
    else:
        again.live.update(recovered("live", ahead, stored, data))
        again.intervals.update(recovered("intervals", ahead, stored, data))
        again.members.update(recovered("members", stored, stored, data))
    again.derive()
    for offset in range(commit, len(log)):
        again.take(log[offset], offset)
    straight = roster(log)
    assert (panes(again), intervals(again)) == (panes(straight), intervals(straight))
    for queue in ("sales", EVERYBODY):
        assert again.present(queue, straight.clock_ms) == straight.present(queue, straight.clock_ms)


def recovered(name: str, newer: RosterBook, older: RosterBook, data: st.DataObject) -> dict[Any, Any]:
    """Each record of the newer book or, where that was not written, of the older one."""
    decode, out = cells.decoder(SHAPES[name], Schema()), {}
    for key, cell in sorted(getattr(newer, name).items()):
        source = cell if newer is older or data.draw(st.booleans()) else getattr(older, name).get(key)
        if source is not None:
            out[key] = decode(cells.encode(source))
    return out


@given(st.lists(CHANGES, min_size=1, max_size=8, unique_by=lambda event: (event.agent, event.at)))
def test_every_queue_learns_the_newest_state_whatever_the_order(log: list[AgentState]) -> None:
    """Through both books: who serves a queue is there as the newest of all changes says, elsewhere not at all."""
    newest: dict[str, AgentState] = {}
    for event in log:
        known = newest.get(event.agent)
        if known is None or event.at > known.at:
            newest[event.agent] = event
    agents, forwarded = AgentBook(Limits()), RosterBook(Limits())
    topic: list[AgentState] = []
    for offset, event in enumerate(log):
        copies = agents.take(event, offset)
        assert isinstance(copies, list)
        topic += copies
    for offset, copy in enumerate(topic):
        forwarded.take(copy, offset)
    for queue in ("sales", "help"):
        found = {p.agent: (p.state, p.since_ms) for p in forwarded.present(queue, forwarded.clock_ms)}
        assert found == {
            agent: (event.state, event.at)
            for agent, event in newest.items()
            if queue in event.queues and event.state != "logged_out"
        }


@given(LOGS, st.sampled_from([PANE_MS, 7 * PANE_MS, LIVE_MS, 6 * LIVE_MS]))
@settings(max_examples=200)
def test_a_whole_log_at_once_is_the_log_change_by_change(log: list[AgentState], live_ms: int) -> None:
    """Whatever the order of the log: the same changes, the same time in state, panes as far back as they are asked."""
    whole = Limits(horizon_ms=100 * DAY_MS, interval_ms=100 * DAY_MS)
    agents, straight, history = AgentBook(whole), RosterBook(whole), History(replace(whole, live_ms=live_ms))
    offset = 0
    for at, event in enumerate(log):
        copies = agents.take(event, at)
        assert isinstance(copies, list)
        for copy in copies:
            straight.take(copy, offset)
            offset += 1
        assert history.take(event) is None
    found, oldest = history.roster(), (straight.clock_ms - live_ms) // PANE_MS * PANE_MS
    assert intervals(found) == intervals(straight)
    assert panes(found) == {key: times for key, times in panes(straight).items() if key[1] >= oldest}
    assert {key: member.changes for key, member in found.members.items()} == {
        key: member.changes for key, member in straight.members.items()
    }
    assert (found.by_queue, found.clock_ms) == (straight.by_queue, straight.clock_ms)


@given(st.integers(0, 5_000_000), st.integers(0, 5_000_000), st.sampled_from([LIVE_MS, INTERVAL_MS]))
def test_pieces_cut_a_segment_at_the_edges_of_buckets(start: int, length: int, size: int) -> None:
    found = list(pieces(START + start, START + start + length, size, 0))
    assert sum(until - since for _, since, until in found) == length
    assert all(bucket % size == 0 and bucket <= since < until <= bucket + size for bucket, since, until in found)
    assert len({bucket for bucket, _, _ in found}) == len(found)
