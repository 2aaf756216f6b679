"""A worker inside a program of ours: started, served until told to stop, stopped with everything flushed."""

import asyncio
import logging
import signal
from collections.abc import Sequence

from callpulse.ending import ended
from callpulse.stream.transport.app import BatchApp

QUIET = ("faust", "mode", "aiokafka", "callpulse.stream.transport", "callpulse.stream.tables")


async def run(app: BatchApp, signals: Sequence[signal.Signals] = (signal.SIGTERM, signal.SIGINT)) -> None:
    """Returns after one of `signals` (or `app.stop()`), with the last cut flushed and committed; cancelling does the
    same. Raises what made the worker fail."""
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    for number in signals:
        loop.add_signal_handler(number, told.set)
    try:
        await _serve(app, told)
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


async def _serve(app: BatchApp, told: asyncio.Event) -> None:
    serving, stopping = asyncio.create_task(_live(app)), asyncio.create_task(told.wait())
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await app.stop()
        await ended(serving, stopping)
    if app.crash_reason is not None:
        raise app.crash_reason
    if not serving.cancelled():
        serving.result()


async def _live(app: BatchApp) -> None:
    await app.start()
    await app.wait_until_stopped()
