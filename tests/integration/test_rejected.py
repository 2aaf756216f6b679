"""`callpulse rejected` on the embedded broker, which keeps no clocks of partitions."""

import signal
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from callpulse.demo import children
from tests.commands import ran
from tests.contracts.rejected import *  # noqa: F403 -- the checks of every broker
from tests.line import MONTHS, Line
from tests.shell.test_interrupts import Running


@pytest.fixture
def make_line(embedded_broker: str, valkey_url: str, tmp_path: Path) -> Callable[..., Line]:
    def make(settings: Mapping[str, str] = MONTHS) -> Line:
        return Line(embedded_broker, valkey_url, tmp_path, idempotent=False, settings=settings)

    return make


async def test_where_no_broker_answers_it_says_where(tmp_path: Path) -> None:
    line = Line(f"127.0.0.1:{children.free_port()}", "redis://127.0.0.1:1/0", tmp_path, idempotent=True)
    for arguments in (("list",), ("retry", "--apply")):
        done = await ran(line, "rejected", *arguments)
        assert done.returncode == 1
        assert done.stderr.startswith(f"callpulse: rejected: no Kafka answers at {line.settings.kafka.brokers}")
        assert done.stderr.count("\n") == 1


def test_ctrl_c_says_how_far_it_was(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        brokers = f"127.0.0.1:{silent.getsockname()[1]}"
        running = Running(tmp_path, "rejected", "retry", "--apply", CALLPULSE_KAFKA_BROKERS=brokers)
        with silent.accept()[0]:
            ended = running.end(signal.SIGINT)
    assert ended == (130, "callpulse: rejected: stopped; 0 were sent again and noted; run it again for the rest\n")
