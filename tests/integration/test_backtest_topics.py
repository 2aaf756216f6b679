"""`callpulse backtest --from-topic` on the embedded broker, whose ListOffsets ends too early."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.contracts.backtest_topics import *  # noqa: F403 -- the checks of every broker
from tests.line import MONTHS, Line


@pytest.fixture
def make_line(embedded_broker: str, tmp_path: Path) -> Callable[..., Line]:
    def make(settings: Mapping[str, str] = MONTHS) -> Line:
        return Line(embedded_broker, "redis://127.0.0.1:1/0", tmp_path, idempotent=False, settings=settings)

    return make
