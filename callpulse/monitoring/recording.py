"""Recording rules: the truth of the counters, per queue and per site, over some windows.

A worker that takes over a queue goes on with its counters where the former one stood. So the larger of two instances is
the count, and a rate over that series misses nothing of a move and doubles nothing; a rate per instance would lose what
came between two scrapes. What was booked and what was taken back are recorded apart because either only grows and their
difference does not. Counts are added before anything is divided, and where nothing happened there is no value.
"""

from collections.abc import Iterator
from typing import Any

from callpulse.alerts.core.evidence import ONE_SIDED_95
from callpulse.monitoring.levels import B_T, QUEUE, TARGET, abandoned_within_t, levels
from callpulse.settings import Settings, milliseconds

SIDES = {"_total": "", "_corrected_total": "_corrected"}  # ending of a counter -> that in the middle of a histogram
RANGES = {"5m": "5m", "15m": "15m", "30m": "30m", "1h": "1h", "1d": "1d:5m"}  # a day of every sample costs too much
EVERY = {"30m": "1m", "1h": "1m", "1d": "2m"}  # where that is not Prometheus's own interval
AMOUNTS = ("visits_offered", "visits_answered", "visits_abandoned", "visits_abandoned_short")
WITHIN = "visits_answered_within_threshold"
UPPER, LOWER = "wilson_upper_rate", "wilson_lower_rate"
EXITED, WAITED = "visits_exited", "visit_wait_answered_seconds"

Rule = dict[str, Any]


def groups(settings: Settings) -> list[dict[str, Any]]:
    """The groups of the rule file."""
    of_windows = (
        {"name": f"callpulse-{window}"}
        | ({"interval": EVERY[window]} if window in EVERY else {})
        | {"rules": [*rates(window), *ratios(window), *of_site(window)]}
        for window in RANGES
    )
    return [{"name": "callpulse-counts", "rules": [*counts(settings), *states()]}, *of_windows]


def record(name: str, expr: str) -> Rule:
    return {"record": name, "expr": expr}


def counts(settings: Settings) -> Iterator[Rule]:
    """Counters without the instance, booked and taken back."""
    for side, middle in SIDES.items():
        for stem in AMOUNTS:
            yield record(f"callpulse:{stem}{side}:max", f"max by ({QUEUE}) (callpulse_{stem}{side})")
        within = f"max by ({QUEUE}, threshold) (callpulse_{WITHIN}{side})"
        yield record(f"callpulse:{WITHIN}{side}:max", within)
        causes = f"max by ({QUEUE}, cause) (callpulse_{EXITED}{side})"
        yield record(f"callpulse:{EXITED}{side}:max", f"sum by ({QUEUE}) ({causes})")
        waits = f'callpulse_visit_wait{middle}_seconds_sum{{outcome="answered"}}'
        yield record(f"callpulse:{B_T}{side}:max", abandoned_within_t(middle, settings))
        yield record(f"callpulse:{WAITED}{side}:max", f"max by ({QUEUE}) ({waits})")


def states() -> Iterator[Rule]:
    """What two instances may tell of one thing while it moves."""
    targets = f"max by ({QUEUE}, formula, threshold) (callpulse_service_level_target_ratio)"
    yield record(TARGET, f"topk by ({QUEUE}) (1, {targets})")
    lag = "max by (site, topic, partition) (callpulse_event_lag_records)"
    yield record("callpulse:event_lag_records:max", lag)


def rates(window: str) -> Iterator[Rule]:
    """Per second, what was taken back taken off; of queues that are told now, and of the threshold in force there."""
    for stem in (*AMOUNTS, EXITED, WAITED):
        yield record(f"callpulse:{stem}:rate{window}", net_rate(stem, window))
    for stem in (WITHIN, B_T):
        yield record(f"callpulse:{stem}:rate{window}", rate_in_force(stem, window))
    yield record(f"callpulse:visits_done:rate{window}", done(window))


def net_rate(stem: str, window: str) -> str:
    booked, back = (f"callpulse:{stem}{side}:max" for side in SIDES)
    return f"  rate({booked}[{RANGES[window]}])\n- rate({back}[{RANGES[window]}])\nand {booked}"


def rate_in_force(stem: str, window: str) -> str:
    """Not of a threshold that is younger than the window in a queue that is older: not all of its visits would be
    counted, and the level would be too low."""
    booked, back = (f"callpulse:{stem}{side}:max" for side in SIDES)
    return f"""\
sum by ({QUEUE}) (
    rate({booked}[{RANGES[window]}])
  - rate({back}[{RANGES[window]}])
  and on ({QUEUE}, threshold) {TARGET}
  unless (
    {booked}
    and on ({QUEUE}) callpulse:visits_answered_total:max offset {window}
    unless {booked} offset {window}
  )
)"""


def ratios(window: str) -> Iterator[Rule]:
    """Per queue: service level by its own formula, abandonment, speed of answer."""
    for name, expr in levels(window):
        yield record(name, expr)
    yield record(f"callpulse:service_level:ratio_rate{window}", share("callpulse:service_level_{}", window))
    yield record(
        f"callpulse:abandonment:ratio_rate{window}",
        _share(f"callpulse:visits_abandoned:rate{window}", f"callpulse:visits_done:rate{window}"),
    )
    yield record(f"callpulse:asa:seconds_rate{window}", mean("callpulse", window))
    yield record(
        f"callpulse:service_level:{UPPER}{window}", wilson("service_level", "service_level_counted", "+", window)
    )
    yield record(f"callpulse:abandonment:{LOWER}{window}", wilson("abandonment", "visits_done", "-", window))


def wilson(stem: str, counted: str, side: str, window: str) -> str:
    """The bound of evidence.py: how good a service level, or how small an abandonment, is still believable."""
    share, n = f"callpulse:{stem}:ratio_rate{window}", f"(callpulse:{counted}:rate{window} * {seconds(window)})"
    z2 = ONE_SIDED_95**2
    spread = f"{ONE_SIDED_95:.6f} * sqrt({share} * (1 - {share}) / {n} + {z2 / 4:.6f} / {n} ^ 2)"
    return f"(\n  {share} + {z2 / 2:.6f} / {n}\n  {side} {spread}\n) / (1 + {z2:.6f} / {n})"


def seconds(window: str) -> int:
    return milliseconds(window) // 1000


def done(window: str) -> str:
    """A + B + X."""
    return " + ".join(f"callpulse:visits_{how}:rate{window}" for how in ("answered", "abandoned", "exited"))


def share(stem: str, window: str) -> str:
    met, counted = (f"{stem.format(part)}:rate{window}" for part in ("met", "counted"))
    return _share(met, counted)


def _share(above: str, below: str) -> str:
    """Where visits of before the window were corrected in it, a share may be one that cannot be: then it is none. A
    thousandth is left to what a rate extrapolates."""
    return f"clamp({above} / ({below} > 0) >= -0.001 <= 1.001, 0, 1)"


def mean(level: str, window: str) -> str:
    return f"{level}:{WAITED}:rate{window} / ({level}:visits_answered:rate{window} > 0) >= 0"


def of_site(window: str) -> Iterator[Rule]:
    """Counts of all queues of a site added, then divided once."""
    for stem in (*AMOUNTS, EXITED, WAITED, "visits_done", "service_level_met", "service_level_counted"):
        yield record(f"callpulse_site:{stem}:rate{window}", f"sum by (site) (callpulse:{stem}:rate{window})")
    yield record(f"callpulse_site:service_level:ratio_rate{window}", share("callpulse_site:service_level_{}", window))
    yield record(
        f"callpulse_site:abandonment:ratio_rate{window}",
        _share(f"callpulse_site:visits_abandoned:rate{window}", f"callpulse_site:visits_done:rate{window}"),
    )
    yield record(f"callpulse_site:asa:seconds_rate{window}", mean("callpulse_site", window))
