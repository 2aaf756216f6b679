"""Laws of the names that may become labels."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpulse.stream.metrics.roll import SAY_EVERY_S, QueueRoll, Roll

names = st.lists(st.sampled_from("abcdefghij"), max_size=12)


@given(st.integers(0, 6), st.sets(st.sampled_from("abj")), st.lists(names, min_size=1, max_size=5))
def test_no_more_are_told_than_were_asked_for_and_who_is_told_stays(
    most: int, first: set[str], calls: list[list[str]]
) -> None:
    roll, before = Roll(most), []
    for here in calls:
        told = roll.call(here, first)
        assert len(told) == len(set(told)) == min(most, len(set(here)))
        assert set(told) <= set(here)
        assert roll.left_out == len(set(here)) - len(told)
        come = [name for name in here if name in first and name not in before]
        stay = [name for name in before if name in here]
        assert set(stay[: max(0, most - len(set(come)))]) <= set(told)
        before = told


@given(names, st.integers(0, 6))
def test_configured_names_come_before_all_others(here: list[str], most: int) -> None:
    roll = Roll(most)
    roll.call(here)
    told = roll.call([*here, "Z"], {"Z"})
    assert "Z" in told or most == 0


def test_what_is_left_out_is_said_once_an_hour(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    roll = QueueRoll(logging.getLogger("callpulse.worker"), lambda: now[0])
    roll.most = 2
    for now[0] in (0.0, 10.0, 20.0):
        assert roll.call("ab") == ["a", "b"]
    assert caplog.messages == []
    for now[0] in (30.0, 40.0, SAY_EVERY_S, SAY_EVERY_S + 31):
        assert roll.call("abcd") == ["a", "b"]
    said = (
        "metrics.max_queues = 2: /metrics leaves out 2 queues more, those that came last; all else goes on with them."
    )
    assert [message[: len(said)] for message in caplog.messages] == [said, said]
