"""Worst first, and yet calm: a row moves seldom, and only for something that lasts.

Moves happen at most every 30 s, and a row passes its neighbour only if it was worse than it at two looks, 10 s apart.
One exception: a row that starts to need somebody goes to its place at once.
"""

from collections.abc import Mapping

from msgspec import Struct

MOVE_MS = 30_000
LOOK_MS = 10_000

Key = tuple[int, int, int, str]  # rank of the state, distance to target, volume, name: lower = further up
URGENT = 0


class Order(Struct, frozen=True):
    """The names from the top down, and what the next decision needs."""

    names: tuple[str, ...]
    keys: dict[str, Key]  # at the last look
    urgent: frozenset[str]
    looked_at_ms: int
    moved_at_ms: int


def arrange(before: Order | None, keys: Mapping[str, Key], now_ms: int) -> Order:
    """The next order of exactly the names in `keys`."""
    urgent = frozenset(name for name, key in keys.items() if key[0] == URGENT)
    if before is None:
        return Order(tuple(sorted(keys, key=keys.__getitem__)), dict(keys), urgent, now_ms, now_ms)
    names = _with_urgent_and_new(before, keys, urgent)
    moved_at_ms = before.moved_at_ms
    if now_ms - moved_at_ms >= MOVE_MS:
        settled = _settled(names, keys, before.keys)
        moved_at_ms = moved_at_ms if settled == names else now_ms
        names = settled
    if now_ms - before.looked_at_ms >= LOOK_MS:
        return Order(tuple(names), dict(keys), urgent, now_ms, moved_at_ms)
    seen = {name: before.keys.get(name, key) for name, key in keys.items()}
    return Order(tuple(names), seen, urgent, before.looked_at_ms, moved_at_ms)


def _with_urgent_and_new(before: Order, keys: Mapping[str, Key], urgent: frozenset[str]) -> list[str]:
    known = set(before.names)
    names = [name for name in before.names if name in keys]
    for name in sorted((urgent - before.urgent) & known, key=keys.__getitem__):
        at = names.index(name)
        names.insert(min(_place(name, names, keys), at), names.pop(at))
    for name in sorted(keys.keys() - known, key=keys.__getitem__):
        names.insert(_place(name, names, keys), name)
    return names


def _place(name: str, names: list[str], keys: Mapping[str, Key]) -> int:
    """Above the first that is less bad."""
    return next((i for i, other in enumerate(names) if keys[other] > keys[name]), len(names))


def _settled(names: list[str], keys: Mapping[str, Key], earlier: Mapping[str, Key]) -> list[str]:
    """Each row, from the top, moves up past its neighbours while it was worse than them both times."""
    settled: list[str] = []
    for name in names:
        place = len(settled)
        while place and _worse_twice(name, settled[place - 1], keys, earlier):
            place -= 1
        settled.insert(place, name)
    return settled


def _worse_twice(one: str, other: str, keys: Mapping[str, Key], earlier: Mapping[str, Key]) -> bool:
    worse_now = keys[one] < keys[other]
    return worse_now and earlier.get(one, keys[one]) < earlier.get(other, keys[other])
