"""Tasks end, also those that lose a cancellation."""

import asyncio

from callpulse.ending import ended


async def test_a_task_that_loses_its_cancellation_is_asked_again() -> None:
    lost = []

    async def serve() -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if lost:
                    raise
                lost.append(True)  # as asyncio.wait_for does now and then

    serving = asyncio.create_task(serve())
    await asyncio.sleep(0)
    await asyncio.wait_for(ended(serving), 10)
    assert lost
    assert serving.cancelled()


async def test_one_that_has_failed_is_not_raised_again() -> None:
    async def fail() -> None:
        raise ValueError

    failing = asyncio.create_task(fail())
    await asyncio.wait({failing})
    await ended(failing)
    assert isinstance(failing.exception(), ValueError)
