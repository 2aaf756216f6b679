"""Who sends refused records again, and stood still for long: another may have its turn by now."""

from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from callpulse.rejected.record import Note, Refused
from callpulse.rejected.sending import Sender
from callpulse.rejected.topic import RejectedError
from callpulse.rejected.turns import FORGOTTEN_MS, SAYS_MS, Turns
from callpulse.stream.core.events import Enqueued

REFUSED = Refused("wrong_partition", "c.calls", 0, 9, 10, at=4)
EVENT = Enqueued(at=1, queue="sales", contact_id="1")


class Kept:
    """What a producer was given."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.notes: list[bytes] = []

    async def send(self, event: Any) -> None:
        self.events.append(event)

    async def put(self, _topic: str, value: bytes, _key: bytes) -> None:
        self.notes.append(value)

    async def flush(self) -> None:
        pass


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    clock = SimpleNamespace(ms=1_000_000)
    clock.now_ms = lambda: clock.ms
    monkeypatch.setattr("callpulse.rejected.sending.clock", clock)
    return clock


async def test_who_stood_still_sends_nothing_more(clock: Any) -> None:
    kept: Any = Kept()
    sender = Sender(kept, "c.rejected", "process 7 on here")
    assert await sender.send(REFUSED, EVENT) == ()
    clock.ms += FORGOTTEN_MS // 2 + 1000
    with pytest.raises(RejectedError, match="this stood still for 31 s, another may be at it; run it again"):
        await sender.settle()
    with pytest.raises(RejectedError):
        await sender.go_on()
    assert (kept.events, kept.notes) == ([], [])


async def test_who_goes_on_is_heard_of_and_notes_what_was_sent(clock: Any) -> None:
    kept: Any = Kept()
    sender = Sender(kept, "c.rejected", "process 7 on here")
    for _ in range(20):
        clock.ms += SAYS_MS // 2
        await sender.go_on()
    assert len(kept.notes) == 10
    await sender.send(REFUSED, EVENT)
    assert await sender.settle() == [REFUSED]
    assert (kept.events, len(kept.notes)) == ([EVENT], 11)
    assert b'"retried":[[4,4]]' in kept.notes[-1]


class Long:
    """A topic whose notes take `batches` times as long to read as until somebody has to be heard of."""

    def __init__(self, clock: Any, batches: int) -> None:
        self.turns, self._clock, self._batches = Turns(), clock, batches

    async def look(self, meanwhile: Callable[[], Awaitable[None]]) -> None:
        for _ in range(self._batches):
            self._clock.ms += SAYS_MS
            await meanwhile()


async def test_who_reads_many_notes_is_heard_of_meanwhile(clock: Any) -> None:
    kept: Any = Kept()
    topic: Any = Long(clock, batches=10)
    sender = Sender(kept, "c.rejected", "process 7 on here")
    async with sender.turn(topic):
        assert len(kept.notes) == 11
        await sender.send(REFUSED, EVENT)
        assert await sender.settle() == [REFUSED]


async def test_whatever_another_calls_itself_is_one_short_line(clock: Any) -> None:
    kept: Any = Kept()
    topic: Any = Long(clock, batches=0)
    topic.turns.take(Note((), clock.ms, run="other", by="process 7\non " + 9_999 * "x"))
    with pytest.raises(RejectedError, match=r"^another one is at it \(process 7 on x+, last heard") as refused:
        async with Sender(kept, "c.rejected", "process 8 on here").turn(topic):
            pass
    assert len(str(refused.value)) < 400
