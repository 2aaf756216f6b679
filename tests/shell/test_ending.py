"""Tasks end, also those that lose a cancellation."""

import asyncio
import contextlib

import pytest

from callpulse.ending import ended
from callpulse.settings import load
from callpulse.stream import topics
from callpulse.stream.worker import prepared_topics


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


async def test_who_waits_for_kafka_ends_though_the_client_loses_the_cancellation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = asyncio.Event()

    async def none_answers(*_: object) -> None:
        asked.set()
        with contextlib.suppress(asyncio.CancelledError):  # as a client of Kafka does now and then
            await asyncio.Event().wait()
        raise topics.UnreachableError("no Kafka answers at 127.0.0.1:9")

    monkeypatch.setattr(topics, "create_and_check", none_answers)
    waiting = asyncio.create_task(prepared_topics(load(environment={})))
    await asked.wait()
    waiting.cancel()
    await asyncio.wait({waiting}, timeout=10)
    assert waiting.cancelled()
