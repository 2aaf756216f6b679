"""The whole line on the embedded broker."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contracts.line_figures import *  # noqa: F403 -- the checks of every broker
from tests.line import MONTHS, Line


@pytest.fixture
def make_line(embedded_broker: str, valkey_url: str, tmp_path: Path) -> Callable[..., Line]:
    def make(settings: dict[str, str] = MONTHS) -> Line:
        return Line(embedded_broker, valkey_url, tmp_path, idempotent=False, settings=settings)

    return make
