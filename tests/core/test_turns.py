"""Long work in an event loop: who waits for whom."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from callpulse.stream.metrics import turns
from callpulse.stream.metrics.turns import IDLE_S, TURN_S, WAY_S, in_turns


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(turns, "monotonic_s", found := Clock())
    return found


def long_work(clock: Clock, told: Callable[[str], None]) -> Iterator[str]:
    for _ in range(3):
        clock.now_s += TURN_S
        told("scrape")
        yield "piece"


async def done(clock: Clock, steps: int, step_s: float) -> list[str]:
    """In which order a scrape and an event of so many steps were worked at."""
    order: list[str] = []

    async def event() -> None:
        for _ in range(steps):
            clock.now_s += step_s
            order.append("event")
            await asyncio.sleep(0)

    beside = asyncio.create_task(event())
    assert [piece async for piece in in_turns(long_work(clock, order.append))] == ["piece"] * 3
    beside.cancel()
    return order


async def test_an_event_that_has_begun_is_not_kept_waiting_between_its_steps(clock: Clock) -> None:
    assert await done(clock, 7, 2 * IDLE_S) == ["scrape", *["event"] * 7, "scrape", "scrape"]


async def test_a_loop_that_always_has_something_to_do_does_not_stop_a_scrape(clock: Clock) -> None:
    assert await done(clock, 1000, 2 * WAY_S) == ["scrape", "event"] * 3
