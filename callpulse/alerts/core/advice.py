"""What to do about a queue, as values: what it does with the agents it has, and what one or two more would do.

Figures are of a queue in balance (Erlang A): what would last, not the way there; that is the forecast. Inputs that make
no sense give no advice.
"""

from typing import NamedTuple

from callpulse.alerts.core.erlang import erlang_a
from callpulse.alerts.core.forecast import PATIENCE_S, Forecaster

OFFERED = (1, 2, 3)  # more agents that are reckoned with in any case


class Outlook(NamedTuple):
    """With so many agents, and `more` of them than now."""

    agents: int
    more: int
    service_level: float  # of all who call
    abandonment: float


class Advice(NamedTuple):
    """`needed`: the fewest agents to add for the target to be expected of the next half hour, 0 = none; None = no
    number of up to `MOST_MORE`. `minutes_left`: until the target is lost; None = it is not in sight."""

    now: Outlook
    options: tuple[Outlook, ...]
    needed: int | None
    minutes_left: int | None
    target: float


class Queue(NamedTuple):
    """Live inputs: contacts in the system, agents, and rates (of a `capacity.Reading`)."""

    n: int
    agents: int
    per_s: float | None
    aht_s: float | None
    threshold_s: float
    patience_s: float = PATIENCE_S


def advise(queue: Queue, forecaster: Forecaster, target: float) -> Advice | None:
    """`forecaster`: of the same threshold and patience. None without rates or a handle time."""
    now = outlook(queue, 0)
    if now is None or queue.per_s is None or queue.aht_s is None:
        return None
    asked = (queue.n, queue.agents, queue.per_s, queue.aht_s, target)
    needed = forecaster.more_agents(*asked)
    wanted = sorted({*OFFERED, *([needed] if needed else [])})
    found = (outlook(queue, more) for more in wanted)
    options = tuple(each for each in found if each is not None)
    return Advice(now, options, needed, forecaster.minutes_until_lost(*asked), target)


def outlook(queue: Queue, more: int) -> Outlook | None:
    """The queue in balance with so many agents more. Where nobody is there, all give up in the end."""
    if queue.per_s is None or queue.aht_s is None:
        return None
    agents = queue.agents + more
    found = erlang_a(max(agents, 1), queue.per_s, queue.aht_s, queue.patience_s, queue.threshold_s)
    if found is None:
        return None
    return Outlook(agents, more, found.offered, found.abandonment) if agents else Outlook(0, more, 0.0, 1.0)
