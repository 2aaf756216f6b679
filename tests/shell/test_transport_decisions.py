"""What the batch transport decides, without a broker: which batch continues, what was skipped, who may write."""

from collections import namedtuple

import pytest
from faust.types import TP

from callpulse.newer import NewerError
from callpulse.stream.transport import BatchApp, faust_settings
from callpulse.stream.transport.lease import Lease, continues
from callpulse.stream.transport.notes import Mark, Place, marked_note, note, noted_clock, noted_mark, noted_partitions
from callpulse.stream.transport.part import Batch, Part, Verdict, admit
from callpulse.stream.transport.reading import Reading, Step
from callpulse.stream.transport.recovery import without_changelogs
from callpulse.stream.transport.thread import BatchThread

Record = namedtuple("Record", "offset")


def batch(*offsets, start=None, generation=3):
    start = offsets[0] if start is None else start
    return Batch([Record(offset) for offset in offsets], "calls", 0, start, generation)


def offsets(found):
    return [record.offset for record in found]


# -- admit


def test_the_next_batch_continues_and_promises_to_be_applied_whole():
    part = Part(next=10, clock=0, gen=3)
    assert admit(part, batch(10, 11), generation=3) is Verdict.CONTINUES
    assert (part.next, part.taken) == (10, 12)


def test_a_batch_over_a_gap_in_the_topic_itself_continues():
    assert admit(Part(10, 0, 3), batch(14, 17, start=10), 3) is Verdict.CONTINUES


def test_a_batch_after_one_that_vanished_is_left_alone():
    part = Part(10, 0, 3)
    assert admit(part, batch(12, 13), 3) is Verdict.GAP
    assert part.taken == 10


def test_records_applied_already_are_taken_out_so_that_the_clock_never_runs_ahead_of_the_offset():
    part, found = Part(10, 0, 3), batch(8, 9, 10, 11)
    assert admit(part, found, 3) is Verdict.CONTINUES
    assert offsets(found) == [10, 11]
    assert admit(Part(10, 0, 3), batch(8, 9), 3) is Verdict.SEEN


@pytest.mark.parametrize(("batch_gen", "part_gen", "group_gen"), [(2, 3, 3), (3, 2, 3), (3, 3, 4), (2, 2, 3)])
def test_nothing_of_another_generation_is_applied(batch_gen, part_gen, group_gen):
    assert admit(Part(10, 0, part_gen), batch(10, generation=batch_gen), group_gen) is Verdict.STALE


def test_a_partition_that_is_gone_gets_no_batches():
    assert admit(None, batch(10), 3) is Verdict.STALE


def test_after_an_agent_died_inside_a_batch_nothing_is_applied_on_top():
    part = Part(10, 0, 3)
    admit(part, batch(10, 11), 3)
    assert admit(part, batch(10, 11), 3) is Verdict.HALF


# -- commit metadata


def test_the_clock_comes_back_with_its_own_offset_only():
    assert noted_clock(note(42, 1_700_000_000_123), 42) == 1_700_000_000_123
    assert noted_clock(note(42, 1_700_000_000_123), 41) is None


@pytest.mark.parametrize(("clock_ms", "later_ms"), [(1_700_000_000_123, 1_700_000_000_456), (None, 5), (None, None)])
def test_a_mark_keeps_the_clock_and_what_it_will_be(clock_ms, later_ms):
    """While cells move: no worker may start, and who goes on after a power cut knows what was planned."""
    text = marked_note(42, clock_ms, Mark(6, later_ms))
    assert noted_mark(text) == Mark(6, later_ms)
    assert noted_clock(text, 42) == clock_ms
    assert noted_mark(note(42, 5)) is None


@pytest.mark.parametrize("clock_ms", [1_700_000_000_123, None])
def test_the_number_of_partitions_comes_back_with_a_clock_or_without(clock_ms):
    assert noted_partitions(note(42, clock_ms, of=6)) == 6
    assert noted_partitions(note(42, clock_ms)) is None


@pytest.mark.parametrize(
    "text", ["", "{}", "null", '{"v":0,"offset":1,"clock":5}', '{"clock":5}', "x" * 5_000, '{"v":' * 800]
)
def test_foreign_or_missing_metadata_is_no_clock(text):
    assert noted_clock(text, 1) is None
    assert noted_mark(text) is None


def test_metadata_of_a_later_version_is_refused_whatever_else_it_says():
    with pytest.raises(NewerError, match="schema version 2; this callpulse knows versions up to 1"):
        noted_clock('{"v":2,"offset":1,"clock":"of another kind"}', 1)


# -- reading


def test_what_continues_is_delivered():
    reading = Reading(10)
    assert reading.judge(10, 19) is Step.DELIVER
    reading.delivered(19)
    assert reading.next == 20


def test_a_position_that_ran_ahead_is_sought_back():
    assert Reading(10).judge(15, 19) is Step.AHEAD


def test_the_same_answer_after_a_seek_is_a_real_gap():
    reading = Reading(10)
    reading.sought()
    assert reading.judge(15, 19) is Step.DELIVER


def test_after_something_was_dropped_a_gap_is_no_longer_believed():
    reading = Reading(10)
    reading.sought()
    reading.lost()
    assert reading.judge(15, 19) is Step.AHEAD


def test_a_gap_is_believed_only_where_it_was_sought():
    reading = Reading(10)
    reading.sought()
    reading.delivered(12)
    assert reading.judge(15, 19) is Step.AHEAD


def test_what_was_delivered_is_not_delivered_twice_unless_it_vanished():
    reading = Reading(20)
    assert reading.judge(10, 19) is Step.BEHIND
    assert reading.judge(10, 20) is Step.DELIVER
    reading.back_to(10)
    assert reading.judge(10, 19) is Step.DELIVER


# -- lease


def test_a_process_that_keeps_looking_keeps_its_lease():
    lease = Lease(patience_s=4.2)
    assert all(lease.holds(now, generation=1) for now in (0.0, 4.0, 8.0, 12.2))


def test_a_process_that_stood_still_is_fenced_until_a_new_generation():
    lease = Lease(4.2)
    lease.holds(0.0, 1)
    assert not lease.holds(4.3, 1)
    assert not lease.holds(4.4, 1)
    assert lease.holds(4.5, 2)


def test_the_broker_can_confirm_a_fenced_generation():
    lease = Lease(4.2)
    lease.holds(0.0, 1)
    lease.holds(5.0, 1)
    assert lease.confirm(5.1, 1, freezes=1)
    assert lease.holds(5.2, 1)


def test_an_answer_that_came_after_another_freeze_confirms_nothing():
    lease = Lease(4.2)
    lease.holds(0.0, 1)
    lease.holds(5.0, 1)
    assert not lease.confirm(10.0, 1, freezes=1)
    assert not lease.holds(10.1, 1)


def test_memory_is_kept_only_over_generations_that_follow_each_other():
    assert continues(6, 7)
    assert not continues(6, 8), "someone else may have owned the partition in generation 7"
    assert not continues(6, 1), "the group was made anew"
    assert not continues(None, 1)


# -- assignments


def assigned(*names, partitions=(0, 1)):
    return {TP(name, p) for name in names for p in partitions}


def test_a_partition_without_one_of_its_changelogs_is_not_served():
    """Its contacts would start from nothing while its tallies are there."""
    changelogs = {"calls": ["tallies", "contacts"], "kpis": []}
    whole = assigned("calls", "tallies", "contacts", "kpis")
    assert without_changelogs(whole, changelogs) == set()
    assert without_changelogs(whole - {TP("contacts", 1)}, changelogs) == {TP("calls", 1)}
    assert without_changelogs(assigned("calls", "kpis"), changelogs) == assigned("calls")
    assert without_changelogs(assigned("tallies", "contacts"), changelogs) == set()


class Bereft(BatchThread):
    """The consumer's thread at the moment when a rebalance has taken every partition."""

    def __init__(self):
        pass

    def assignment(self):
        return set()


async def test_a_commit_that_comes_too_late_is_refused_and_ends_no_worker():
    assert not await Bereft()._commit_here({TP("calls", 0): Place(5)})


async def test_a_worker_that_has_just_begun_to_start_has_no_partitions_yet():
    app = BatchApp("early", **faust_settings(brokers="127.0.0.1:1", partitions=4, member="m"))
    assert app.batches.assignment() == set()
    app.batches._thread.thread_loop.close()
