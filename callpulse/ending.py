"""Tasks that are told to end, and do.

On Python 3.11 `asyncio.wait_for` loses a cancellation that arrives in the moment in which what it waits for is done,
and the clients of Redis and Kafka wait with it at every turn. Asked once, a loop would then go on for ever.
"""

import asyncio
import signal
from typing import Any

ASK_AGAIN_S = 0.5


async def ended(*tasks: asyncio.Task[Any]) -> None:
    """Cancel them until all have ended, however they end."""
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=ASK_AGAIN_S)
    await asyncio.gather(*tasks, return_exceptions=True)  # whatever they ended with has been looked at


def end_if_told() -> None:
    """Where a loop begins anew: a cancellation that was lost on the way comes now. Raises CancelledError."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def end_at_sigterm() -> None:
    """Until the transport listens for it: the first process of a container would not even hear it otherwise."""
    serving = asyncio.current_task()
    if serving is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, serving.cancel)
