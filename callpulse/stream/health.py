"""What the worker tells about itself: metrics as plain values, and why it is not ready."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from faust.types import TP

from callpulse import clock
from callpulse.reloading import Reloads
from callpulse.stream.app import StreamApp
from callpulse.stream.chores import Chores
from callpulse.stream.metrics.build import running
from callpulse.stream.metrics.roll import Roll
from callpulse.stream.metrics.source import PartitionHealth, QueueMetrics, WorkerHealth, not_recovered
from callpulse.stream.moments import moment
from callpulse.stream.told_queues import ToldQueues
from callpulse.stream.transport.editions import in_kafka
from callpulse.stream.transport.watch import Watch

NOT_COMMITTED_MS = 30_000
SOURCES = 100  # told to Prometheus


class Starting:
    """Implements MetricsSource, and the reasons of /readyz, until Kafka has answered. `since_ms`: wall clock."""

    def __init__(self, brokers: str, since_ms: int) -> None:
        self.known = ""  # why Kafka does not let us in
        self._reason = f"waiting for Kafka at {brokers} since {moment(since_ms)}"

    def views(self) -> Iterator[QueueMetrics]:
        """No queue is known yet."""
        return iter(())

    def health(self) -> WorkerHealth:
        version, python = running()
        return WorkerHealth(version=version, python=python)

    def reasons(self) -> list[str]:
        """Why the worker is not ready."""
        return [f"{self._reason}: {self.known}" if self.known else self._reason]


class Health:
    """Implements MetricsSource, and the reasons of /readyz."""

    def __init__(self, app: StreamApp, chores: Chores, reloads: Reloads) -> None:
        self._app = app
        self._reloads = reloads
        self._chores = chores
        self._told = ToldQueues(app)
        self._sources_told = Roll(SOURCES)

    # -- metrics

    def views(self) -> Iterator[QueueMetrics]:
        return self._told.views()

    def health(self) -> WorkerHealth:
        app = self._app
        rejected: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for topic in (app.calls.topic, app.agents_.topic, app.rosters.topic):
            rejected[topic] = {}
        for (topic, reason), count in app.refusals.counts.items():
            rejected[topic][reason] = count
        heard = app.calls.heartbeats()
        version, python = running()
        return WorkerHealth(
            version=version,
            python=python,
            settings=self._reloads.loaded,
            partitions=tuple(self._partitions()),
            events_read_total={topic: app.read[topic] for topic in app.sources},
            rejected_total=rejected,
            late_total=app.calls.late(),
            copies_skipped_total=app.calls.copies(),
            conflicts_total=app.calls.conflicts(),
            records_set_aside_total=app.set_aside,
            heartbeats_ms={
                source: heard[source] for source in self._sources_told.call(heard, app.calls.real_sources())
            },
            queues_not_told=self._told.left_out,
            sources_not_told=self._sources_told.left_out,
            contacts_held=sum(len(book.contacts) for book in app.calls.books.values()),
            cells_held={table.store.name: sum(map(len, table.cells.values())) for table in app.all_tables()},
            flushes=app.batches.flushes.took(),
            last_flush_ms=self._chores.last_commit_ms,
            published={
                "round": app.publisher.rounds.took(),
                "redis": app.current.trips.took(),
                "kpis": app.kpi_topic.acks.took(),
            },
            losses_total=app.batches.watch.losses(self._sources()),
            events_lost_total=app.batches.watch.events_lost(self._sources()),
            redis_writes_total=app.current.written_total,
            redis_refused_total=app.current.refused_total,
            redis_failures_total=app.current.failures_total,
        )

    def _partitions(self) -> Iterator[PartitionHealth]:
        app = self._app
        since = self._chores.not_committed()
        for tp in self._sources():
            part = app.batches.parts.get(tp)
            if part is None:
                yield PartitionHealth(tp.topic, tp.partition, recovered=False)
                continue
            end = app.batches.highwater(tp)
            lag = None if end is None else max(0, end - in_kafka(part.next))
            yield PartitionHealth(tp.topic, tp.partition, True, part.clock or None, lag, since.get(tp))

    def _sources(self) -> list[TP]:
        """Partitions assigned whose events are counted."""
        sources = self._app.sources
        mine = self._app.batches.assignment()
        return sorted(tp for tp in mine if tp.topic in sources and not sources[tp.topic].from_start)

    # -- readiness

    def reasons(self) -> list[str]:
        """Why the worker is not ready, one line each; empty when it is."""
        app, now = self._app, clock.now_ms()
        if not app.started_up:
            return ["starting: not a member of the group yet"]
        found = ["the group rebalances"] if app.rebalancing else []
        found += not_recovered(self._partitions())
        found += app.refusals.wrong_keys.sentences(now)
        begun_ms = now - round(1000 * clock.monotonic_s())
        found += kafka_reasons(app.batches.watch, self._chores.not_committed(), now, begun_ms)
        found += app.losses.reasons(now)
        found += app.totals.reasons()
        if app.set_aside:
            found.append(
                f"{app.set_aside} cells were too large to be stored, what they hold is lost with this worker: a "
                "defect, please report what the log says of them"
            )
        return found


def kafka_reasons(watch: Watch, not_committed: Mapping[TP, int], now_ms: int, begun_ms: int) -> list[str]:
    """Kafka itself: does it answer, are the topics there, does it store what is counted? `not_committed`: since when
    (ms); `begun_ms`: the wall clock where the monotonic one is 0."""
    found = [
        f"topic {name} is missing, nothing is read from it: callpulse topics creates it"
        for name in sorted(watch.missing)
    ]
    if watch.silent_since_s is not None:
        since = moment(begun_ms + round(1000 * watch.silent_since_s))
        found.append(f"Kafka has not answered since {since}: trying again; are its brokers up, and reached from here?")
    for tp, since_ms in not_committed.items():
        if now_ms - since_ms > NOT_COMMITTED_MS:
            found.append(
                f"{tp.topic}/{tp.partition}: nothing could be committed since {moment(since_ms)}: trying again; "
                "does Kafka take writes (brokers in sync, disks, rights)?"
            )
    if watch.full_since_s is not None:
        since = moment(begun_ms + round(1000 * watch.full_since_s))
        found.append(
            f"nothing is read since {since}: too many events are applied and not committed; it goes on by itself as "
            "soon as Kafka takes writes"
        )
    return found
