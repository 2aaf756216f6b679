"""Alerts on Apache Kafka while their worker dies, is frozen, or hands over: told once, lost never."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.alert_line import NOON, AlertLine, gone, told, waiting
from tests.kafka.broker import ApacheKafka
from tests.receiver import Receiver
from tests.waiting import until_async


@pytest.fixture
async def line(kafka: ApacheKafka, valkey_url: str, tmp_path: Path) -> AsyncIterator[AlertLine]:
    async with AlertLine(kafka.bootstrap, valkey_url, tmp_path, idempotent=True) as line:
        yield line


async def test_a_killed_worker_is_followed_by_one_that_tells_nothing_twice(line: AlertLine) -> None:
    async with Receiver() as receiver:
        await line.starts(receiver)
        await waiting(line, 3, NOON)
        await receiver.until(lambda _: len(told(receiver)) == 1, 30, line.log)
        line.alerts.kill()
        line.alerts.wait(10)
        line.start_alerts()
        await gone(line, 3, NOON, NOON + 20_000)
        await receiver.until(lambda _: told(receiver)[1:] == [("alert.resolved", "sales")], 60, line.log)


async def test_a_frozen_worker_that_wakes_up_changes_nothing_of_its_successor(line: AlertLine) -> None:
    async with Receiver() as receiver:
        await line.starts(receiver)
        await waiting(line, 3, NOON)
        await receiver.until(lambda _: len(told(receiver)) == 1, 30, line.log)
        line.alerts.send_signal(signal.SIGSTOP)
        frozen = line.alerts
        line.alerts = line.start_alerts()
        await until_async(lambda: line.log().count("this worker judges") == 2, "the other took over", 60, line.log)
        await gone(line, 3, NOON, NOON + 20_000)
        await receiver.until(lambda _: told(receiver)[1:] == [("alert.resolved", "sales")], 60, line.log)
        frozen.send_signal(signal.SIGCONT)
        await waiting(line, 4, NOON + 40_000)
        await receiver.until(lambda _: told(receiver)[2:] == [("alert.firing", "sales")], 60, line.log)


async def test_of_two_workers_one_tells_and_the_other_goes_on_when_it_ends(line: AlertLine) -> None:
    async with Receiver() as receiver:
        await line.starts(receiver)
        await line.says("this worker judges")
        line.start_alerts()
        await line.says("this one stands by")
        await waiting(line, 3, NOON)
        await receiver.until(lambda _: len(told(receiver)) == 1, 30, line.log)
        line.alerts.terminate()
        await gone(line, 3, NOON, NOON + 20_000)
        await receiver.until(lambda _: told(receiver)[1:] == [("alert.resolved", "sales")], 60, line.log)
        assert len(receiver.received) == 2, "who hands over hears first how its last attempt ended"
