"""The expected service level of the next half hour, fast enough to ask every queue every ten seconds.

`transient` solves a queue exactly, for every number of contacts in it at once, in about half a millisecond. A queue's
estimates move slowly, so solutions are kept on a grid of arrival rates and handle times (steps of equal ratio, finer
where many agents make the curve steep) and interpolated between its four nearest points. What is kept never changes an
answer, only its price.
"""

import math
from array import array
from collections.abc import Callable, Iterator, Sequence

from callpulse.alerts.core.kept import Kept
from callpulse.alerts.core.transient import Floor, mean_service_level, service_level_at

HORIZON_S = 1800.0
PATIENCE_S = 300.0
MOST_KEPT = 1_000_000  # figures of eight bytes, in each of two generations
MOST_AGENTS = 2000
MOST_WAITING = 4000
LEAST_ROOM = 64
MOST_MORE = 64  # agents that advice asks for
LEAST_EXPECTED = 1.0  # arrivals over the horizon; of fewer there is no service level to speak of

Table = Sequence[float]
Corners = tuple[Table, Table, Table, Table]
Place = tuple[int, int, int, int]  # agents, step of the arrival rate, step of the handle time, room


class Forecaster:
    """Forecasts for one threshold and patience. `horizon_s`: whose service level is expected."""

    def __init__(self, threshold_s: float, patience_s: float = PATIENCE_S, horizon_s: float = HORIZON_S) -> None:
        self._threshold_s, self._patience_s, self._horizon_s = threshold_s, patience_s, horizon_s
        self._tables = Kept[Place, Table](MOST_KEPT, len)
        self._corners = Kept[Place, Corners](MOST_KEPT, lambda found: sum(map(len, found)))
        self._usual = Kept[tuple[int, float, float], float | None](MOST_KEPT // 50, lambda _: 1)
        self._lost = Kept[tuple[int, int, int, int, float], int | None](MOST_KEPT // 50, lambda _: 1)

    def service_level(self, n: int, agents: int, per_s: float, aht_s: float) -> float | None:
        """Expected share answered in time among the arrivals of the horizon. `n`: contacts now, in service and waiting.
        Without agents it is 0; None where too few are expected, or without a handle time."""
        if not self._sensible(agents, per_s, aht_s):
            return None
        if agents <= 0:
            return 0.0
        step = step_of(agents)
        x, y = math.log(per_s) / step, math.log(aht_s) / step
        i, j = math.floor(x), math.floor(y)
        x, y = x - i, y - j
        n = max(0, min(n, agents + MOST_WAITING))
        room = self._room(n, agents, per_s, aht_s)
        place = (agents, i, j, room)
        a, b, c, d = self._corners.get(place, lambda: self._around(place))
        return (1 - x) * ((1 - y) * a[n] + y * b[n]) + x * ((1 - y) * c[n] + y * d[n])

    def usual(self, agents: int, per_s: float, aht_s: float) -> float | None:
        """What agents give at these rates from a usual moment on: with as many contacts as they have on average."""
        if not self._sensible(agents, per_s, aht_s):
            return None
        asked = (agents, per_s, aht_s)
        return self._usual.get(asked, lambda: self.service_level(round(per_s * aht_s), *asked))

    def more_agents(self, n: int, agents: int, per_s: float, aht_s: float, target: float) -> int | None:
        """The fewest agents to add so that `target` is expected; 0 where it is already. None where `MOST_MORE` do not
        do it, or there is no forecast."""
        if not self._sensible(agents, per_s, aht_s):
            return None

        def reached(more: int) -> bool:
            found = self.service_level(n, agents + more, per_s, aht_s)
            return found is not None and found >= target

        enough = next((more for more in _tried() if reached(more)), None)
        return None if enough is None else _first(reached, enough // 2, enough)

    def minutes_until_lost(self, n: int, agents: int, per_s: float, aht_s: float, target: float) -> int | None:
        """Minutes, rounded up, until fewer than `target` of those who call are expected to be answered in time, and
        that is still so at the end of the horizon. 0 = already; None = not within the horizon, or no forecast. Answered
        for the nearest point of the grid."""
        if not self._sensible(agents, per_s, aht_s):
            return None
        if agents <= 0:
            return 0
        step = step_of(agents)
        i, j = round(math.log(per_s) / step), round(math.log(aht_s) / step)
        n = max(0, min(n, agents + MOST_WAITING))
        return self._lost.get((agents, i, j, n, target), lambda: self._lost_after((agents, i, j, 0), n, target))

    def _lost_after(self, place: Place, n: int, target: float) -> int | None:
        floor = self._floor(place)
        room = self._room(n, floor.agents, floor.per_s, floor.aht_s)

        def lost(minute: int) -> bool:
            return service_level_at(floor, room, minute * 60.0)[n] < target

        last = int(self._horizon_s // 60)
        if not lost(last):
            return None
        return 0 if lost(0) and lost(1) else _first(lost, 0, last)

    def _sensible(self, agents: int, per_s: float, aht_s: float) -> bool:
        expected = per_s * self._horizon_s
        return agents <= MOST_AGENTS and 0 < aht_s < math.inf and LEAST_EXPECTED <= expected < math.inf

    def _room(self, n: int, agents: int, per_s: float, aht_s: float) -> int:
        """Places to wait, a power of two so that few tables do: beyond those who wait, what is served within the
        threshold twice over, and four standard deviations of a queue in balance."""
        far = 24 + 2 * agents * self._threshold_s / aht_s + 4 * math.sqrt(per_s * self._patience_s)
        return max(LEAST_ROOM, 1 << math.ceil(math.log2(max(n - agents, 0) + min(far, MOST_WAITING))))

    def _around(self, place: Place) -> Corners:
        agents, i, j, room = place
        a, b, c, d = ((agents, i + right, j + up, room) for right in (0, 1) for up in (0, 1))
        return self._table(a), self._table(b), self._table(c), self._table(d)

    def _table(self, place: Place) -> Table:
        return self._tables.get(place, lambda: self._solved(place))

    def _solved(self, place: Place) -> Table:
        return array("d", mean_service_level(self._floor(place), place[3], self._horizon_s))

    def _floor(self, place: Place) -> Floor:
        agents, i, j, _ = place
        step = step_of(agents)
        return Floor(agents, math.exp(i * step), math.exp(j * step), self._patience_s, self._threshold_s)


def step_of(agents: int) -> float:
    """The ratio between neighbours on the grid, as a logarithm: the curve is as steep as the root of the agents."""
    return 0.15 / math.sqrt(max(agents, 16))


def _tried() -> Iterator[int]:
    more = 0
    while more <= MOST_MORE:
        yield more
        more = max(1, 2 * more)


def _first(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The smallest number above `low` for which it holds, known to hold at `high`; `low` = `high` = 0 gives 0."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
