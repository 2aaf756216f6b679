"""`callpulse backtest --from-topic` on Apache Kafka: the shared checks, and what only a real broker shows."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from tests import made_log
from tests.contracts.backtest_topics import *  # noqa: F403 -- the checks of every broker
from tests.contracts.backtest_topics import backtest
from tests.kafka.broker import ApacheKafka
from tests.line import MONTHS, Line
from tests.timeline import ms_of

LATER = "2100-01-01T00:00Z"


@pytest.fixture
def make_line(kafka: ApacheKafka, tmp_path: Path) -> Callable[..., Line]:
    def make(settings: Mapping[str, str] = MONTHS) -> Line:
        return Line(kafka.bootstrap, "redis://127.0.0.1:1/0", tmp_path, idempotent=True, settings=settings)

    return make


async def groups(bootstrap: str) -> set[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        return {name for name, _ in await admin.list_consumer_groups()}
    finally:
        await admin.close()


async def test_it_reads_only_what_the_span_needs_and_leaves_no_group(
    make_line: Callable[..., Line], kafka: ApacheKafka
) -> None:
    before = await groups(kafka.bootstrap)
    async with make_line(settings={}) as line:
        await line.send(made_log.events(), ms_of("10:30"))
        assert (await backtest(line, "--from-topic"))["lines"]["read"] > 0
        assert (await backtest(line, "--from-topic", "--since", LATER))["lines"]["read"] == 0
    assert await groups(kafka.bootstrap) == before
