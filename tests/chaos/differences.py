"""Two dictionaries of one place compared, and what differs in words that help to find the cause."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SHOWN = 400
ABSENT = "absent"


@dataclass(frozen=True)
class Difference:
    """One cell that is not what it must be."""

    place: str  # a table, Redis, metrics, kpis, …
    key: str
    expected: str
    found: str
    raw: Any = None  # the key itself
    after: str = ""  # the last disturbance before the event that the cell stands at

    def __str__(self) -> str:
        after = f"; stands at an event after {self.after}" if self.after else ""
        return f"{self.place} {self.key}: expected {self.expected}, found {self.found}{after}"


def differences(place: str, expected: Mapping[Any, Any], found: Mapping[Any, Any]) -> Iterator[Difference]:
    """Of every key of either; of two dictionaries only the entries that differ."""
    for key in sorted({*expected, *found}, key=repr):
        theirs, ours = expected.get(key, ABSENT), found.get(key, ABSENT)
        if theirs != ours:
            yield Difference(place, repr(key), *_only_unlike(theirs, ours), key)


def _only_unlike(expected: Any, found: Any) -> tuple[str, str]:
    if isinstance(expected, dict) and isinstance(found, dict):
        keys = [key for key in {*expected, *found} if expected.get(key) != found.get(key)]
        expected, found = ({key: each.get(key) for key in keys} for each in (expected, found))
    return _short(expected), _short(found)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
