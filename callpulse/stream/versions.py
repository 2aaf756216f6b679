"""Which of two published values is newer, also when a frozen worker wakes up and publishes again."""

import itertools
from collections.abc import Callable

Version = tuple[int, int]  # (generation of the group, counter in this process)


class Versions:
    """Only grows while this process lives."""

    def __init__(self, generation: Callable[[], int]) -> None:
        self._generation = generation
        self._counter = itertools.count(1)

    def next(self) -> Version:
        """The next one."""
        return self._generation(), next(self._counter)
