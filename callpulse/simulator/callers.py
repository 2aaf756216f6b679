"""Who calls a queue, when, and what they will do: everything that does not depend on the agents.

Each queue has its own chance, so the same people call with the same questions whatever the staffing; two runs
that differ in their agents alone can be compared caller by caller.
"""

import math
import random
from bisect import bisect_right
from hashlib import blake2b
from itertools import accumulate

from msgspec import Struct

from callpulse.simulator.scenario import DAY_S, Queue, Scenario, Spread, Surge, seconds_of_day

NOISE_BLOCK_S = 900
NOISE_MEMORY = 0.7
NOISE_LIMIT = 2.5  # in standard deviations
SHORT_S = 5.0


class Caller(Struct, frozen=True, gc=False):
    """One caller's intentions, drawn on arrival; durations in milliseconds."""

    customer: str
    reason: str | None
    priority: int | None
    ivr_s: float | None
    leaves_after_ms: int
    leaves_as: str  # "abandoned", or the cause of an exit
    ring_ms: int
    missed: bool  # the first agent who is offered this call does not pick up
    talk_ms: int
    hold_after_ms: int | None
    hold_ms: int
    wrap_up_ms: int
    ended_by: str  # "customer", "agent" or "transfer"
    transfer_to: str | None


class Callers:
    """The callers of one queue, by arrival. Mutable: it carries its own chance and noise."""

    def __init__(self, scenario: Scenario, queue: Queue, seed: int) -> None:
        self.queue = queue
        self._seed = str(seed).encode()[:64]
        self._pool = scenario.customers
        self._offset_s = seconds_of_day(scenario.starts_at)
        self._minutes = _by_minute(queue)
        self._surges = tuple(surge for surge in scenario.surges if surge.queue == queue.id)
        self._when = random.Random(f"{seed}/{queue.id}/when")  # noqa: S311 - traffic, not secrets
        self._who = random.Random(f"{seed}/{queue.id}/who")  # noqa: S311
        self._handed_on = random.Random(f"{seed}/{queue.id}/handed on")  # noqa: S311
        self._noise, self._factor, self._noise_until_s = 0.0, 1.0, -math.inf
        self._noise_step = queue.noise * math.sqrt(1 - NOISE_MEMORY**2)
        self._highest_rate = self._rate_bound()
        self._talk, self._hold, self._wrap_up, self._ring, self._ivr = (
            _Lognormal(spread) for spread in (queue.talk, queue.hold, queue.wrap_up, queue.ring, queue.ivr)
        )
        self._reasons = _Choice(queue.reasons)
        self._exits = _Choice(queue.exits, rest=True)
        self._transfers = _Choice(queue.transfers, rest=True)

    def next_arrival_s(self, after_s: float, limit_s: float) -> float | None:
        """Seconds from the start to the next call after `after_s`, None if there is none before `limit_s`: a
        Poisson process with a varying rate, by thinning (Lewis and Shedler 1979)."""
        chance, at_s = self._when.random, after_s
        while True:
            at_s += self._when.expovariate(self._highest_rate)
            if at_s >= limit_s:
                return None
            if chance() * self._highest_rate < self._rate(at_s):
                return at_s

    def next_hangs_up_in_menu(self) -> bool:
        return self._who.random() < self.queue.menu_share

    def menu_s(self) -> float:
        """How long somebody listened to the menu before hanging up."""
        return self._ivr.draw_ms(self._who) / 1000

    def draw(self) -> Caller:
        """The next caller who comes out of the menu."""
        chance = self._who
        customer = blake2b(b"%d" % chance.randrange(self._pool), digest_size=8, key=self._seed).hexdigest()
        return self._caller(chance, customer, self._ivr.draw_ms(chance) / 1000)

    def draw_transferred(self, customer: str) -> Caller:
        """A caller handed on by another queue: known, and without a menu."""
        return self._caller(self._handed_on, customer, None)

    def _caller(self, chance: random.Random, customer: str, ivr_s: float | None) -> Caller:
        queue = self.queue
        leaves_after_ms, leaves_as = self._leaving(chance)
        talk_ms = self._talk.draw_ms(chance)
        holds = chance.random() < queue.hold_share
        target = self._transfers.draw(chance)
        by = "transfer" if target else "customer" if chance.random() < 0.6 else "agent"
        return Caller(
            customer,
            self._reasons.draw(chance),
            (1 if chance.random() < queue.priority_share else 0) if queue.priority_share else None,
            ivr_s,
            leaves_after_ms,
            leaves_as,
            self._ring.draw_ms(chance),
            chance.random() < queue.missed_share,
            talk_ms,
            int(talk_ms * (0.2 + 0.6 * chance.random())) if holds and talk_ms >= 2 else None,
            self._hold.draw_ms(chance),
            self._wrap_up.draw_ms(chance),
            by,
            target,
        )

    def _leaving(self, chance: random.Random) -> tuple[int, str]:
        queue = self.queue
        if chance.random() < queue.short_share:
            return round((0.5 + (SHORT_S - 0.5) * chance.random()) * 1000), "abandoned"
        leaves_after_s = 1 + chance.expovariate(1 / queue.patience_s)
        if queue.timeout_s is not None and leaves_after_s >= queue.timeout_s:
            return round(queue.timeout_s * 1000), "timeout"
        return round(leaves_after_s * 1000), self._exits.draw(chance) or "abandoned"

    def _rate(self, at_s: float) -> float:
        if at_s >= self._noise_until_s:
            self._redraw_noise(at_s)
        rate = self._minutes[int((self._offset_s + at_s) % DAY_S) // 60] * self._factor
        for surge in self._surges:
            if _in_force(surge, at_s):
                rate *= surge.factor
        return rate

    def _redraw_noise(self, at_s: float) -> None:
        bound = NOISE_LIMIT * self.queue.noise
        step = self._noise_step * self._when.gauss(0, 1)
        self._noise = max(-bound, min(bound, NOISE_MEMORY * self._noise + step))
        self._factor = math.exp(self._noise - self.queue.noise**2 / 2)
        self._noise_until_s = (at_s // NOISE_BLOCK_S + 1) * NOISE_BLOCK_S

    def _rate_bound(self) -> float:
        highest = max(self._minutes) * math.exp(NOISE_LIMIT * self.queue.noise)
        return highest * math.prod(max(1.0, surge.factor) for surge in self._surges)


def _in_force(surge: Surge, at_s: float) -> bool:
    since_s = at_s - surge.at_s
    if since_s >= 0 and surge.every_s is not None:
        since_s %= surge.every_s
    return 0 <= since_s < surge.for_s


def _by_minute(queue: Queue) -> list[float]:
    """Calls a second, menu hang-ups included, for each minute of the day."""
    per_s = queue.per_hour / 3600 / (1 - queue.menu_share)
    points = [(seconds_of_day(time), factor) for time, factor in queue.curve]
    return [per_s * _on_curve(points, minute * 60) for minute in range(1440)]


def _on_curve(points: list[tuple[int, float]], at_s: int) -> float:
    right = bisect_right(points, (at_s, math.inf))
    if right in (0, len(points)):
        return points[min(right, len(points) - 1)][1]
    (x0, y0), (x1, y1) = points[right - 1], points[right]
    return y0 + (y1 - y0) * (at_s - x0) / (x1 - x0)


class _Lognormal:
    """Durations of a given mean and spread, at least 1 ms."""

    def __init__(self, spread: Spread) -> None:
        variance = math.log(1 + spread.cv**2)
        self._mu = math.log(spread.mean_s * 1000) - variance / 2
        self._sigma = math.sqrt(variance)

    def draw_ms(self, chance: random.Random) -> int:
        return max(1, round(math.exp(self._mu + self._sigma * chance.gauss(0, 1))))


class _Choice:
    """One of some names by weight, or None. With `rest`, weights are shares; what is missing to 1 is None."""

    def __init__(self, weights: dict[str, float], rest: bool = False) -> None:
        self._names = list(weights)
        self._steps = list(accumulate(weights.values()))
        self._whole = 1.0 if rest else (self._steps[-1] if self._steps else 1.0)

    def draw(self, chance: random.Random) -> str | None:
        if not self._names:
            return None
        place = bisect_right(self._steps, chance.random() * self._whole)
        return self._names[place] if place < len(self._names) else None
