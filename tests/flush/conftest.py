"""Virtual time for the product, and its guards taken away one at a time."""

from collections.abc import Callable
from typing import Any

import pytest

from callpulse.stream.transport import consumer
from tests.chaos import guards
from tests.flush import virtual_time


@pytest.fixture(autouse=True)
def in_virtual_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "monotonic_s", virtual_time.monotonic_s)


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Take a guard of `tests/chaos/guards.py` away until the test is over."""

    def set_on(owner: Any, **replaced: Any) -> None:
        for name, value in replaced.items():
            monkeypatch.setattr(owner, name, value)

    monkeypatch.setattr(guards, "set_on", set_on)
    return lambda guard: guards.WITHOUT[guard]()
