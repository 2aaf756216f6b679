"""What a rule speaks of, as it is now: a figure of the catalogue, or one of the alerts' own."""

from callpulse.alerts.core.capacity import Reading
from callpulse.alerts.core.foresight import EXPECTED
from callpulse.alerts.core.moment import Moment
from callpulse.alerts.core.rules import LENGTH_ORDER, Rule, Seen

AGE = "data_age_s"


def value_of(kpi: str, rule: Rule | None, moment: Moment, reading: Reading | None) -> float | None:
    """What the KPI is now, in the windows of the rule."""
    own = of_now(moment, reading)
    if kpi in own:
        return own[kpi].value
    found = main_figure(rule, moment) if rule else None
    return None if found is None else found.value


def main_figure(rule: Rule, moment: Moment) -> Seen | None:
    """Of the longest window of the rule."""
    return moment.seen(rule.kpi).get(max(rule.windows, key=LENGTH_ORDER.index))


def of_now(moment: Moment, reading: Reading | None) -> dict[str, Seen]:
    """The alerts' own figures: KPI id -> figure."""
    expected = Seen(None) if reading is None else Seen(reading.forecast)
    return {EXPECTED: expected, "agents_ready": moment.agents_ready, AGE: Seen(moment.age_s)}
