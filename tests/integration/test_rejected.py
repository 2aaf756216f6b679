"""`callpulse rejected` on the embedded broker, which keeps no clocks of partitions."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from callpulse.demo import children
from tests.contracts.backtest_topics import callpulse
from tests.contracts.rejected import *  # noqa: F403 -- the checks of every broker
from tests.line import MONTHS, Line


@pytest.fixture
def make_line(embedded_broker: str, valkey_url: str, tmp_path: Path) -> Callable[..., Line]:
    def make(settings: Mapping[str, str] = MONTHS) -> Line:
        return Line(embedded_broker, valkey_url, tmp_path, idempotent=False, settings=settings)

    return make


async def test_where_no_broker_answers_it_says_where(tmp_path: Path) -> None:
    line = Line(f"127.0.0.1:{children.free_port()}", "redis://127.0.0.1:1/0", tmp_path, idempotent=True)
    for arguments in (("list",), ("retry", "--apply")):
        done = await callpulse(line, "rejected", *arguments)
        assert done.returncode == 1
        assert done.stderr.startswith(f"callpulse: rejected: no Kafka answers at {line.settings.kafka.brokers}")
        assert done.stderr.count("\n") == 1
