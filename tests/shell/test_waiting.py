"""No wait lasts for ever: not the tests' own, and not that for a client of Kafka."""

import asyncio
import subprocess
import sys

import pytest
from aiokafka.errors import KafkaError

from callpulse.clock import monotonic_s
from callpulse.kafka import stopping
from callpulse.kafka.stopping import stopped
from tests.waiting import killed_after, until_async


async def deaf(_: float = 0.0) -> bool:
    """As aiokafka does when it closes: what tells it to end is lost on the way."""
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        return False
    return True


async def test_what_never_comes_is_named() -> None:
    with pytest.raises(AssertionError, match=r"not within 0\.1 s: rain\nall dry"):
        await until_async(lambda: False, "rain", 0.1, lambda: "all dry")


async def test_a_look_that_loses_its_cancellation_does_not_lose_the_limit() -> None:
    began_s = monotonic_s()
    with pytest.raises(AssertionError, match=r"not within 0\.1 s: rain"):
        await until_async(deaf, "rain", 0.1)
    assert monotonic_s() - began_s < 10


async def test_a_timeout_of_the_look_itself_is_told_as_it_is() -> None:
    async def late() -> None:
        raise TimeoutError("of its own")

    with pytest.raises(TimeoutError, match="of its own"):
        await until_async(late, "rain", 10)


async def test_a_client_that_stops_has_stopped() -> None:
    assert await stopped(lambda: asyncio.sleep(0))


@pytest.mark.parametrize("error", [KafkaError(), asyncio.CancelledError()])
async def test_one_that_kafka_or_its_own_task_breaks_off_has_not(error: BaseException) -> None:
    async def stop() -> None:
        raise error

    assert not await stopped(stop)


async def test_a_mistake_of_ours_in_a_stop_is_not_hidden() -> None:
    async def stop() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await stopped(stop)


@pytest.mark.parametrize("deafness", [1, 1_000])
async def test_one_that_does_not_end_is_left_behind(deafness: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "BROKEN_OFF_S", 0.1)
    over = asyncio.Event()

    async def stop() -> None:
        for _ in range(deafness):
            await deaf()
            if over.is_set():
                return

    began_s = monotonic_s()
    assert not await stopped(stop, 0.1)
    assert monotonic_s() - began_s < 10
    over.set()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
        await asyncio.wait({task})


async def test_who_waits_for_a_stop_can_be_told_to_end() -> None:
    waiting = asyncio.create_task(stopped(lambda: asyncio.sleep(60)))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


def test_a_process_whose_pipe_is_read_in_vain_is_killed() -> None:
    argv = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as silent, killed_after(0.1, silent):
        assert silent.stdout is not None
        assert silent.stdout.read() == b""
