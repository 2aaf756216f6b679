"""What the alerts worker tells Prometheus: its own few families, in the way of the stream's."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct
from prometheus_client.samples import Sample

from callpulse.alerts.core.stored import OfQueue
from callpulse.alerts.duty import Duty
from callpulse.stream.metrics.names import PREFIX, Family

Row = tuple[tuple[str, ...], float]  # values of the labels, value


class Telling(Struct, frozen=True):
    """One worker at one moment: `waiting` notices, and channel -> why the latest attempt failed."""

    duty: Duty
    waiting: int
    troubles: Mapping[str, str | None]


def _firing(told: Telling) -> Iterator[Row]:
    for each in told.duty.engine.held.all():
        queue = each.alert.queue if isinstance(each, OfQueue) else ""
        for rule, state in each.states.items():
            if state.severity:
                yield (queue, rule, state.severity.name.lower()), 1.0


def _parked(told: Telling) -> Iterator[Row]:
    for queue, each in told.duty.engine.held.queues.items():
        yield from (((queue, rule), 1.0) for rule in each.alert.parked)


def _expected(told: Telling) -> Iterator[Row]:
    for queue, looked in sorted(told.duty.engine.looked.items()):
        if looked.reading is not None and looked.reading.forecast is not None:
            yield (queue,), looked.reading.forecast


def _newest_look(told: Telling) -> Iterator[Row]:
    looks = [each.alert.at_ms for each in told.duty.engine.held.queues.values()]
    if looks:
        yield (), max(looks) / 1000


def _channels(told: Telling) -> Iterator[Row]:
    yield from (((name,), float(trouble is None)) for name, trouble in told.troubles.items())


def _not_stored(told: Telling) -> Iterator[Row]:
    if told.duty.not_stored_since_ms is not None:
        yield (), told.duty.not_stored_since_ms / 1000


def _gauge(name: str, unit: str, help_: str, *labels: str) -> Family:
    return Family(PREFIX + name, "gauge", labels, unit, help_)


def _counter(name: str, unit: str, help_: str, *labels: str) -> Family:
    return Family(PREFIX + name, "counter", labels, unit, help_)


ON_DUTY = _gauge("alerts_on_duty", "", "1 on the worker that judges and tells, 0 on those that stand by.")
ROWS: Mapping[str, tuple[Family, Callable[[Telling], Iterable[Row]]]] = {
    family.name: (family, rows)
    for family, rows in (
        (
            _gauge("alert_firing", "", "1 for each rule that fires; queue is empty for the whole site.",
                   "queue", "rule", "severity"),
            _firing,
        ),
        (_gauge("alert_rule_parked", "", "1 for each rule that failed and is left out.", "queue", "rule"), _parked),
        (
            _gauge("service_level_expected_ratio", "ratio",
                   "Share of the contacts of the next half hour expected to be answered in time.", "queue"),
            _expected,
        ),
        (
            _gauge("alerts_look_timestamp_seconds", "seconds", "Data time of the newest look, over all queues."),
            _newest_look,
        ),
        (
            _gauge("alert_notices_waiting", "notices", "Notices that a channel has not taken yet."),
            lambda told: [((), told.waiting)],
        ),
        (_gauge("alert_channel_up", "", "1 where the latest attempt to tell went well.", "channel"), _channels),
        (
            _gauge("alerts_not_stored_timestamp_seconds", "seconds",
                   "Since when Kafka takes no alerts; absent while it does."),
            _not_stored,
        ),
        (
            _counter("alert_transitions_total", "transitions", "Changes of rules, by their reason.", "rule", "reason"),
            lambda told: sorted(told.duty.changed_total.items()),
        ),
        (
            _counter("alert_notices_total", "notices", "Notices that ended: delivered, permanent, givenup.",
                     "channel", "outcome"),
            lambda told: sorted(told.duty.told_total.items()),
        ),
    )
}  # fmt: skip
FAMILIES = (ON_DUTY, *(family for family, _ in ROWS.values()))


class AlertScrape(Struct, frozen=True):
    """One scrape; `told` is None on a worker that stands by."""

    told: Telling | None = None

    def families(self) -> Iterator[tuple[Family, Iterator[Sample]]]:
        """Every family of the list, in its order."""
        yield ON_DUTY, iter([Sample(ON_DUTY.name, {}, float(self.told is not None))])
        for family, rows in ROWS.values():
            yield family, _samples(family, () if self.told is None else rows(self.told))


def _samples(family: Family, rows: Iterable[Row]) -> Iterator[Sample]:
    for values, value in rows:
        yield Sample(family.name, dict(zip(family.labels, values, strict=True)), value)
