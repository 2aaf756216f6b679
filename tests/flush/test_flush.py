"""A worker is killed at every await of its cuts and commits, while events arrive and while they do not: whoever takes
over brings every cell of all three sources to the truth.

Time is virtual, and every answer of the broker takes 50 ms of it. Where answers come at once, hardly an event falls
between two writes of a cut, and even a wrong flush comes out right, kill after kill.
"""

from collections.abc import Callable

import pytest

from tests.flush.lives import Manner, Tally, a_day, after_a_failure, after_any_death

SEED = 1
WRITES = 35  # more than a small day has, of cuts and of copies
WithoutGuard = Callable[[str], None]


def differing(tally: Tally) -> str:
    """For whoever has to find out why."""
    shown = [f"killed when {moment}: {found[0]} and {len(found) - 1} more" for moment, found in tally.wrong[:3]]
    return f"wrong after {len(tally.wrong)} of {len(tally.moments)} deaths:\n" + "\n".join(shown)


def test_killed_at_any_await_while_events_arrive() -> None:
    tally = after_any_death(a_day(SEED), Manner())
    assert not tally.wrong, differing(tally)
    assert len(tally.moments) > 60
    assert any("contacts" not in moment and "tallies_total" in moment for moment in tally.moments), "between the tables"
    assert any("'calls': 0" in moment and "'contacts'" in moment for moment in tally.moments), "before the commit"


def test_killed_at_any_await_while_none_arrive() -> None:
    tally = after_any_death(a_day(SEED + 1), Manner(pause_s=None))
    assert not tally.wrong, differing(tally)


@pytest.mark.parametrize("kept", [False, True], ids=["lost", "stored all the same"])
def test_any_one_write_fails_and_the_worker_is_killed_after_its_next_commit(kept: bool) -> None:
    wrong = {fails: found for fails in range(1, WRITES) if (found := after_a_failure(SEED, fails, kept=kept))}
    assert not wrong, {fails: str(found[0]) for fails, found in wrong.items()}


def test_a_naive_flush_which_encodes_contacts_after_it_has_waited_is_wrong(without: WithoutGuard) -> None:
    """Tallies, an await, then contacts as they are by then: ahead of the tallies, and of the offset that is committed.
    An event that came meanwhile is read again, is known to its contact, and never reaches the tallies."""
    without("one-cut")
    tally = after_any_death(a_day(SEED, contacts=8, changes=3), Manner())
    places = {found.place for _, differing in tally.wrong for found in differing}
    assert {"tallies_live", "tallies_interval", "tallies_total", "oracle"} <= places
    assert "contacts" not in places, "they look right, which is why nobody notices"


def test_as_long_as_nothing_happens_during_a_cut_the_naive_flush_is_right(without: WithoutGuard) -> None:
    """Which is luck, and why the other tests have a latency."""
    without("one-cut")
    assert not after_any_death(a_day(SEED, contacts=8, changes=3), Manner(pause_s=None)).wrong


@pytest.mark.parametrize("guard", ["skipping", "single-steps", "order-of-tables", "clock-in-metadata"])
def test_a_kill_needs(without: WithoutGuard, guard: str) -> None:
    without(guard)
    assert after_any_death(a_day(SEED, contacts=8, changes=3), Manner()).wrong


@pytest.mark.parametrize("guard", ["flush-before-commit", "putting-back", "copies-before-cut"])
def test_a_failed_write_needs(without: WithoutGuard, guard: str) -> None:
    without(guard)
    assert any(after_a_failure(SEED, fails, kept=False) for fails in range(1, WRITES))
