"""What a worker says of events that it refuses: the place of one and how many, once a minute, never what they hold."""

from types import SimpleNamespace

import pytest

from callpulse.stream.core.events import Reason, Rejected
from callpulse.stream.outbox import Outbox
from callpulse.stream.pseudonyms import AgentNames
from callpulse.stream.refusals import Refusals

NOON = 1_795_348_800_000
CALLER = "0612345678"


class Rig:
    def __init__(self) -> None:
        self.now_ms = NOON
        self.offset = 0
        self.refusals = Refusals(Outbox(None), "t.rejected", AgentNames(), lambda: self.now_ms)  # type: ignore[arg-type]  # not posted

    def refuse(self, reason: Reason = Reason.BAD_VALUE, field: str = "at") -> None:
        value = CALLER.encode()
        record = SimpleNamespace(
            topic="t.calls", partition=3, offset=self.offset, key=value, value=value, timestamp=NOON, timestamp_type=1
        )
        self.refusals.add(record, Rejected(reason, field, f"'{CALLER}'; expected a time"))
        self.offset += 1


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_a_flood_is_a_line_a_minute_with_the_place_of_one_and_how_many_more(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    for rig.now_ms in (NOON, NOON + 1, NOON + 59_999, NOON + 60_000, NOON + 120_000):
        rig.refuse()
    assert caplog.messages == [
        "t.calls/3/0: refused as bad_value, at; it is in t.rejected",
        "t.calls/3/3: refused as bad_value, at, and 2 more since the last such line; it is in t.rejected",
        "t.calls/3/4: refused as bad_value, at; it is in t.rejected",
    ]
    assert CALLER not in caplog.text


def test_each_reason_has_its_own_line(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.refuse()
    rig.refuse(Reason.NOT_JSON, "")
    assert [message.split("; ")[0] for message in caplog.messages] == [
        "t.calls/3/0: refused as bad_value, at",
        "t.calls/3/1: refused as not_json",
    ]


def test_a_clock_that_is_set_back_silences_nothing(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.refuse()
    rig.now_ms = NOON - 3_600_000
    rig.refuse()
    assert len(caplog.messages) == 2
