"""Records that nobody can use: each is counted, and one a minute is said."""

import logging
from types import SimpleNamespace

import pytest

from callpulse.set_aside import SAY_EVERY_S, SetAside

log = logging.getLogger("callpulse.alerts")


class Flood:
    def __init__(self) -> None:
        self.now_s, self.offset = 100.0, 0
        self.aside = SetAside(log, lambda: self.now_s)

    def comes(self, count: int, what: str = "not a command") -> None:
        for _ in range(count):
            self.offset += 1
            record = SimpleNamespace(topic="callpulse.commands", partition=0, offset=self.offset)
            self.aside.record(record, what, "bad JSON")


def test_a_flood_is_counted_and_one_of_it_said_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    flood = Flood()
    flood.comes(1000)
    assert caplog.messages == ["callpulse.commands/0/1: not a command: bad JSON"]
    flood.now_s += SAY_EVERY_S
    flood.comes(1000)
    assert caplog.messages[1:] == ["callpulse.commands/0/1001: not a command: bad JSON; so were 999 before it"]
    assert flood.aside.total == {("commands", "not a command"): 2000}


def test_each_kind_is_said_for_itself(caplog: pytest.LogCaptureFixture) -> None:
    flood = Flood()
    flood.comes(5)
    flood.comes(5, "not done")
    assert [text.split(": ")[1] for text in caplog.messages] == ["not a command", "not done"]
