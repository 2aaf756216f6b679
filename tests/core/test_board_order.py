"""The order of a board: who needs somebody goes up at once, everybody else stays for a while."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from callpulse.board.order import LOOK_MS, MOVE_MS, Key, Order, arrange
from tests.core.readings import NAMES


class TestOrder:
    """Names are single letters; a key is (rank, distance, volume, name)."""

    def keys(self, **ranks: int) -> dict[str, Key]:
        return {name: (rank, 0, 0, name) for name, rank in ranks.items()}

    def names(self, order: Order) -> str:
        return "".join(order.names)

    def test_who_starts_to_need_somebody_goes_up_at_once(self) -> None:
        first = arrange(None, self.keys(a=1, b=4, c=4), 0)
        assert self.names(arrange(first, self.keys(a=1, b=4, c=0), 1_000)) == "cab"

    def test_who_was_urgent_already_waits_its_turn_however_bad_it_gets(self) -> None:
        first = arrange(None, {"a": (0, -3, 0, "a"), "b": (0, 0, 0, "b")}, 0)
        after = arrange(first, {"a": (0, -3, 0, "a"), "b": (0, -9, 0, "b")}, 1_000)
        assert self.names(after) == "ab"

    def test_becoming_urgent_never_moves_a_row_down(self) -> None:
        order = arrange(None, {"a": (0, -3, 0, "a"), "b": (0, 0, 0, "b")}, 0)
        order = arrange(order, {"a": (1, 0, 0, "a"), "b": (0, -9, 0, "b")}, 1_000)
        order = arrange(order, {"a": (0, 0, 0, "a"), "b": (0, -9, 0, "b")}, 2_000)
        assert self.names(order) == "ab"

    def test_who_gets_better_stays_for_a_while(self) -> None:
        order = arrange(None, self.keys(a=0, b=4), 0)
        for now_ms in range(1_000, MOVE_MS, 1_000):
            order = arrange(order, self.keys(a=5, b=4), now_ms)
            assert self.names(order) == "ab"
        assert self.names(arrange(order, self.keys(a=5, b=4), MOVE_MS)) == "ba"

    def test_being_worse_at_one_look_is_not_enough(self) -> None:
        order = arrange(None, self.keys(a=3, b=4), 0)
        order = arrange(order, self.keys(a=3, b=4), MOVE_MS - 1)
        assert self.names(arrange(order, self.keys(a=3, b=1), MOVE_MS)) == "ab"

    def test_a_new_queue_takes_its_place_and_a_gone_one_leaves(self) -> None:
        order = arrange(None, self.keys(a=1, c=4, d=4), 0)
        assert self.names(arrange(order, self.keys(a=1, b=2, d=4), 1)) == "abd"


all_keys = st.dictionaries(NAMES, st.integers(0, 4), max_size=8).map(
    lambda ranks: {name: (rank, 0, 0, name) for name, rank in ranks.items()}
)
steps = st.lists(st.tuples(all_keys, st.integers(0, 40_000)), min_size=1, max_size=8)


@given(steps)
def test_every_order_holds_each_name_once(changes: list[tuple[dict[str, Key], int]]) -> None:
    order, now_ms = None, 0
    for keys, passed_ms in changes:
        now_ms += passed_ms
        order = arrange(order, keys, now_ms)
        assert sorted(order.names) == sorted(keys)


@given(steps)
def test_an_order_comes_to_rest_worst_first(changes: list[tuple[dict[str, Key], int]]) -> None:
    order, now_ms = None, 0
    for keys, passed_ms in changes:
        now_ms += passed_ms
        order = arrange(order, keys, now_ms)
    last = changes[-1][0]
    for _ in range(3):
        now_ms += MOVE_MS
        order = arrange(order, last, now_ms)
    assert order is not None
    assert list(order.names) == sorted(last, key=last.__getitem__)


@given(steps, all_keys, st.integers(0, MOVE_MS - 1))
def test_between_two_moves_nobody_passes_anybody_unless_it_became_urgent(
    changes: list[tuple[dict[str, Key], int]], keys: dict[str, Key], soon_ms: int
) -> None:
    order, now_ms = None, 0
    for then, passed_ms in changes:
        now_ms += passed_ms
        order = arrange(order, then, now_ms)
    assert order is not None
    order = msgspec.structs.replace(order, moved_at_ms=now_ms)
    after = arrange(order, keys, now_ms + soon_ms)
    calm = [n for n in after.names if n in order.names and not (n in after.urgent and n not in order.urgent)]
    assert calm == [n for n in order.names if n in calm]


@given(steps)
def test_the_same_readings_move_nothing(changes: list[tuple[dict[str, Key], int]]) -> None:
    keys = changes[0][0]
    order, now_ms = arrange(None, keys, 0), 0
    for _, passed_ms in changes:
        now_ms += passed_ms
        assert arrange(order, keys, now_ms + LOOK_MS).names == order.names
        order = arrange(order, keys, now_ms)
