"""An alerts worker that is told to stop while it comes into Kafka."""

import asyncio
import gc
import logging
from typing import Any

import pytest

from callpulse.alerts import worker
from callpulse.demo.children import free_port
from callpulse.reloading import Reloads
from callpulse.settings import Settings, load
from callpulse.settings.live import OF_ALERTS


def settings() -> Settings:
    return load(None, {"CALLPULSE_KAFKA_BROKERS": f"127.0.0.1:{free_port()}"})


async def test_it_leaves_nothing_open_when_it_is_stopped_before_it_has_come_in(
    caplog: pytest.LogCaptureFixture,
) -> None:
    nobody: Any = None
    reloads = Reloads(settings(), None, OF_ALERTS, logging.getLogger("callpulse.alerts"))

    async def enter() -> None:
        async with worker._consuming(reloads, nobody, nobody, nobody):
            pass

    entering = asyncio.create_task(enter())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    entering.cancel()
    await asyncio.wait({entering})
    del entering
    gc.collect()
    assert [message for message in caplog.messages if "Unclosed" in message] == []
