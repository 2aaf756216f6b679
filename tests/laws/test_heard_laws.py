"""However many names a feed makes up, few sources are kept, and none of those that are there is lost."""

from hypothesis import given
from hypothesis import strategies as st

from callpulse.stream.core.heard import GONE_MS, hear

MOST = 3
BEATS = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(-GONE_MS // 4, GONE_MS // 2)), max_size=60)


@given(BEATS)
def test_no_more_are_kept_and_a_heartbeat_is_kept_or_refused(beats: list[tuple[str, int]]) -> None:
    heard: dict[str, int] = {}
    clock_ms = 10 * GONE_MS
    for source, later_ms in beats:
        at_ms, before = clock_ms + later_ms, dict(heard)
        clock_ms = max(clock_ms, at_ms)
        refused = hear(heard, source, at_ms, clock_ms, MOST)
        assert len(heard) <= MOST
        if refused is None:
            assert heard[source] == max(at_ms, before.get(source, at_ms))
        else:
            assert (heard, source in before) == (before, False)
        assert all(at_ms <= clock_ms - GONE_MS for gone, at_ms in before.items() if gone not in heard)


@given(BEATS, st.sets(st.sampled_from("abcdef"), max_size=MOST))
def test_who_has_queues_is_never_refused_and_goes_for_nobody(beats: list[tuple[str, int]], real: set[str]) -> None:
    heard: dict[str, int] = {}
    clock_ms = 10 * GONE_MS
    for source, later_ms in beats:
        at_ms, before = clock_ms + later_ms, dict(heard)
        clock_ms = max(clock_ms, at_ms)
        refused = hear(heard, source, at_ms, clock_ms, MOST, real)
        assert len(heard) <= MOST
        assert (before.keys() & real) <= heard.keys()
        assert refused is None or source not in real


@given(BEATS.map(lambda beats: [(source, later) for source, later in beats if source in "abc"]))
def test_as_many_as_there_is_room_for_are_all_kept(beats: list[tuple[str, int]]) -> None:
    heard: dict[str, int] = {}
    assert [hear(heard, source, at_ms, at_ms, MOST) for source, at_ms in beats] == [None] * len(beats)
    assert heard == {source: max(at for name, at in beats if name == source) for source, _ in beats}
