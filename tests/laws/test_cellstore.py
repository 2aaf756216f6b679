"""Laws of recovery: the record with the larger source offset counts, whoever wrote last."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpulse.stream.transport import cellstore
from callpulse.stream.transport.cellstore import CellStore, Codec
from callpulse.stream.transport.errors import CorruptChangelogError

P = 2
Written = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50)), max_size=40)


def dumps(value):
    return json.dumps(value).encode()


def a_store():
    store = CellStore("contacts", Codec(dumps, json.loads, dumps, json.loads, lambda value: value[0]), 1_000)
    store.open(P)
    return store


def folded(written):
    store = a_store()
    for at, (key, offset) in enumerate(written):
        store.fold(P, at, dumps(key), dumps([offset]))
    return store


@given(Written, st.randoms(use_true_random=False))
def test_the_order_of_a_changelog_does_not_matter(written, chance):
    shuffled = written.copy()
    chance.shuffle(shuffled)
    assert folded(written).cells == folded(shuffled).cells


@given(Written)
def test_every_key_ends_with_its_largest_offset_and_reading_twice_changes_nothing(written):
    largest = {key: [max(o for k, o in written if k == key)] for key, _ in written}
    assert folded(written).cells[P] == folded(written + written).cells[P] == largest


@given(Written)
def test_exactly_the_keys_whose_last_record_is_not_their_newest_must_be_written_again_at_least(written):
    store = folded(written)
    behind = {key for key, offset in dict(written).items() if offset < store.cells[P][key][0]}
    assert behind <= store.dirty[P].keys()
    assert not store.dirty[P].keys() - {key for key, _ in written}


@given(Written, st.integers(0, 40))
def test_nothing_beyond_the_end_seen_first_is_applied(written, end):
    store = a_store()
    store.ends[P] = end
    for at, (key, offset) in enumerate(written):
        store.fold(P, at, dumps(key), dumps([offset]))
    assert store.cells == folded(written[:end]).cells


@given(Written)
def test_what_is_taken_recovers_to_the_same_cells(written):
    store = a_store()
    for key, offset in written:
        store.cells[P][key] = [offset]
        store.dirty[P][key] = None
    again = a_store()
    for at, (key, value) in enumerate(store.take(P).records):
        again.fold(P, at, key, value)
    assert again.cells == store.cells
    assert not store.dirty[P]


Change = st.tuples(st.sampled_from("abc"), st.none() | st.integers(0, 50))  # None: a tombstone


def record_of(at, change):
    key, offset = change
    return at, dumps(key), None if offset is None else dumps([offset])


@given(st.lists(Change, max_size=40), st.lists(st.integers(0, 40), max_size=4), st.none() | st.integers(0, 40))
def test_many_records_at_once_leave_what_one_after_the_other_leaves(changes, ends, beyond):
    records = [record_of(at, change) for at, change in enumerate(changes)]
    one_by_one, at_once = a_store(), a_store()
    for store in (one_by_one, at_once):
        store.ends = {} if beyond is None else {P: beyond}
    for record in records:
        one_by_one.fold(P, *record)
    for start, end in pairwise([0, *sorted(ends), len(records)]):
        at_once.fold_all(P, records[start:end])
    assert at_once.cells == one_by_one.cells
    assert at_once.dirty[P].keys() <= one_by_one.dirty[P].keys()


@given(Written, st.lists(st.integers(0, 40), max_size=4))
def test_many_records_at_once_mark_all_that_must_be_written_again(written, ends):
    store, records = a_store(), [record_of(at, change) for at, change in enumerate(written)]
    for start, end in pairwise([0, *sorted(ends), len(records)]):
        store.fold_all(P, records[start:end])
    behind = {key for key, offset in dict(written).items() if offset < store.cells[P][key][0]}
    assert behind <= store.dirty[P].keys()


def test_of_many_records_of_a_key_only_the_newest_is_decoded():
    decoded = []

    def decode(stored):
        decoded.append(json.loads(stored))
        return decoded[-1]

    codec = Codec(dumps, json.loads, dumps, decode, lambda cell: cell[0], lambda stored: json.loads(stored)[0])
    store = CellStore("totals", codec, 1_000)
    store.open(P)
    store.fold_all(P, [record_of(at, ("a", offset)) for at, offset in enumerate([1, 2, 9, 4])])
    assert decoded == [[9]]
    assert store.cells[P] == {"a": [9]}
    assert list(store.dirty[P]) == ["a"]


@given(Written, st.integers(1, 5), st.sets(st.sampled_from("abc")))
def test_after_a_doubt_every_cell_is_written_again_a_few_with_each_cut(written, at_once, changed):
    store = folded(written)
    store.dirty[P].clear()
    store.doubt(P)
    store.dirty[P].update(dict.fromkeys(changed & store.cells[P].keys()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cellstore, "REWRITTEN_AT_ONCE", at_once)
        cuts = []
        while store.is_dirty(P):
            cuts.append(store.take(P).records)
    again = a_store()
    for at, (key, value) in enumerate(record for cut in cuts for record in cut):
        again.fold(P, at, key, value)
    assert again.cells == store.cells
    assert all(len(cut) <= at_once + len(changed) for cut in cuts)


def test_a_partition_that_is_forgotten_is_no_longer_in_doubt():
    store = folded([("a", 3)])
    store.doubt(P)
    store.forget(P)
    store.open(P)
    assert not store.take(P).records


def test_a_tombstone_removes():
    store = folded([("a", 3), ("b", 4)])
    store.fold(P, 2, dumps("a"), None)
    assert store.cells[P] == {"b": [4]}


def test_the_dictionaries_of_a_partition_stay_the_same_objects():
    store = a_store()
    cells, dirty = store.cells[P], store.dirty[P]
    store.fold(P, 0, dumps("a"), dumps([1]))
    dirty["a"] = None
    store.put_back(P, store.take(P))
    store.open(P)
    assert store.cells[P] is cells
    assert store.dirty[P] is dirty
    assert list(dirty) == ["a"]


@pytest.mark.parametrize(("key", "value"), [(b"{", b"[1]"), (b'"a"', b"{")])
def test_a_record_that_cannot_be_read_says_where_it_is(key, value):
    with pytest.raises(CorruptChangelogError, match="table contacts, partition 2, offset 17"):
        a_store().fold(P, 17, key, value)
