"""The figures of the capacity rules: when they hold, when they clear, how long that must last.

They come from a study of simulated queues for 80 % and 90 % within T; in between they follow a straight line, and
beyond they keep their distance to the target, which nobody has tried. `STUDY` is as it was there. Ours differ
(docs/decisions/levels.md): where agents of the plan have left, the forecast is too low sooner; a surge in alarm has
lasted already; without agents' states a lower forecast need not last as long; harm and the test for long calls ask for
more. With `YIELDING` a queue whose plan is lean has lower levels, and an alarm of either test need not last as long.
"""

from typing import NamedTuple


class Lasting(NamedTuple):
    """How long a condition must hold at every evaluation before it is told, and the clear condition before the end."""

    for_s: int
    clear_s: int


CAPACITY_LASTS = Lasting(120, 300)
CONTACTS_LAST_S = 60  # where no agent's state is known
SURGE_LASTS_S = 0  # the test of arrivals has waited until it was no chance
ALARM_LASTS = Lasting(60, 300)
HARM_LASTS = Lasting(60, 180)
WAITS_LASTS = Lasting(0, 180)


class Surge(NamedTuple):
    """Arrivals against the profile."""

    factor: float = 1.4  # the surge that is looked for
    alarm: float = 5.5
    most: float = 6.5
    still: float = 1.2  # fewer than this many times the usual arrivals in ten minutes: over


class Slowdown(NamedTuple):
    """Work against the contacts that end."""

    factor: float = 1.3
    alarm: float = 5.5
    most: float = 6.5
    still: float = 1.15


class Levels(NamedTuple):
    """Shares answered in time. A condition holds below the first of a pair and clears from the second on."""

    target: float = 0.80
    capacity: tuple[float, float] = (0.65, 0.75)  # of the forecast
    lost_below_clear: float = 0.01
    plan_does: float = 0.05  # above the target: what a plan gives that would do
    contacts_lower: float = 0.03  # where no agent's state is known, the forecast is too low so much lower
    contacts_last_s: int = CONTACTS_LAST_S
    surge_lasts_s: int = SURGE_LASTS_S
    slowdown: Slowdown = Slowdown()
    harm: tuple[float, float] = (0.30, 0.80)  # of the live service level: of 15 and 5 minutes, of 5 minutes
    harm_misses: int = 5  # in 15 minutes at least
    waits: tuple[float, float] = (0.55, 0.80)  # of the fading service level: of ten minutes, of five
    waits_misses: int = 3  # in 5 minutes at least
    waits_oldest_ms: int = 40_000
    yields: float = 0.0  # so many times what the plan falls short of `ample`, the levels are lower
    ample: float = 0.12  # above the target: what a plan gives that is not lean

    @property
    def lost_below(self) -> float:
        """The level of the forecast where agents of the plan have left: that is no chance as bad luck is."""
        below, clear = self.capacity
        return max(below, clear - self.lost_below_clear)

    @property
    def of_contacts(self) -> float:
        """The level of the forecast where no agent's state is known."""
        return max(self.capacity[0] - self.contacts_lower, 0.0)

    @property
    def enough(self) -> float:
        """From here on a forecast with the agents of the plan says that those who are missing are what is wrong."""
        return min(self.target + self.plan_does, 0.97)


STUDY = Levels(
    lost_below_clear=1.0,
    contacts_lower=0.0,
    contacts_last_s=CAPACITY_LASTS.for_s,
    surge_lasts_s=CAPACITY_LASTS.for_s,
    harm=(0.40, 0.80),
    slowdown=Slowdown(alarm=5.0, most=6.0),
)
YIELDING = STUDY._replace(lost_below_clear=0.01, yields=2.0)


def lowered(levels: Levels, planned: float | None) -> Levels:
    """For a queue of which `planned` is expected with the agents of its plan. Where that is hardly more than the
    target, bad half hours often come by chance; where it is less, the levels are those at the target. None = as is."""
    if planned is None or not levels.yields:
        return levels
    short = min(levels.target + levels.ample, 0.97) - max(planned, levels.target)
    if short <= 0:
        return levels
    lower, (below, clear), (harm, well) = levels.yields * short, levels.capacity, levels.harm
    return levels._replace(
        capacity=(max(below - lower, 0.0), max(clear - lower / 2, 0.0)), harm=(max(harm - lower, 0.0), well)
    )


def levels_for(target: float) -> Levels:
    """The levels for a target between 0 and 1, T in time."""
    higher = min(1.0, max(0.0, (target - 0.8) / 0.1))
    clear = min(target - 0.05 - 0.05 * higher, 0.95)
    harm = 0.30 + 0.30 * higher if target >= 0.8 else 0.375 * target
    return Levels(
        target=target,
        capacity=(_rounded(target - 0.15), _rounded(clear)),
        harm=(_rounded(harm), _rounded(min(target, 0.95))),
        waits=(_rounded(target - 0.25), _rounded(min(target, 0.95))),
    )


def _rounded(level: float) -> float:
    return round(max(level, 0.0), 4)
