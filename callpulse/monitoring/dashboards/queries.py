"""PromQL of the panels, as text. Ratios and means are added up from their counts, never averaged.

`$datasource`, `$site`, `$queue`, `$window`, `$job` and `$instance` are the variables of the dashboards (variables.py).
While a queue moves, two workers may tell of it for a moment, and the new one goes on where the old one stood: the
larger is taken, so that nothing counts twice. What was booked less what was taken back is the truth of a counter. What
is absent stays absent.
"""

from callpulse.stream.metrics.family import PREFIX
from callpulse.stream.metrics.names import BY_NAME, KPIS

OF_SITE = 'site=~"$site"'
OF_QUEUES = f'{OF_SITE}, queue=~"$queue"'
OF_PROCESS = f'{OF_SITE}, job=~"$job", instance=~"$instance"'
BY_QUEUE = "site, queue, channel"
GAUGE = {family.kpi: family.stem for family in KPIS}
WINDOW = "$window"


def equal(label: str, value: str) -> str:
    """A matcher."""
    return f'{label}="{value}"'


def of_queues(name: str, *matchers: str) -> str:
    """The series of the chosen queues, of every worker. `name` without `callpulse_`."""
    return f"{PREFIX}{name}{{{', '.join((OF_QUEUES, *matchers))}}}"


def told(name: str, *matchers: str, at: str = "") -> str:
    """The same without the worker: a series for each queue and each label of its own. `at`: ` offset …`"""
    labels = ", ".join(("site", *BY_NAME[PREFIX + name].labels))
    return f"max by ({labels}) ({of_queues(name, *matchers)}{at})"


def summed(series: str, by: str = "") -> str:
    """Added up; `by` "" = to one."""
    return f"sum by ({by}) ({series})" if by else f"sum({series})"


# -- KPIs that the worker has computed


def kpi(name: str, window: str = WINDOW) -> str:
    """By queue. `name`: the id in the catalogue."""
    return f"max by ({BY_QUEUE}) ({of_queues(GAUGE[name], equal('window', window))})"


def behind(name: str, window: str = WINDOW, at: str = "") -> str:
    """By queue, how many contacts are behind that KPI."""
    return f"max by ({BY_QUEUE}) ({of_queues('kpi_visits', equal('window', window), equal('kpi', name))}{at})"


def together(name: str, window: str = WINDOW, at: str = "") -> str:
    """The KPI of all chosen queues: each value times its n is what was counted, and counts are added."""
    value = f"max by ({BY_QUEUE}) ({of_queues(GAUGE[name], equal('window', window))}{at})"
    n = behind(name, window, at)
    return f"sum({value} * {n}) / sum({n})"


def target() -> str:
    """Of the service level, by queue."""
    return f"max by ({BY_QUEUE}) ({of_queues('service_level_target_ratio')})"


def target_together(window: str = WINDOW) -> str:
    """Of all chosen queues: how many of their contacts were due in time, of all that there were."""
    n = behind("service_level", window)
    return f"sum({target()} * {n}) / sum({n})"


# -- counters


def total(stem: str) -> str:
    """By queue, all since counting began: exact, it survives restarts. `stem` without `_total`."""
    booked, taken = (summed(told(stem + side), BY_QUEUE) for side in ("_total", "_corrected_total"))
    return f"{booked} - {taken}"


def between(stem: str, ago: str) -> str:
    """How much it has grown since then, all queues together: whole contacts, and such stretches add up. Absent where
    Prometheus does not know that time."""
    at = f" offset {ago}"
    sides = [summed(told(stem + side, at=at_)) for side in ("_total", "_corrected_total") for at_ in ("", at)]
    return "({} - {}) - ({} - {})".format(*sides)


def since(stem: str) -> str:
    """By queue, how much it has grown in the chosen time, from the first that Prometheus saw of it there."""
    booked, taken = (_since(stem + side) for side in ("_total", "_corrected_total"))
    return f"({booked}) - ({taken})"


def _since(name: str) -> str:
    """From what it was when the time began; where that is not known, from the least that any worker told of it since: a
    queue that moves goes on where it stood."""
    labels = ", ".join(("site", *BY_NAME[PREFIX + name].labels))
    least = f"min by ({labels}) (min_over_time({of_queues(name)}[$__range]))"
    first = f"{told(name, at=' offset $__range')} or {least}"
    return f"{summed(told(name), BY_QUEUE)} - {summed(first, BY_QUEUE)}"


def per_minute(stem: str, by: str = "") -> str:
    """Contacts a minute; `by` a label, "" = one sum."""
    booked, taken = (
        summed(f"rate({of_queues(stem + side)}[$__rate_interval])", by) for side in ("_total", "_corrected_total")
    )
    return f"60 * ({booked} - {taken})"


def waits_by_bucket(outcome: str) -> str:
    """How many waited up to each edge, per step of the picture."""
    booked, taken = (
        summed(f"increase({of_queues(name, equal('outcome', outcome))}[$__rate_interval])", "le")
        for name in ("visit_wait_seconds_bucket", "visit_wait_corrected_seconds_bucket")
    )
    return f"{booked} - {taken}"


# -- now


def waiting(by: str = "") -> str:
    """How many wait."""
    return summed(told("visits_waiting"), by)


def longest_wait(by: str = "") -> str:
    """Age of the oldest wait in seconds; absent where nobody waits."""
    of = f" by ({by})" if by else ""
    return f"time() - min{of} ({of_queues('oldest_wait_start_timestamp_seconds')})"


def agents(*states: str, by: str = "") -> str:
    """Agents signed in, in these states; none named = in any."""
    return summed(told("agents", *([f'state=~"{"|".join(states)}"'] if states else [])), by)


def data_age() -> str:
    """Seconds since the event time that the least advanced partition of calls has reached."""
    return f'time() - min({PREFIX}event_time_seconds{{{OF_SITE}, topic=~".+[.]calls"}})'


# -- processes


def of_process(name: str, *matchers: str) -> str:
    """What the chosen processes tell of themselves. `name` in full."""
    return f"{name}{{{', '.join((OF_PROCESS, *matchers))}}}"


def rate(name: str, by: str, *matchers: str) -> str:
    """Of such a counter, a second."""
    return summed(f"rate({of_process(name, *matchers)}[$__rate_interval])", by)


def grown(name: str) -> str:
    """Of such a counter, in the time shown, all together."""
    return summed(f"increase({of_process(name)}[$__range])")


def mean_time(histogram: str, by: str) -> str:
    """Of a histogram of seconds."""
    return f"{rate(histogram + '_sum', by)} / {rate(histogram + '_count', by)}"


def slowest(histogram: str, by: str) -> str:
    """95 of 100 took no longer."""
    return f"histogram_quantile(0.95, {rate(histogram + '_bucket', f'{by}, le')})"


def none_if(known: str, counted: str) -> str:
    """The count; 0 where it is absent and `known` is there to say that there is none."""
    return f"{counted} or 0 * max({known})"
