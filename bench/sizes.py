"""How much a program holds: entries of its collections, found by looking."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from callpulse.alerts.core.kept import Kept


def sizes(roots: Mapping[str, object]) -> tuple[Counter[str], int]:
    """Of every collection that can be reached from the roots, by its place: how many entries, those of the same place
    added up. What is kept in bounded room (`Kept`) is left out and told apart."""
    found: Counter[str] = Counter()
    seen: set[int] = set()
    kept, left = 0, list(roots.items())
    while left:
        place, each = left.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, Kept):
            kept += len(each)
        elif isinstance(each, dict | list | tuple | set | frozenset | deque):
            found[place] += len(each)
            left += [(f"{place}[]", value) for value in (each.values() if isinstance(each, dict) else each)]
        else:
            left += [(f"{place}.{name.lstrip('_')}", value) for name, value in _parts(each)]
    return found, kept


def _parts(each: Any) -> Iterator[tuple[str, object]]:
    """Of a struct, or an object of ours."""
    if isinstance(each, Struct):
        yield from ((name, getattr(each, name)) for name in each.__struct_fields__)
    elif type(each).__module__.startswith("callpulse."):
        yield from getattr(each, "__dict__", {}).items()
