"""How often and for how long each rule would have fired."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from msgspec import Struct

from callpulse.alerts.core.queue_alert import Change

FLAP_MS = 600_000  # an onset so soon after the end before is the same trouble come back


class Total(Struct, frozen=True):
    """Of one rule, in all queues: `flaps` are the onsets within ten minutes of the end before in the same queue."""

    onsets: int
    firing_ms: int
    longest_ms: int
    flaps: int


class Stretch(NamedTuple):
    """One rule fired in one queue."""

    queue: str
    rule: str
    from_ms: int
    to_ms: int


def totals(changes: Sequence[Change], rules: Iterable[str], until_ms: int) -> dict[str, Total]:
    """By rule; those that never fired too. What still fires at the end of the log fires until then."""
    found: dict[str, list[Stretch]] = {rule: [] for rule in rules}
    for each in stretches(changes, until_ms):
        found.setdefault(each.rule, []).append(each)
    return {rule: _total(each) for rule, each in found.items()}


def stretches(changes: Iterable[Change], until_ms: int) -> Iterator[Stretch]:
    """In the order of their ends."""
    begun: dict[tuple[str, str], int] = {}
    for change in changes:
        key, moved = (change.queue, change.rule), change.transition
        if moved.new:
            begun.setdefault(key, moved.at_ms)
        elif key in begun:
            yield Stretch(*key, begun.pop(key), moved.at_ms)
    for key, from_ms in begun.items():
        yield Stretch(*key, from_ms, until_ms)


def _total(each: Sequence[Stretch]) -> Total:
    lasted = [one.to_ms - one.from_ms for one in each]
    ordered = sorted(each)
    again = (one.queue == other.queue and other.from_ms - one.to_ms <= FLAP_MS for one, other in pairwise(ordered))
    return Total(len(each), sum(lasted), max(lasted, default=0), sum(again))
