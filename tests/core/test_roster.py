"""Agents: who is there, in which state, for how long, and who is told."""

from callpulse.stream.core.agents import AgentBook
from callpulse.stream.core.events import AgentState, Heartbeat, Reason, Rejected
from callpulse.stream.core.limits import HOUR_MS, Limits
from callpulse.stream.core.roster import EVERYBODY, MAX_CHANGES, Presence, RosterBook
from callpulse.stream.core.windows import INTERVAL_MS, LIVE_MS, PANE_MS, Span

NOON = 1_795_262_400_000  # 2026-11-21T12:00Z


def ms_in(roster: RosterBook, span: Span, as_of_ms: int, cells: str) -> dict[str, int]:
    """Milliseconds by state in the queue `sales`, from "live" panes or "intervals"."""
    window = {"live": "1h", "intervals": "interval"}[cells]
    return roster.agent_ms("sales", {window: span}, as_of_ms)[window]


def change(at_ms: int, state: str, *queues: str, agent: str = "7", queue: str = "", reason: str = "") -> AgentState:
    return AgentState(at=at_ms, agent=agent, state=state, queues=queues, queue=queue, reason=reason)  # type: ignore[arg-type]


def told(copies: list[AgentState] | Rejected) -> list[tuple[str, str, int]]:
    assert isinstance(copies, list)
    return [(copy.queue, copy.state, copy.at) for copy in copies]


def test_a_change_goes_to_every_queue_served_before_or_after_and_to_everybody_once() -> None:
    book = AgentBook(Limits())
    assert told(book.take(change(NOON, "ready", "sales"), 0)) == [(EVERYBODY, "ready", NOON), ("sales", "ready", NOON)]
    moved = book.take(change(NOON + 1, "ready", "help"), 1)
    assert [queue for queue, _, _ in told(moved)] == [EVERYBODY, "sales", "help"]
    assert book.agents["7"].queues == ("help",)
    assert list(book.dirty_agents) == ["7"]


def test_a_change_that_was_booked_is_forwarded_again_in_case_it_never_arrived() -> None:
    book = AgentBook(Limits())
    first = book.take(change(NOON, "ready", "sales"), 0)
    assert book.take(change(NOON, "ready", "sales"), 0) == first


def test_a_queue_that_a_late_event_names_learns_the_newest_state_too() -> None:
    book = AgentBook(Limits())
    book.take(change(NOON + 9, "talking", "help"), 0)
    late = told(book.take(change(NOON, "ready", "sales"), 1))
    assert ("sales", "ready", NOON) in late
    assert ("sales", "talking", NOON + 9) in late
    assert book.agents["7"].state == "talking"


def test_a_queue_not_served_for_longer_than_the_horizon_is_told_no_more() -> None:
    book = AgentBook(Limits(horizon_ms=HOUR_MS))
    book.take(change(NOON, "ready", "sales"), 0)
    book.take(change(NOON + 1, "ready", "help"), 1)
    later = book.take(change(NOON + HOUR_MS + 1, "talking", "help"), 2)
    assert [queue for queue, _, _ in told(later)] == [EVERYBODY, "help"]
    moved = book.take(change(NOON + 2 * HOUR_MS + 2, "ready", "sales"), 3)
    assert [queue for queue, _, _ in told(moved)] == [EVERYBODY, "sales"]


def test_what_is_not_believed_is_refused_with_its_reason() -> None:
    for book in (AgentBook(Limits(), NOON), RosterBook(Limits(), NOON)):
        late = book.take(change(NOON - 24 * HOUR_MS - 1, "ready", "sales", queue="sales"), 0)
        early = book.take(change(NOON + 300_001, "ready", "sales", queue="sales"), 1, NOON)
        assert isinstance(late, Rejected)
        assert isinstance(early, Rejected)
        assert (late.reason, early.reason, book.clock_ms) == (Reason.TOO_LATE, Reason.FUTURE, NOON)


def test_heartbeats_move_the_clocks() -> None:
    agents, roster = AgentBook(Limits(), NOON), RosterBook(Limits(), NOON)
    assert agents.take(Heartbeat(at=NOON + 1), 0) == []
    assert roster.take(Heartbeat(at=NOON + 1), 0) is None
    assert (agents.clock_ms, roster.clock_ms) == (NOON + 1, NOON + 1)


def day() -> RosterBook:
    roster = RosterBook(Limits(), NOON)
    for offset, (at, state) in enumerate([(0, "ready"), (15_000, "talking"), (25_000, "wrapup"), (30_000, "ready")]):
        roster.take(change(NOON + at, state, "sales", queue="sales"), offset)
    return roster


def test_time_in_state_is_split_over_the_panes_in_which_it_passes() -> None:
    roster = day()
    span = Span(NOON, NOON + PANE_MS * 6)
    ms = ms_in(roster, span, NOON + 42_000, "live")
    assert ms == {"ready": 27_000, "talking": 10_000, "wrapup": 5_000, "ringing": 0, "hold": 0, "not_ready": 0}
    assert ms_in(roster, Span(NOON + 10_000, NOON + 20_000), NOON + 42_000, "live")["talking"] == 5_000
    whole = ms_in(roster, Span(NOON, NOON + INTERVAL_MS), NOON + 42_000, "intervals")
    assert whole == ms


def test_a_late_change_splits_the_time_that_was_booked() -> None:
    roster = day()
    roster.take(change(NOON + 20_000, "hold", "sales", queue="sales"), 9)
    ms = ms_in(roster, Span(NOON, NOON + 60_000), NOON + 30_000, "live")
    assert (ms["talking"], ms["hold"], ms["wrapup"]) == (5_000, 5_000, 5_000)


def test_who_serves_the_queue_no_longer_or_was_not_heard_of_for_a_day_is_gone() -> None:
    roster = day()
    assert roster.present("sales", NOON + 42_000) == [Presence("7", "ready", NOON + 30_000, "")]
    assert roster.present("sales", NOON + 30_001 + 24 * HOUR_MS) == []
    assert roster.present("help", NOON) == []
    roster.take(change(NOON + 50_000, "ready", "help", queue="sales"), 9)
    assert roster.present("sales", NOON + 60_000) == []


def test_copies_and_offsets_that_were_applied_change_nothing() -> None:
    roster = day()
    before = ms_in(roster, Span(NOON, NOON + 60_000), NOON + 42_000, "live")
    roster.take(change(NOON, "ready", "sales", queue="sales"), 9)
    roster.take(change(NOON + 5, "hold", "sales", queue="sales"), 3)
    assert ms_in(roster, Span(NOON, NOON + 60_000), NOON + 42_000, "live") == before


def test_a_pane_whose_time_is_taken_back_leaves_nothing_behind() -> None:
    roster = RosterBook(Limits(), NOON)
    roster.take(change(NOON, "ready", "sales", queue="sales"), 0)
    roster.take(change(NOON + 20_000, "ready", "sales", queue="sales"), 1)
    roster.take(change(NOON, "ready", queue="sales", reason="left"), 2)  # of two at one moment the sign-off counts
    roster.take(change(NOON, "hold", "sales", queue="sales"), 3)
    assert sum(ms_in(roster, Span(NOON, NOON + 60_000), NOON + 20_000, "live").values()) == 0
    assert [cell.panes for cell in roster.live.values()] == [{}]


def test_of_what_lies_beyond_the_horizon_the_last_change_is_kept() -> None:
    roster = RosterBook(Limits(horizon_ms=HOUR_MS), NOON)
    for offset in range(4):
        roster.take(change(NOON + offset * HOUR_MS, "ready", "sales", queue="sales", reason=str(offset)), offset)
    assert [reason for _, _, reason in roster.members["sales", "7"].changes] == ["1", "2", "3"]


def test_an_agent_keeps_so_many_changes_and_no_more() -> None:
    roster = RosterBook(Limits(), NOON)
    for offset in range(MAX_CHANGES + 3):
        roster.take(change(NOON + offset, "ready", "sales", queue="sales"), offset)
    changes = roster.members["sales", "7"].changes
    assert (len(changes), changes[0][0]) == (MAX_CHANGES, NOON + 3)


def test_cells_of_agents_expire_too_and_what_is_derived_comes_back() -> None:
    roster = day()
    roster.clock_ms = NOON + 3 * HOUR_MS + LIVE_MS
    again = RosterBook(Limits(), roster.clock_ms)
    again.members.update(roster.members)
    again.live.update(roster.live)
    again.intervals.update(roster.intervals)
    again.dirty_live.update(roster.dirty_live)
    again.derive()
    assert (dict(again.live), dict(again.dirty_live)) == ({}, {})
    assert again.intervals == roster.intervals
    assert again.by_queue == {"sales": {"7"}}
    assert list(again.changed) == ["sales"]


def test_time_before_the_oldest_pane_is_not_booked() -> None:
    roster = RosterBook(Limits(live_ms=HOUR_MS, interval_ms=HOUR_MS), NOON)
    roster.take(change(NOON - 5 * HOUR_MS, "ready", "sales", queue="sales"), 0)
    roster.take(change(NOON, "talking", "sales", queue="sales"), 1)
    ready = ms_in(roster, Span(NOON - 6 * HOUR_MS, NOON), NOON, "intervals")["ready"]
    assert ready == HOUR_MS
