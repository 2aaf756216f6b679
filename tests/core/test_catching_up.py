"""A worker reads on after an outage of a night: calls are hours ahead of the copies of agents' changes for a moment."""

import pytest

from callpulse.alerts.core.capacity import read
from callpulse.alerts.core.estimates import Expected
from callpulse.alerts.core.forecast import Forecaster
from callpulse.alerts.core.levels import Levels
from callpulse.alerts.core.watched import Watched
from callpulse.stream.core import events as ev
from callpulse.stream.core.book import CallBook
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.limits import Limits
from callpulse.stream.core.roster import RosterBook
from callpulse.stream.core.ticks import AGENTS_LAG_MS, KEPT, Tick, Ticks
from callpulse.stream.core.windows import PANE_MS

NIGHT, QUEUE = 1_795_305_600_000, "sales"
MORNING = NIGHT + 8 * 3_600_000
PLAN = Expected(100 / 1800, 180.0, 14)


class Worker:
    """Two were there at night; fourteen are since the early morning, and serve everybody at once."""

    def __init__(self) -> None:
        self.book, self.roster, self._offset = CallBook(Limits()), RosterBook(Limits()), 0
        self._ticks = Ticks(self.book)
        self.hears_of_agents("a", 2, NIGHT)

    def hears_of_agents(self, name: str, count: int, at_ms: int) -> None:
        for number in range(count):
            self._offset += 1
            state = ev.AgentState(at=at_ms, agent=f"{name}{number}", state="ready", queues=(QUEUE,), queue=QUEUE)
            self.roster.take(state, self._offset)

    def reads_calls(self, from_ms: int, until_ms: int) -> list[Tick]:
        """One every 18 s who talks for three minutes."""
        for at in range(from_ms, until_ms, 18_000):
            place = {"queue": QUEUE, "contact_id": str(at)}
            self._take(ev.Connected(at=at, agent="7", wait_s=1.0, **place))
            self._take(ev.Ended(at=at + 180_000, agent="7", talk_s=180.0, **place))
        self._take(ev.Heartbeat(at=until_ms, source="pbx"))
        return list(self._ticks.rows(QUEUE, Policy(), self.roster, until_ms))

    def _take(self, event: ev.Call | ev.Heartbeat) -> None:
        self._offset += 1
        self.book.take(event, self._offset)
        self.book.settle(self._offset)


@pytest.fixture
def caught_up() -> tuple[Worker, list[Tick]]:
    """All calls of eight hours, and not one change of an agent."""
    worker = Worker()
    worker.reads_calls(NIGHT, NIGHT + 1000)
    return worker, worker.reads_calls(NIGHT + 1000, MORNING)


def alarmed(ticks: list[Tick]) -> bool:
    """Does the forecast hold at any of them that there are too few agents?"""
    watched, forecaster = Watched(), Forecaster(20.0)
    found = [read(watched, tick, PLAN, forecaster, Levels()) for tick in ticks]
    return any(each is not None and each.capacity is not None and each.capacity.holds for each in found)


def test_those_who_came_meanwhile_are_not_taken_for_missing(caught_up: tuple[Worker, list[Tick]]) -> None:
    worker, ticks = caught_up
    assert len(ticks) == KEPT
    assert [tick.staffed for tick in ticks] == [None] * KEPT
    assert not alarmed(ticks)
    assert alarmed([tick._replace(staffed=2) for tick in ticks])  # as they stand in the roster at that moment
    worker.hears_of_agents("b", 12, MORNING - 3_600_000)
    later = [worker.reads_calls(end - PANE_MS, end)[-1] for end in range(MORNING + PANE_MS, MORNING + 90_000, PANE_MS)]
    without = AGENTS_LAG_MS // PANE_MS - 1
    assert [tick.staffed for tick in later] == [None] * without + [14] * (len(later) - without)
    assert not alarmed([*ticks, *later])


def test_a_publisher_that_is_a_little_late_still_tells_who_is_there() -> None:
    worker = Worker()
    worker.reads_calls(NIGHT, NIGHT + PANE_MS)
    ticks = worker.reads_calls(NIGHT + PANE_MS, NIGHT + (KEPT - 1) * PANE_MS)
    assert {tick.staffed for tick in ticks[1:]} == {2}
