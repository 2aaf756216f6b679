"""The forecast of the study that rule D1 comes from, as it was written there (numpy, about 5 ms a call): squared steps
of the chain, differential equations for the waiting. `room` can be made larger where many are served within T: the
study let nobody enter beyond 50 (of 30 Erlang and more: 110) above those who are there."""

import math

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[np.float64]


def in_time(last: int, agents: int, leave: float, give_up: float, threshold_s: float, steps: int = 400) -> Column:
    found = np.ones(last + 1)
    if agents <= 0:
        return np.zeros(last + 1)
    places = last - agents + 1
    rates = agents * leave + give_up * np.arange(places)
    x, h = np.zeros(places), threshold_s / steps

    def slope(x: Column) -> Column:
        return rates * np.concatenate([[1.0], x[:-1]]) - (rates + give_up) * x

    for _ in range(steps):
        x = x + h * slope(x + 0.5 * h * slope(x))
    found[agents:] = x
    return found


def forecast(
    n: int,
    agents: int,
    per_s: float,
    aht_s: float,
    *,
    patience_s: float = 300.0,
    threshold_s: float = 20.0,
    horizon_s: float = 1800.0,
    room: int | None = None,
) -> float:
    """Expected share answered within T among the arrivals of the horizon, n in the system now."""
    leave, give_up = 1 / aht_s, 1 / patience_s
    last = max(n, agents) + (room or (50 if per_s * aht_s < 30 else 110))
    k = np.arange(last + 1)
    down = np.minimum(k, agents) * leave + np.maximum(k - agents, 0) * give_up
    up = np.where(k < last, per_s, 0.0)
    fastest = per_s + max(agents, 1) * leave + max(last - agents, 0) * give_up
    doublings = math.ceil(math.log2(horizon_s * fastest * 1.02))
    steps = 2**doublings
    h = horizon_s / steps
    move = np.diag(1 - h * (up + down)) + np.diag(h * up[:-1], 1) + np.diag(h * down[1:], -1)
    total = in_time(last, agents, leave, give_up, threshold_s)
    for _ in range(doublings):
        total = total + move @ total
        move = move @ move
    return float(total[n] / steps)
