"""Answers that are dear to find, kept in bounded room."""

from collections.abc import Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """Two generations: what was asked for while the older one was filled lives on, the rest is forgotten. `most`: the
    size of one generation, in what `size` says of a value."""

    def __init__(self, most: int, size: Callable[[Value], int]) -> None:
        self._most, self._size = most, size
        self._young: dict[Key, Value] = {}
        self._old: dict[Key, Value] = {}
        self._filled = 0

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def get(self, key: Key, found_by: Callable[[], Value]) -> Value:
        """What is kept under `key`, else what `found_by` finds."""
        if key in self._young:
            return self._young[key]
        value = self._old[key] if key in self._old else found_by()
        self._filled += self._size(value)
        if self._filled > self._most:
            self._young, self._old, self._filled = {}, self._young, self._size(value)
        self._young[key] = value
        return value
