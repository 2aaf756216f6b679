"""From when until when alerts of a queue stood: its rules together, the worst of them. Pure."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from callpulse.current.transitions import SEVERITIES, Move


class Band(NamedTuple):
    """`until_ms` None: it stands."""

    from_ms: int
    until_ms: int | None
    severity: str


def bands(moves: Iterable[Move]) -> tuple[Band, ...]:
    """Of one queue's moves, in order; they touch where the severity changes."""
    of_rules: dict[str, str] = {}
    changes: list[tuple[int, str]] = []
    for move in sorted(moves, key=lambda each: each.at_ms):
        of_rules[move.rule] = move.new
        worst = max(of_rules.values(), key=_rank)
        if not changes or changes[-1][1] != worst:
            changes.append((move.at_ms, worst))
    return _between(changes)


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) + 1 if severity in SEVERITIES else 0


def _between(changes: Sequence[tuple[int, str]]) -> tuple[Band, ...]:
    ends = (*(at for at, _ in changes[1:]), None)
    found = [Band(at, until, worst) for (at, worst), until in zip(changes, ends, strict=False)]
    return tuple(each for each in found if _rank(each.severity) and each.from_ms != each.until_ms)
