"""The loops that tell: patience, and nobody who waits for another. In virtual time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest

from callpulse.alerts.core.notice import Notice
from callpulse.alerts.core.outcome import Delivered, GivenUp, Outcome, Permanent, Temporary
from callpulse.alerts.telling import LONGEST_ATTEMPT_S, Telling, Told
from callpulse.ending import ended
from tests.flush.virtual_time import VirtualLoop, monotonic_s
from tests.notices import notice

DOWN = Temporary("down")


@pytest.fixture
def loop() -> VirtualLoop:
    return VirtualLoop()


class Floor:
    """Channels that do as told: `answers` are given in turn, the last one for ever. `seen` = (second, kind, queue)."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.seen: list[tuple[float, str, str]] = []
        self.tasks: list[asyncio.Task[None]] = []

    def channel(self, name: str, *answers: Outcome | Exception, takes_s: float = 0.0) -> Telling:
        left = list(answers)

        async def tell(told: Notice) -> Outcome:
            self.seen.append((round(monotonic_s(), 1), told.kind, told.labels.queue))
            await asyncio.sleep(takes_s)
            answer = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return self.started(name, tell)

    def started(self, name: str, tell: Callable[[Notice], Awaitable[Outcome]]) -> Telling:
        telling = Telling(name, tell, self.told.append, monotonic_s=monotonic_s, chance=Random(7))
        self.tasks.append(asyncio.create_task(telling.run()))
        return telling


def on(loop: VirtualLoop, script: Callable[[Floor], Awaitable[Any]]) -> Floor:
    async def played() -> Floor:
        floor = Floor()
        await script(floor)
        await ended(*floor.tasks)
        return floor

    return loop.do(played())


def test_what_is_given_is_told_at_once(loop: VirtualLoop) -> None:
    async def script(floor: Floor) -> None:
        channel = floor.channel("mail", Delivered())
        await asyncio.sleep(5.0)
        channel.give(notice())
        await asyncio.sleep(1.0)
        assert channel.waiting() == []

    floor = on(loop, script)
    assert floor.seen == [(5.0, "firing", "sales")]
    assert floor.told == [Told("mail", notice(), Delivered())]


def test_a_channel_that_comes_back_is_told_after_a_bounded_wait(loop: VirtualLoop) -> None:
    async def script(floor: Floor) -> None:
        channel = floor.channel("mail", *[DOWN] * 8, Delivered())
        channel.give(notice())
        await asyncio.sleep(10.0)
        assert channel.trouble == "down"
        await asyncio.sleep(290.0)
        assert channel.trouble is None

    floor = on(loop, script)
    gaps = [after[0] - before[0] for before, after in zip(floor.seen, floor.seen[1:], strict=False)]
    assert len(gaps) == 8
    assert all(0.5 * least <= gap + 0.1 for gap, least in zip(gaps, (1, 2, 4, 8, 16, 32, 60, 60), strict=True))
    assert max(gaps) <= 60.1
    assert [told.how for told in floor.told] == [Delivered()]


def test_what_is_permanent_is_told_once_and_reported(loop: VirtualLoop) -> None:
    async def script(floor: Floor) -> None:
        floor.channel("mail", Permanent("answered 400")).give(notice())
        await asyncio.sleep(10_000.0)

    floor = on(loop, script)
    assert len(floor.seen) == 1
    assert floor.told == [Told("mail", notice(), Permanent("answered 400"))]


def test_a_slow_channel_delays_only_itself(loop: VirtualLoop) -> None:
    async def script(floor: Floor) -> None:
        slow, fast = floor.channel("slow", Delivered(), takes_s=100.0), floor.channel("fast", Delivered())
        for queue in "abc":
            slow.give(notice(queue=queue))
            fast.give(notice(queue=queue))
        await asyncio.sleep(1.0)
        assert [told.channel for told in floor.told] == ["fast"] * 3
        await asyncio.sleep(300.0)

    assert [told.channel for told in on(loop, script).told[3:]] == ["slow"] * 3


def test_a_channel_that_never_answers_is_given_up_on_and_tried_again(loop: VirtualLoop) -> None:
    async def script(floor: Floor) -> None:
        channel = floor.channel("dead", Delivered(), takes_s=1e9)
        channel.give(notice())
        await asyncio.sleep(LONGEST_ATTEMPT_S + 3.0)
        assert channel.trouble == "no answer in 120 s"

    assert len(on(loop, script).seen) == 2


def test_an_alert_that_is_over_before_it_could_be_told_is_told_once_as_over(loop: VirtualLoop) -> None:
    over = notice("resolved", minutes=20)

    async def script(floor: Floor) -> None:
        channel = floor.channel("mail", DOWN, Delivered())
        channel.give(notice())
        await asyncio.sleep(0.1)
        channel.give(over)
        await asyncio.sleep(10.0)

    floor = on(loop, script)
    assert [kind for _, kind, _ in floor.seen] == ["firing", "resolved"]
    assert floor.told == [Told("mail", notice(), GivenUp("replaced")), Told("mail", over, Delivered())]


def test_a_defect_of_ours_spoils_one_notice_and_tells_no_secret(
    loop: VirtualLoop, caplog: pytest.LogCaptureFixture
) -> None:
    async def script(floor: Floor) -> None:
        channel = floor.channel("mail", ValueError("https://hooks.example/s3cret"), Delivered())
        channel.give(notice(queue="a"))
        channel.give(notice(queue="b"))
        await asyncio.sleep(1.0)

    with caplog.at_level(logging.DEBUG):
        floor = on(loop, script)
    assert [told.how for told in floor.told] == [Permanent("a defect of callpulse: ValueError"), Delivered()]
    assert "ValueError at " in caplog.text
    assert "s3cret" not in caplog.text


def test_what_was_not_told_can_be_given_again_after_a_restart(loop: VirtualLoop) -> None:
    async def script(floor: Floor) -> None:
        first = floor.channel("mail", DOWN)
        first.give(notice())
        await asyncio.sleep(3.0)
        await ended(*floor.tasks)
        second = floor.channel("mail", Delivered())
        for each in first.waiting():
            second.give(each)
        await asyncio.sleep(1.0)

    assert on(loop, script).told == [Told("mail", notice(), Delivered())]


def test_who_is_told_to_rest_ends_what_is_under_way_and_begins_nothing(loop: VirtualLoop) -> None:
    async def script(floor: Floor) -> None:
        channel = floor.channel("mail", Delivered(), takes_s=3.0)
        channel.give(notice(queue="a"))
        channel.give(notice(queue="b"))
        await asyncio.sleep(1.0)
        channel.rest()
        await asyncio.wait_for(floor.tasks[0], 2.5)

    floor = on(loop, script)
    assert [told.notice.labels.queue for told in floor.told] == ["a"]
    assert [queue for _, _, queue in floor.seen] == ["a"]
