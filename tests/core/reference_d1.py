"""Rule D1 as the study wrote it a second time, from its words and from raw events: the estimates of one evaluation
after the other. Where ours has other figures they are arguments. `asked(kind, a, b)` counts arrivals ("arr"), contacts
ended ("end"), seconds worked ("busy"), live hits ("hit") and misses ("miss") in (a, b]."""

import math
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from tests.core.reference_forecast import forecast

Asked = Callable[[str, float, float], float]


class Seen(NamedTuple):
    n: int
    agents: int
    per_s: float
    aht_s: float
    surge: bool
    slow: bool

    @property
    def forecast(self) -> float:
        return forecast(self.n, self.agents, self.per_s, self.aht_s)


class Hold:
    """True once the condition has held for `secs` (evaluations every 10 s)."""

    def __init__(self, secs: int) -> None:
        self.secs, self.k = secs, -1

    def __call__(self, cond: bool) -> bool:
        self.k = self.k + 1 if cond else -1
        return self.k * 10 >= self.secs

    def reset(self) -> None:
        self.k = -1


class Alert:
    def __init__(self, for_s: int, clear_s: int) -> None:
        self.on, self.f, self.c = False, Hold(for_s), Hold(clear_s)

    def step(self, cond: bool, clear: bool) -> bool:
        if not self.on:
            if self.f(cond):
                self.on = True
                self.c.reset()
        elif self.c(clear):
            self.on = False
            self.f.reset()
        return self.on


class D1:
    def __init__(self, slow_alarm: float = 5.0, harm: float = 0.4, surge_for_s: int = 120) -> None:
        self.slow_alarm, self.harm, self.surge_for_s = slow_alarm, harm, surge_for_s
        self.S = self.Z = 0.0
        self.surge = self.slow = False
        self.r1, self.r3, self.cap = Alert(120, 300), Alert(60, 180), deque[int](maxlen=6)

    def estimates(self, t: float, q: Asked, profile: tuple[float, float], floor: tuple[int, int, int]) -> Seen:
        (lam_p, aht_p), (cap, busy, waiting) = profile, floor
        self.cap.append(cap)
        c, n = math.floor(sum(self.cap) / len(self.cap) + 0.5), busy + waiting
        lam = (100 + q("arr", t - 1800, t)) / (100 / lam_p + 1800)
        aht = (60 * aht_p + q("busy", t - 3600, t)) / (60 + q("end", t - 3600, t))
        lam_b = (100 + q("arr", t - 4200, t - 600)) / (100 / lam_p + 3600)
        self.S = min(6.5, max(0, self.S + math.log(1.4) * q("arr", t - 10, t) - 0.4 * lam_b * 10))
        if self.S <= 0 or q("arr", t - 600, t) < 1.2 * lam_b * 600:
            self.surge = False
        elif self.S > 5.5:
            self.surge = True
        if self.surge:
            lam = max(lam, 1.4 * lam_b)
        worked, ended = q("busy", t - 10, t), q("end", t - 10, t)
        self.Z = min(self.slow_alarm + 1, max(0, self.Z + (1 - 1 / 1.3) * worked / aht_p - math.log(1.3) * ended))
        if self.Z <= 0 or q("busy", t - 1200, t) < 1.15 * aht_p * q("end", t - 1200, t):
            self.slow = False
        elif self.slow_alarm < self.Z:
            self.slow = True
        if self.slow:
            aht = max(aht, 1.3 * aht_p)
        return Seen(n, c, lam, aht, self.surge, self.slow)

    def alert(self, t: float, q: Asked, expected: float) -> bool:
        def live(w: int) -> float:
            h, m = q("hit", t - w, t), q("miss", t - w, t)
            return 1.0 if h + m == 0 else h / (h + m)

        self.r1.f.secs = self.surge_for_s if self.surge else 120
        a = self.r1.step(expected < 0.65, expected >= 0.75)
        harmed = live(900) < self.harm and live(300) < self.harm and q("miss", t - 900, t) >= 5
        b = self.r3.step(harmed, live(300) >= 0.8)
        return a or b
