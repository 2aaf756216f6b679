"""The rules that hold without a file: the target of the queue missed, and abandonment past 5, 10 and 15 %.

They are seen at once and told late: capacity (capacity.py) comes earlier, and a figure of the past that is bad alone
for less than ten minutes is mostly chance. Abandonment past 15 % is harm, and is told at once.
"""

from callpulse.alerts.core.rules import Evidence, Level, Rule

MINUTE_MS = 60_000
BEYOND_DOUBT = Evidence(wilson=True)

SERVICE_LEVEL = Rule(
    name="service_level",
    kpi="service_level",
    side="below",
    windows=("15m", "5m"),
    clear_on=("15m",),
    warning=Level(1.0, 0.75, burn=True),  # at 80 %: below 80 %, clear at 85 %
    critical=Level(2.0, 1.5, burn=True),  # below 60 %, clear at 70 %
    evidence=BEYOND_DOUBT,
    for_ms=2 * MINUTE_MS,
    keep_firing_ms=5 * MINUTE_MS,
    alone_after_ms=10 * MINUTE_MS,
)
ABANDONMENT = Rule(
    name="abandonment",
    kpi="abandonment_rate",
    side="above",
    warning=Level(0.05, 0.04),
    critical=Level(0.10, 0.08),
    evidence=BEYOND_DOUBT,
    for_ms=2 * MINUTE_MS,
    keep_firing_ms=5 * MINUTE_MS,
    alone_after_ms=10 * MINUTE_MS,
)
ABANDONMENT_SEVERE = Rule(
    name="abandonment_severe",
    kpi="abandonment_rate",
    side="above",
    critical=Level(0.15, 0.12),
    evidence=BEYOND_DOUBT,
    for_ms=2 * MINUTE_MS,
    keep_firing_ms=5 * MINUTE_MS,
)
DEFAULT_RULES = (SERVICE_LEVEL, ABANDONMENT, ABANDONMENT_SEVERE)
