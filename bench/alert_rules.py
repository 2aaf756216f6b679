"""The rules that `bench.alerts` compares: each sees the same moments, and says whether its alert is on."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping
from typing import NamedTuple

from callpulse.alerts.core.capacity import Condition, Live, Reading, harmed, read
from callpulse.alerts.core.estimates import Expected
from callpulse.alerts.core.evidence import upper
from callpulse.alerts.core.forecast import Forecaster
from callpulse.alerts.core.levels import (
    ALARM_LASTS,
    CAPACITY_LASTS,
    HARM_LASTS,
    STUDY,
    WAITS_LASTS,
    YIELDING,
    Lasting,
    Levels,
)
from callpulse.alerts.core.watched import Watched
from callpulse.stream.core.ticks import Tick
from callpulse.stream.core.windows import PANE_MS

TICK_S = PANE_MS // 1000
LEVELS = Levels()
AT_ONCE = Lasting(0, 0)


class Moment(NamedTuple):
    """What a rule sees every ten seconds."""

    tick: Tick
    expected: Expected
    contacts: Tick  # without agents' states
    expected_of_contacts: Expected
    five: Live  # minutes
    fifteen: Live
    readings: dict[Hashable, Reading]  # one for all rules that look alike
    catalogue: bool  # `five` and `fifteen` are the catalogue's; otherwise a miss counts once, at T


class Rule(ABC):
    """Fed with every moment, in their order."""

    @abstractmethod
    def on(self, moment: Moment) -> bool: ...


class Alert:
    """On once its condition has held for `for_s`, off once the clear condition has held for `clear_s`."""

    def __init__(self, lasting: Lasting) -> None:
        self._lasting, self._on, self._held_s = lasting, False, -TICK_S

    def step(self, condition: Condition | None, for_s: int | None = None) -> bool:
        """A moment without a condition is one in which neither holds. `for_s`: that of this moment."""
        wanted = condition is not None and (condition.clears if self._on else condition.holds)
        self._held_s = self._held_s + TICK_S if wanted else -TICK_S
        if for_s is None:
            for_s = self._lasting.for_s
        if self._held_s >= (self._lasting.clear_s if self._on else for_s):
            self._on, self._held_s = not self._on, -TICK_S
        return self._on


class Capacity(Rule):
    """D1 with agents' states, D1h without them, N where ends are not told either. With levels that yield, an alarm of
    either sequential test need not last as long."""

    def __init__(self, forecaster: Forecaster, levels: Levels = LEVELS, agents: bool = True, ends: bool = True):
        self._forecaster, self._levels, self._agents, self._ends = forecaster, levels, agents, ends
        self._watched = Watched()
        self._capacity, self._alarm = Alert(CAPACITY_LASTS), Alert(ALARM_LASTS)
        self._harm, self._waits = Alert(HARM_LASTS), Alert(WAITS_LASTS)

    def on(self, moment: Moment) -> bool:
        found = self._reading(moment)
        harm = harmed(moment.five, moment.fifteen, self._levels) if moment.catalogue and found.harm else found.harm
        alarm = found.alarm if self._levels.yields else None
        told = [self._capacity.step(found.capacity, found.lasts_s), self._alarm.step(alarm)]
        return any([*told, self._harm.step(harm), self._waits.step(found.waits)])

    def _reading(self, moment: Moment) -> Reading:
        looks = (self._levels, self._agents, self._ends)
        if looks not in moment.readings:
            tick, expected = moment.tick, moment.expected
            if not self._agents:
                tick, expected = moment.contacts, moment.expected_of_contacts
            if not self._ends:
                tick = tick._replace(ended=0, busy=0, busy_ms=0)
            found = read(self._watched, tick, expected, self._forecaster, self._levels)
            assert found is not None
            moment.readings[looks] = found
        return moment.readings[looks]


class Windowed(Rule):
    """Any condition of the live service level."""

    def __init__(self, condition: Callable[[Moment], Condition], lasting: Lasting = AT_ONCE) -> None:
        self._condition, self._alert = condition, Alert(lasting)

    def on(self, moment: Moment) -> bool:
        return self._alert.step(self._condition(moment))


class Together(Rule):
    """What people are told with everything on: the forecast at once, the plain rule when it has been on for so long
    by itself and is in breach still."""

    def __init__(self, forecaster: Forecaster, alone_s: int) -> None:
        self._early, self._plain = Capacity(forecaster), Windowed(plain, Lasting(120, 300))
        self._alone_s, self._plain_s, self._on = alone_s, 0, False

    def on(self, moment: Moment) -> bool:
        early, late = self._early.on(moment), self._plain.on(moment)
        self._plain_s = self._plain_s + TICK_S if late else 0
        told = early or (self._plain_s >= self._alone_s and plain(moment).holds)
        self._on = told or (self._on and late)  # until nothing fires
        return self._on


def naive(moment: Moment) -> Condition:
    low = moment.five.share < 0.8
    return Condition(low, not low)


def quarter(moment: Moment) -> Condition:
    low = moment.fifteen.share < 0.8
    return Condition(low, not low)


def classic(moment: Moment) -> Condition:
    """Too few in time, beyond doubt, in a quarter of an hour, and still so in the last five minutes."""
    low = wilson_upper(*moment.fifteen) < 0.8 and moment.five.share < 0.8
    return Condition(low, moment.fifteen.share >= 0.85)


def wilson_upper(hits: int, misses: int) -> float:
    """One-sided upper bound of a share, 95 %; 1 where there is nothing."""
    n = hits + misses
    return upper(hits / n, n) if n else 1.0


def plain(moment: Moment) -> Condition:
    """The hook of the plain rules: service level below 80 % over a quarter of an hour, beyond doubt."""
    return Condition(wilson_upper(*moment.fifteen) < 0.8, moment.fifteen.share >= 0.85)


RULES: Mapping[str, Callable[[Forecaster], Rule]] = {
    "default": Capacity,
    "study": lambda forecaster: Capacity(forecaster, STUDY),
    "study_d1h": lambda forecaster: Capacity(forecaster, STUDY, agents=False),
    "d1h": lambda forecaster: Capacity(forecaster, agents=False),
    "yielding": lambda forecaster: Capacity(forecaster, YIELDING),
    "n": lambda forecaster: Capacity(forecaster, agents=False, ends=False),
    "together_5": lambda forecaster: Together(forecaster, 300),
    "together": lambda forecaster: Together(forecaster, 600),
    "together_15": lambda forecaster: Together(forecaster, 900),
    "naive": lambda _: Windowed(naive),
    "quarter": lambda _: Windowed(quarter),
    "classic": lambda _: Windowed(classic, Lasting(120, 300)),
    "plain": lambda _: Windowed(plain, Lasting(120, 300)),
}
