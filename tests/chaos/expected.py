"""What Redis, /metrics and the kpis topic must say, computed from the truth as the worker would."""

from typing import Any

import msgspec

from callpulse.stream.board_record import AsOf, People, QueueRecord, of_view
from callpulse.stream.core import snapshot, tally
from callpulse.stream.core.roster import EVERYBODY
from callpulse.stream.core.snapshot import Figures, QueueView, WindowReader
from callpulse.stream.metrics.collector import MetricsCollector, thresholds_of
from callpulse.stream.metrics.source import QueueMetrics, WorkerHealth
from callpulse.stream.partitioning import partition_of
from callpulse.stream.pseudonyms import names_of
from callpulse.stream.publishing import fields
from callpulse.stream.totals import Totals
from tests.chaos.truth import Truth

Plain = Any
CHANNEL = "voice"


class Expected:
    """Figures of every queue at the clock of its partition."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self.settings = truth.settings
        calendar = self.settings.calendar()
        self._readers = {p: WindowReader(book, calendar) for p, book in truth.calls.items()}
        self.views = {queue: self._view(queue) for queue in truth.queues()}
        self.figures: dict[str, Figures] = {queue: snapshot.figures([view]) for queue, view in self.views.items()}

    def redis(self) -> dict[str, dict[str, float]]:
        """Queue -> field -> number, as in its hash."""
        return {queue: _numbers(fields(self.figures[queue], view)) for queue, view in self.views.items()}

    def redis_total(self) -> dict[str, float]:
        views = self._totals().views(self._records())
        shown = views[0]._replace(policy=self.settings.policy(EVERYBODY))
        return _numbers(fields(self.total(), shown))

    def total(self) -> Figures:
        totals = self._totals()
        return dict(totals.by_window("total", totals.views(self._records())))

    def kpis(self) -> dict[str, Plain]:
        """Queue -> what its record must hold, but for who wrote it when."""
        return {record.queue: comparable(record) for record in self._records()}

    def samples(self) -> dict[Any, float]:
        """(name, labels) -> value of every series of a queue; counters with what was taken back subtracted."""
        collected = MetricsCollector(_Source(self), thresholds_of(self.settings)).collect()
        return net_of_corrections([sample for family in collected for sample in family.samples])

    def metrics(self, queue: str) -> QueueMetrics:
        """A queue as the collector of metrics wants it."""
        total = self.truth.calls[self._partition(queue)].totals.get(queue)
        net = {} if total is None else tally.difference(total.booked, total.taken_back)
        policy, figures = self.views[queue].policy, self.figures[queue]
        return QueueMetrics(queue=queue, channel=CHANNEL, policy=policy, booked=net, taken_back={}, figures=figures)

    # -- views

    def _partition(self, queue: str) -> int:
        return partition_of(queue, self.truth.partitions)

    def _view(self, queue: str) -> QueueView:
        partition = self._partition(queue)
        clock_ms = self.truth.calls[partition].clock_ms
        rosters = [self.truth.rosters[partition]]
        return snapshot.view(self._readers[partition], rosters, queue, self.settings.policy(queue), clock_ms)

    def everybody(self) -> QueueView:
        partition = self._partition(EVERYBODY)
        roster = self.truth.rosters[partition]
        as_of = max(roster.clock_ms, *(book.clock_ms for book in self.truth.calls.values()))
        policy = self.settings.policy(EVERYBODY)
        return snapshot.view(self._readers[partition], [roster], EVERYBODY, policy, as_of)

    def _records(self) -> list[QueueRecord]:
        return [self._record(queue, view) for queue, view in self.views.items()]

    def _record(self, queue: str, view: QueueView) -> QueueRecord:
        partition = self._partition(queue)
        total = self.truth.calls[partition].totals.get(queue)
        shown = view._replace(present=names_of(self.settings).present(view.present))
        return of_view(
            shown, self.figures[queue], partition=partition, version=(0, 0), writer="", written_at_ms=0,
            source="" if total is None else total.source, channel=CHANNEL, site=self.settings.site.name,
        )  # fmt: skip

    def _totals(self) -> Totals:
        none: Any = None
        totals = Totals(none, none, none, self.settings, "")
        for p, book in self.truth.calls.items():
            totals.heard.as_of[p] = AsOf(1, p, book.clock_ms, 0, (0, 0))
        for p in self.truth.agents:
            totals.heard.people[p] = self.people(p)
        everybody = self.everybody()
        totals.heard.everybody = of_view(
            everybody._replace(present=[], tallies={}), {}, partition=0, version=(0, 0), writer="", source="",
            channel="", site="", written_at_ms=0,
        )  # fmt: skip
        return totals

    def people(self, partition: int) -> People:
        """Who is present in one partition of the agents topic."""
        book = self.truth.agents[partition]
        newest = max(each.clock_ms for each in self.truth.calls.values())
        oldest = max(book.clock_ms, newest) - self.truth.limits.horizon_ms
        present: list[tuple[str, str, int, tuple[str, ...]]] = [
            (names_of(self.settings).pseudonym(agent), cell.state, cell.at_ms, cell.queues)
            for agent, cell in book.agents.items()
            if cell.state != "logged_out" and cell.at_ms >= oldest
        ]
        return People(1, partition, 0, (0, 0), present)


class _Source:
    """Implements MetricsSource."""

    def __init__(self, expected: Expected) -> None:
        self._expected = expected

    def views(self) -> list[QueueMetrics]:
        return [self._expected.metrics(queue) for queue in self._expected.views]

    def health(self) -> WorkerHealth:
        return WorkerHealth(version="", python="")


def comparable(record: Any) -> Plain:
    """What of a queue's record does not depend on who wrote it when."""
    return {
        "as_of_ms": record.as_of_ms,
        "source": record.source,
        "channel": record.channel,
        "windows": plain(record.windows),
        "tallies": record.tallies,
        "spans": record.spans,
        "waiting": record.waiting,
        "agent_ms": record.agent_ms,
        "agents": sorted(record.agents),
    }


def plain(value: Any) -> Plain:
    """As it is after a way through JSON."""
    return msgspec.json.decode(value if isinstance(value, msgspec.Raw) else msgspec.json.encode(value))


def net_of_corrections(samples: list[Any]) -> dict[Any, float]:
    """Of every queue's series: (name, labels) -> value, each counter less its twin."""
    found: dict[Any, float] = {}
    for sample in samples:
        if "queue" in sample.labels:
            sign = -1 if "_corrected_" in sample.name else 1
            key = (sample.name.replace("_corrected_", "_"), tuple(sorted(sample.labels.items())))
            found[key] = found.get(key, 0) + sign * sample.value
    return {key: round(value, 6) for key, value in found.items()}


def _numbers(found: dict[str, float | int | None]) -> dict[str, float]:
    return {name: value for name, value in found.items() if value is not None}
