"""Which queues this worker tells Prometheus of, and what of each."""

import logging
from collections.abc import Callable, Iterator

from callpulse import clock
from callpulse.stream.app import StreamApp
from callpulse.stream.core import tally
from callpulse.stream.core.ageing import DEFAULT_CHANNEL
from callpulse.stream.core.cells import TotalCell
from callpulse.stream.metrics.roll import QueueRoll
from callpulse.stream.metrics.source import QueueMetrics
from callpulse.stream.partitioning import partition_of

NOTHING = TotalCell(booked={}, taken_back={})

log = logging.getLogger("callpulse.worker")


class ToldQueues:
    """`left_out`: how many are not told, as of the last scrape."""

    def __init__(self, app: StreamApp, monotonic_s: Callable[[], float] = clock.monotonic_s) -> None:
        self._app = app
        self._roll = QueueRoll(log, monotonic_s)

    @property
    def left_out(self) -> int:
        return self._roll.left_out

    def views(self) -> Iterator[QueueMetrics]:
        """Queues of the recovered partitions, as many as may be told. None while somebody else may own them, who tells
        them too."""
        if self._app.batches.stood_still():
            return
        for queue in self._chosen():
            if self._app.viewing.owns(queue):  # the event loop turns meanwhile
                yield self._view(queue)

    def _chosen(self) -> list[str]:
        settings, viewing = self._app.settings, self._app.viewing
        queues = [*filter(viewing.owns, settings.queues), *viewing.queues()]
        self._roll.most = most = settings.metrics.max_queues
        if len(queues) > most:  # who has a past comes before who was made up, also after a restart
            queues.sort(key=self._offered, reverse=True)
        return self._roll.call(queues, first=settings.queues)

    def _offered(self, queue: str) -> int:
        cell = self._app.calls.books[self._partition(queue)].totals.get(queue, NOTHING)
        return cell.booked.get(tally.OFFERED, 0)

    def _partition(self, queue: str) -> int:
        return partition_of(queue, self._app.settings.kafka.partitions)

    def _view(self, queue: str) -> QueueMetrics:
        """Counters as they are stored in Kafka. Those of a configured queue are there before its first event: who asks
        for an increase has to see where it began."""
        settings, viewing = self._app.settings, self._app.viewing
        seen = viewing.latest(queue) if viewing.has_heard_of(queue) else None
        total = self._app.stored.total(self._partition(queue), queue) or NOTHING
        return QueueMetrics(
            queue=queue,
            channel=(settings.channel(queue) or total.channel or DEFAULT_CHANNEL) if seen is None else seen.channel,
            policy=settings.policy(queue) if seen is None else seen.view.policy,
            booked=total.booked,
            taken_back=total.taken_back,
            figures={} if seen is None else seen.figures,
        )
