"""What the alerts worker tells Prometheus: its own few families, in the way of the stream's."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import get_args

from msgspec import Struct
from prometheus_client.samples import Sample

from callpulse.alerts.core import foresight, site_alert
from callpulse.alerts.core.lifecycle import Reason
from callpulse.alerts.core.outcome import Settled
from callpulse.alerts.core.stored import OfQueue
from callpulse.alerts.duty import Duty
from callpulse.stream.metrics.build import build_info
from callpulse.stream.metrics.family import Family, counter, duration, gauge
from callpulse.stream.metrics.loaded import Loaded, of_settings
from callpulse.stream.metrics.names import BUILD, QUEUES_NOT_TOLD, RELOAD_FAILED, SETTINGS_LOADED
from callpulse.stream.metrics.rows import Row, plain, timed

ENDS = tuple(end.__name__.lower() for end in get_args(Settled))


class Telling(Struct, frozen=True):
    """One worker at one moment: `waiting` notices, channel -> why the latest attempt failed, all `channels`, and the
    `queues` that are told."""

    duty: Duty
    waiting: int
    troubles: Mapping[str, str | None]
    channels: Sequence[str] = ()
    queues: Collection[str] = ()
    queues_not_told: int = 0


def _firing(told: Telling) -> Iterator[Row]:
    for each in told.duty.engine.held.all():
        queue = each.alert.queue if isinstance(each, OfQueue) else ""
        if queue and queue not in told.queues:
            continue
        for rule, state in each.states.items():
            if state.severity:
                yield (queue, rule, state.severity.name.lower()), 1.0


def _parked(told: Telling) -> Iterator[Row]:
    for queue, each in told.duty.engine.held.queues.items():
        if queue in told.queues:
            yield from (((queue, rule), 1.0) for rule in each.alert.parked)


def _expected(told: Telling) -> Iterator[Row]:
    for queue, looked in sorted(told.duty.engine.looked.items()):
        if queue in told.queues and looked.reading is not None and looked.reading.forecast is not None:
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


def _transitions(told: Telling) -> Iterator[Row]:
    """Every rule that is asked is there before its first change."""
    plan = told.duty.engine.plan
    rules = {*(rule.name for rule in plan.rules), *(foresight.NAMES if plan.capacity else ()), *site_alert.CAUSES}
    yield from _from_zero(told.duty.changed_total, ((rule, reason.value) for rule in rules for reason in Reason))


def _notices(told: Telling) -> Iterator[Row]:
    yield from _from_zero(told.duty.told_total, ((channel, end) for channel in told.channels for end in ENDS))


def _from_zero(counts: Mapping[tuple[str, str], int], known: Iterable[tuple[str, str]]) -> Iterator[Row]:
    """Each that is known, and each that was counted."""
    yield from ((labels, counts.get(labels, 0)) for labels in sorted({*known, *counts}))


JUDGING = duration(
    "alert_evaluation_seconds", "How long a round of judging took, over all queues of which there was something new."
)
ON_DUTY = gauge("alerts_on_duty", "", "1 on the worker that judges and tells, 0 on those that stand by.")
ROWS: Mapping[str, tuple[Family, Callable[[Telling], Iterable[Row]]]] = {
    family.name: (family, rows)
    for family, rows in (
        (
            gauge("alert_firing", "", "1 for each rule that fires; queue is empty for the whole site.",
                   "queue", "rule", "severity"),
            _firing,
        ),
        (QUEUES_NOT_TOLD, lambda told: [((), told.queues_not_told)]),
        (gauge("alert_rule_parked", "", "1 for each rule that failed and is left out.", "queue", "rule"), _parked),
        (
            gauge("service_level_expected_ratio", "ratio",
                   "Share of the contacts of the next half hour expected to be answered in time.", "queue"),
            _expected,
        ),
        (
            gauge("alerts_look_timestamp_seconds", "seconds", "Data time of the newest look, over all queues."),
            _newest_look,
        ),
        (
            gauge("alert_notices_waiting", "notices", "Notices that a channel has not taken yet."),
            lambda told: [((), told.waiting)],
        ),
        (gauge("alert_channel_up", "", "1 where the latest attempt to tell went well.", "channel"), _channels),
        (
            gauge("alerts_not_stored_timestamp_seconds", "seconds",
                   "Since when Kafka takes no alerts; absent while it does."),
            _not_stored,
        ),
        (
            counter("alert_evaluations_total", "evaluations", "Looks at a queue: all of its rules, judged once."),
            lambda told: [((), told.duty.judged_total)],
        ),
        (
            counter("alert_transitions_total", "transitions", "Changes of rules, by their reason.", "rule", "reason"),
            _transitions,
        ),
        (
            counter("alert_notices_total", "notices", "Notices that ended: delivered, permanent, givenup.",
                     "channel", "outcome"),
            _notices,
        ),
    )
}  # fmt: skip
FAMILIES = (BUILD, RELOAD_FAILED, SETTINGS_LOADED, ON_DUTY, JUDGING, *(family for family, _ in ROWS.values()))


class AlertScrape(Struct, frozen=True):
    """One scrape; `told` is None on a worker that stands by."""

    told: Telling | None = None
    settings: Loaded = Loaded()

    def families(self) -> Iterator[tuple[Family, Iterator[Sample]]]:
        """Every family of the list, in its order."""
        yield build_info()
        yield from of_settings(self.settings)
        yield ON_DUTY, plain(ON_DUTY, [((), self.told is not None)])
        yield JUDGING, timed(JUDGING, () if self.told is None else [((), self.told.duty.judging.took())])
        for family, rows in ROWS.values():
            yield family, plain(family, () if self.told is None else rows(self.told))
