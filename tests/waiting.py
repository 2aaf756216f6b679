"""Waiting for what can be seen but tells nobody: looked at until it is so, and a red test says what never came."""

import asyncio
import contextlib
import inspect
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from callpulse.clock import monotonic_s

LOOK_S = 0.05


def until(look: Callable[[], Any], what: str, within_s: float = 10.0, said: Callable[[], object] = str) -> Any:
    """The first thing seen that is true; `said()` is told when there is none. An error of `look` ends the wait."""
    deadline = monotonic_s() + within_s
    while not (found := look()):
        assert monotonic_s() < deadline, _missed(what, within_s, said)
        time.sleep(LOOK_S)  # another process or thread makes it so, and has no way to tell
    return found


@contextlib.contextmanager
def killed_after(within_s: float, process: subprocess.Popen[Any]) -> Iterator[None]:
    """Whoever reads the pipes of a process waits no longer than this: then they end with it."""
    limit = threading.Timer(within_s, process.kill)
    limit.start()
    try:
        yield
    finally:
        limit.cancel()


async def until_async(
    look: Callable[[], Any], what: str, within_s: float = 10.0, said: Callable[[], object] = str
) -> Any:
    """The same while the loop goes on; `look` may be awaited for what it sees, and is ended if it hangs."""
    try:
        async with asyncio.timeout(within_s) as waiting:
            while not (found := await seen_by(look)):
                assert not waiting.expired(), _missed(what, within_s, said)  # aiokafka's close() eats a cancellation
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        assert not waiting.expired(), _missed(what, within_s, said)
        raise
    return found


async def seen_by(look: Callable[[], Any]) -> Any:
    """What it sees, awaited where need be."""
    found = look()
    return await found if inspect.isawaitable(found) else found


def _missed(what: str, within_s: float, said: Callable[[], object]) -> str:
    return f"not within {within_s:g} s: {what}\n{said()}"
