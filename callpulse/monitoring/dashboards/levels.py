"""At which values a panel changes its colour: the levels of the rules that alert, and what boards take for long."""

from collections.abc import Iterable
from typing import NamedTuple

from callpulse.board.levels import LONG_WAITS, LONGEST_WAITS
from callpulse.settings import Settings, milliseconds
from callpulse.settings.alert_rules import rules_of

OK, WATCH, ACT, NEUTRAL = "green", "orange", "red", "text"
MORE_THAN_NOTHING = 1e-9


class Step(NamedTuple):
    """From this value on, in the panel's unit, this colour; None = from the lowest."""

    value: float | None
    colour: str


Steps = tuple[Step, ...]
PLAIN: Steps = (Step(None, NEUTRAL),)
NONE_WANTED: Steps = (Step(None, OK), Step(MORE_THAN_NOTHING, ACT))
ALL_WANTED: Steps = (Step(None, ACT), Step(1, OK))
NOT_ZERO: Steps = (Step(None, ACT), Step(-MORE_THAN_NOTHING, OK), Step(MORE_THAN_NOTHING, ACT))


class Levels(NamedTuple):
    """Of one site, by the policy that holds where a queue has none of its own."""

    service_level: Steps
    short_of_target: Steps
    abandonment: Steps
    asa: Steps
    longest_wait: Steps
    data_age: Steps


def levels_of(settings: Settings) -> Levels:
    """Service level, abandonment and age as the alerts have them; waits by the threshold T."""
    policy, alerts = settings.policy(""), settings.alerts
    low = entered(settings, "service_level") or [policy.target]
    return Levels(
        service_level=_low(min(low), max(low)),
        short_of_target=_high([MORE_THAN_NOTHING, policy.target - min(low) + MORE_THAN_NOTHING]),
        abandonment=_high(entered(settings, "abandonment_rate")),
        asa=_high([policy.threshold_s, LONG_WAITS * policy.threshold_s]),
        longest_wait=_high([LONG_WAITS * policy.threshold_s, LONGEST_WAITS * policy.threshold_s]),
        data_age=_high([milliseconds(alerts.no_data_after) / 1000, milliseconds(alerts.blind_after) / 1000]),
    )


def entered(settings: Settings, kpi: str) -> list[float]:
    """Every level at which a rule of that KPI begins to fire, of a queue without a target of its own; rising."""
    policy = settings.policy("")
    rules = [rule.at(policy.target) for rule in rules_of(settings) if rule.kpi == kpi]
    return sorted({level.enter for rule in rules for level in rule.levels.values()})


def _low(act: float, watch: float) -> Steps:
    """Bad is low."""
    return (Step(None, ACT), *([Step(act, WATCH)] if act < watch else []), Step(watch, OK))


def _high(limits: Iterable[float]) -> Steps:
    """Bad is high, and worst from the last limit on."""
    rising = sorted(set(limits))
    colours = ["yellow"] * (len(rising) - 2) + [WATCH, ACT]
    return (Step(None, OK), *map(Step, rising, colours[-len(rising) :] if rising else []))
