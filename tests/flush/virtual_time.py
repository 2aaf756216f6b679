"""An event loop whose time passes only when nothing else can happen, and which can be stopped between any two steps.

A latency of 50 ms costs nothing and is the same in every run; a worker that dies is a loop that is never run again.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class StandstillError(Exception):
    """Everything waits for something that nobody will do."""


class VirtualLoop(asyncio.BaseEventLoop):
    """Without files, sockets or threads."""

    _ready: deque[Any]
    _scheduled: list[Any]

    def __init__(self) -> None:
        super().__init__()
        self._now_s = 0.0
        self._selector = self
        self.set_exception_handler(lambda *_: None)  # tasks that died with their worker are no news

    def time(self) -> float:
        return self._now_s

    @property
    def idle(self) -> bool:
        """Nothing is left that could happen."""
        return not self._ready and not self._scheduled

    def step(self) -> None:
        """One iteration: every task that can go on does so as far as its next await. Raises StandstillError."""
        if self.idle:
            raise StandstillError
        if not self._ready and self._scheduled:
            self._now_s = max(self._now_s, self._scheduled[0]._when)
        self.stop()
        self.run_forever()

    def sleep_through(self, seconds: float) -> None:
        """The process was frozen for so long: when it goes on, its clocks have moved."""
        self._now_s += seconds

    def do(self, what: Coroutine[Any, Any, T]) -> T:
        """Everything until `what` is done."""
        return self.run_until_complete(what)

    # -- what BaseEventLoop asks of its subclasses

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise StandstillError
        self._now_s += timeout
        return []

    def _process_events(self, _: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody sleeps in a selector."""

    def _check_closed(self) -> None:
        """What a dead worker's coroutines do when they are swept up does not matter."""

    def __del__(self, *_: Any) -> None:
        """There is nothing to close."""


def monotonic_s() -> float:
    """Instead of the clock of the machine."""
    return asyncio.get_running_loop().time()
