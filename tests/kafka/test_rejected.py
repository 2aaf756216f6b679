"""`callpulse rejected` on Apache Kafka: the shared checks, with clocks of partitions and producer ids."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from callpulse import clock
from callpulse.stream.core.events import Enqueued
from tests.commands import ran
from tests.contracts.rejected import *  # noqa: F403 -- the checks of every broker
from tests.contracts.rejected import refused, send_wrongly
from tests.kafka.broker import ApacheKafka
from tests.line import MONTHS, Line


@pytest.fixture
def make_line(kafka: ApacheKafka, valkey_url: str, tmp_path: Path) -> Callable[..., Line]:
    def make(settings: Mapping[str, str] = MONTHS) -> Line:
        return Line(kafka.bootstrap, valkey_url, tmp_path, idempotent=True, settings=settings)

    return make


async def test_what_is_too_late_by_the_stored_clock_is_not_sent_again(make_line: Callable[..., Line]) -> None:
    now_ms = clock.now_ms()
    at = (now_ms, now_ms - 25 * 3_600_000)
    events = [Enqueued(at=at_ms, queue="sales", contact_id=str(at_ms)) for at_ms in at]
    async with make_line(settings={}) as line:
        worker = line.start_worker()
        await line.send(events[:1], now_ms)
        await send_wrongly(line, *events)
        await refused(line, 2)
        await line.values(("sales",), now_ms)
        await line.ends(worker)  # whatever it took is stored, with the clock
        said = await ran(line, "rejected", "retry")
    assert said.stdout.splitlines()[:2] == [
        "would be sent again: 1 (wrong_partition 1)",
        "would not be sent, to be refused again: 1 (too_late 1)",
    ]
