"""Where a partition is taken up when Kafka no longer has what we rely on."""

import pytest
from faust.types import TP

from callpulse.repartition.cluster import Place
from callpulse.repartition.look import Standing
from callpulse.stream.transport.editions import EDITION, count_on, counted_on, edition_of, in_kafka
from callpulse.stream.transport.losses import What
from callpulse.stream.transport.notes import Mark, Note, marked_note
from callpulse.stream.transport.takeup import Kept, Shown, take_up

CALLS = TP("calls", 3)


def kept(committed=1_000, topic="A", edition=0, **more):
    more.setdefault("cells", counted_on(committed, edition))
    return Kept(committed=committed, note=Note(1, committed, 99, edition=edition, topic=topic), **more)


def found(kept, earliest=0, end=2_000, topic="A"):
    return take_up(CALLS, kept, Shown(earliest, end, topic))


def whats(take_up):
    return [loss.what for loss in take_up.losses]


# -- nothing is lost


@pytest.mark.parametrize(
    "case",
    [
        kept(),
        kept(topic=""),  # noted by a worker whose broker gave no ids
        kept(cells=1_400),  # a flush that was not committed any more
        Kept(committed=1_000, cells=900),  # moved by hand, or a broker that drops what is stored with a commit
        Kept(committed=3_000, cells=3_000),  # the same, and its ends are wrong
    ],
)
def test_a_partition_goes_on_where_it_is_committed(case):
    at = found(case)
    assert (at.offset, at.edition, at.losses, at.rebuilds) == (case.committed, 0, (), False)


def test_the_end_itself_is_not_beyond_the_end():
    assert found(kept(), end=1_000).losses == ()


@pytest.mark.parametrize("earliest", [0, 700])
def test_a_first_start_begins_at_the_start_and_misses_nothing(earliest):
    at = found(Kept(committed=None), earliest=earliest)
    assert (at.offset, at.edition, at.losses) == (earliest, 0, ())


def test_after_its_commits_expired_a_group_begins_at_the_start_where_cells_skip_what_they_have():
    at = found(Kept(committed=None, cells=1_000), earliest=300)
    assert (at.offset, at.edition, at.losses) == (300, 0, ())


def test_a_topic_made_anew_before_anything_was_read_is_no_loss():
    at = found(kept(committed=0, cells=0), topic="B")
    assert (at.offset, at.edition, at.losses) == (0, 0, ())


# -- events are lost


def test_what_retention_removed_before_it_was_read_is_counted():
    at = found(kept(), earliest=1_250)
    assert (at.offset, at.edition, whats(at)) == (1_250, 0, [What.EXPIRED])
    assert at.losses[0].events == 250
    assert "calls/3: 250 events (offsets 1000 to 1249)" in at.losses[0].sentence


def test_without_a_commit_the_cells_say_from_where_events_are_missing():
    assert found(Kept(committed=None, cells=1_000), earliest=1_100).losses[0].events == 100


@pytest.mark.parametrize("end", [0, 999])
def test_a_topic_that_ends_before_what_was_read_begins_a_new_edition_at_its_start(end):
    at = found(kept(), end=end)
    assert (at.offset, at.edition, whats(at)) == (0, 1, [What.SHORTER])


def test_cells_beyond_the_end_show_it_too():
    assert whats(found(kept(cells=2_001))) == [What.SHORTER]
    assert whats(found(Kept(committed=None, cells=2_001))) == [What.SHORTER]


def test_a_topic_made_anew_is_known_by_its_id_however_large_it_has_grown():
    at = found(kept(), end=5_000, topic="B")
    assert (at.offset, at.edition, whats(at)) == (0, 1, [What.RECREATED])


def test_a_topic_whose_broker_jumped_back_begins_a_new_edition_although_it_has_grown_again():
    assert whats(found(kept(jumped=True))) == [What.SHORTER]


def test_offsets_set_by_hand_do_not_hide_that_the_topic_is_another_one():
    by_hand = Kept(committed=0, note=Note(1, 1_000, 99, topic="A"), cells=1_000, moved=True)
    assert (found(by_hand).offset, found(by_hand).losses) == (0, ())  # read again, as was wanted
    assert whats(found(by_hand, topic="B")) == [What.RECREATED]
    assert whats(found(by_hand, end=999)) == [What.SHORTER]


def test_each_new_beginning_is_an_edition_of_its_own():
    second = kept(committed=50, edition=1)
    assert (second.reached, found(second).edition, found(second).offset) == (50, 1, 50)
    assert found(second, end=20).edition == 2


def test_cells_tell_the_edition_where_no_commit_does():
    after = Kept(committed=None, cells=counted_on(70, 2))
    assert (after.edition, after.reached) == (2, 70)
    assert found(after).edition == 2


def test_cells_of_the_edition_before_say_nothing_of_this_one():
    assert found(kept(committed=50, edition=1, cells=9_000)).losses == ()


# -- stored state is lost


def test_a_lost_changelog_is_made_again_from_the_start_of_the_events():
    at = found(kept(lost_tables=("tallies",)), earliest=200)
    assert (at.offset, at.edition, at.rebuilds, at.all_tables) == (200, 0, True, False)
    assert whats(at) == [What.CHANGELOG]
    assert "of tallies" in at.losses[0].sentence


def test_what_was_lost_in_kafka_and_is_in_memory_is_only_stored_again():
    at = found(kept(lost_tables=("contacts",), in_memory=True))
    assert (at.offset, at.rebuilds, whats(at)) == (1_000, False, [What.REWRITTEN])


def test_with_the_events_lost_too_all_tables_begin_anew():
    """What tallies still hold could not be told from what comes again."""
    at = found(kept(lost_tables=("contacts",)), topic="B")
    assert (at.rebuilds, at.all_tables, whats(at)) == (True, True, [What.RECREATED, What.CHANGELOG])


# -- editions


class Record:
    def __init__(self, offset):
        self.offset = offset


@pytest.mark.parametrize("edition", [0, 1, 7])
def test_offsets_of_a_later_edition_are_larger_and_give_kafkas_own_back(edition):
    records = [Record(0), Record(EDITION - 1)]
    count_on(records, edition)
    assert [in_kafka(record.offset) for record in records] == [0, EDITION - 1]
    assert [edition_of(record.offset) for record in records] == [edition, edition]
    assert records[-1].offset < counted_on(0, edition + 1)


def test_no_offset_is_of_the_first_edition():
    assert edition_of(-1) == 0


def test_cells_that_move_to_more_partitions_keep_the_edition_over_a_run_that_was_broken_off():
    marked = Place(50, marked_note(50, 99, Mark(8, 99), edition=2))
    standing = Standing("calls", {0: marked}, {0: 50, 1: 0}, {0: 50, 1: 0})
    assert standing.cells_start() == {0: counted_on(50, 2), 1: 0}
