"""When each queue is published anyway, although nothing has changed: once per cadence, spread over it.

A look costs what is due, not what exists: ten thousand silent queues are two thousand a second, never ten thousand at
each look.
"""

import heapq
import zlib


class Schedule:
    """Times are wall clock, ms."""

    def __init__(self, cadence_ms: int) -> None:
        self._cadence_ms = cadence_ms
        self._when: dict[str, int] = {}
        self._heap: list[tuple[int, str]] = []  # an entry that is not that of `_when` is out of date

    def __contains__(self, queue: object) -> bool:
        return queue in self._when

    def __len__(self) -> int:
        return len(self._when)

    def add(self, queue: str, now_ms: int) -> None:
        """A queue that was not known: from now on its moment comes once per cadence, and never at once, or all that a
        dead worker leaves would be due together."""
        moment_ms = now_ms - now_ms % self._cadence_ms + zlib.crc32(queue.encode()) % self._cadence_ms
        self._set(queue, moment_ms if moment_ms > now_ms else moment_ms + self._cadence_ms)

    def due(self, now_ms: int) -> list[str]:
        """Queues whose moment has come; they stay due until they are `done` or dropped."""
        found = []
        while self._heap and self._heap[0][0] <= now_ms:
            when, queue = heapq.heappop(self._heap)
            if self._when.get(queue) == when:
                found.append(queue)
        for queue in found:
            heapq.heappush(self._heap, (self._when[queue], queue))
        return found

    def is_due(self, queue: str, now_ms: int) -> bool:
        """Has its moment come?"""
        return now_ms >= self._when.get(queue, 0)

    def done(self, queue: str, now_ms: int) -> None:
        """Published whole."""
        self._set(queue, now_ms + self._cadence_ms)

    def drop(self, queue: str) -> None:
        """Somebody else's now."""
        self._when.pop(queue, None)

    def _set(self, queue: str, when_ms: int) -> None:
        self._when[queue] = when_ms
        heapq.heappush(self._heap, (when_ms, queue))
