"""A worker that starts again after a day: how soon its figures are right, and how much memory that takes.

The day is simulated: calls at a steady rate, round the clock; arrivals, answers, hang-ups, ends and wrap-ups, a
heartbeat a second to every partition. The changelogs are those of a worker that kept pace with it, a cut each second;
they lie in segments as the topics' own settings (the worker's) have them, and the broker has deleted and compacted what
those settings allow. Then a worker serves that state, and follows the feed for a while, so that the kpis topic holds
something too. Agents are left out.

`first_value_s`: from the start of the process until a queue in Redis (emptied before) shows exactly the numbers it had
before the stop; `all_values_s`: until all do. `peak_mb`: the most memory the worker had in use by then.
`served_again_s`: from `kill -9` of one of two workers until every queue has counted a call that came after it. The
broker waits for no further members at a first join (`group.initial.rebalance.delay.ms` 0; Kafka's default adds 3 s to a
start). `…_log_mb`: segments on the broker's disk after its cleaning, all partitions.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click

from bench.brokers import PARTITIONS, Ground, ground
from bench.crew import Crew, crew, peak_mb
from bench.figures import Aim, finish, load, outcome, say
from bench.pacing import expected
from bench.sending import send
from bench.stored_day import CLEANED, changelogs, keep, size_mb
from bench.traffic import Record, queue_names, timed
from callpulse import clock
from callpulse.settings import Settings, milliseconds
from callpulse.stream.core.events import Abandoned, Enqueued
from callpulse.stream.core.wire import encode
from callpulse.stream.partitioning import partition_of

NAME = "recovery"
HOUR_MS = 3_600_000
AHEAD_S = 1800.0  # of feed, for the time that building the state takes
SESSION_S = milliseconds(Settings().kafka.session_timeout) / 1000
AIMS = (Aim("first_value_s", "<=", 5), Aim("peak_mb", "<=", 400), Aim("served_again_s", "<=", SESSION_S + 3))
PATIENCE_S = 90.0
FEW = 50  # queues asked for in one look: who measures shall not take the core that the broker needs
QUIET_S = 12.0  # longer than the feed's last words take to reach every figure: two cadences


@click.command()
@click.option("--queues", default=500, show_default=True)
@click.option("--calls", default=600, show_default=True, help="A day, of each queue.")
@click.option("--hours", default=24.0, show_default=True)
@click.option("--follow", default=30.0, show_default=True, help="Seconds at live pace before the first stop.")
@click.option("--rounds", default=3, show_default=True)
def recovery(queues: int, calls: int, hours: float, follow: float, rounds: int) -> None:
    """Measure a restart after a day, and what the death of a worker costs."""
    start_ms = clock.now_ms() - round(hours * HOUR_MS)
    say(f"simulating {hours:g} hours of {queues} queues")
    feed = list(timed(queues, PARTITIONS, start_ms, hours * 3600 + AHEAD_S, calls / 24))
    figures: defaultdict[str, list[float]] = defaultdict(list)
    loads = [load()]
    with ground("apache", CLEANED) as here:
        environment = here.environment(NAME)
        with crew(here, NAME, environment) as workers:
            case = _Case(here, workers, queue_names(queues), feed)
            case.build(environment)
            figures.update({name: [size] for name, size in case.sizes().items()})
            case.follow(follow)
            for number in range(1, rounds + 1):
                case.restart(number, figures)
                loads.append(load())
            for number in range(1, rounds + 1):
                case.fail_over(number, figures)
                loads.append(load())
            figures["kpis_log_mb"] = [case.size_mb(f"{NAME}.kpis")]
    asked = {"queues": queues, "calls_a_day": calls, "hours": hours, "follow_s": follow, "rounds": rounds}
    finish(outcome(NAME, {**asked, "events": case.sent}, figures, AIMS, {"load": loads}))


class _Case:
    """`sent` of the feed's records are in the topic; `_wanted` counts what they and our own add up to."""

    def __init__(self, here: Ground, workers: Crew, queues: list[str], feed: list[tuple[int, Record]]) -> None:
        self._here, self._crew, self._queues, self._feed = here, workers, queues, feed
        self.sent = 0
        self._wanted: Counter[str] = Counter()
        self._settled_s = 0.0

    # -- the state

    def build(self, environment: dict[str, str]) -> None:
        """Topics made by a worker, then the day in them."""
        logs = self._logs
        first = self._crew.start()
        made = [logs / f"{topic}-{n}" for topic in changelogs(NAME) for n in range(PARTITIONS)]
        self._crew.wait("the worker makes its topics", lambda: all(path.exists() for path in made), PATIENCE_S)
        self._crew.stop(first)
        keep(self._here, NAME, environment, self._due())

    def sizes(self) -> dict[str, float]:
        """Of the source's log, and of the changelogs: each, and all."""
        tables = {topic.split("-")[1]: self.size_mb(topic) for topic in changelogs(NAME)}
        found = {"source_log_mb": self.size_mb(f"{NAME}.calls"), "changelogs_log_mb": sum(tables.values())}
        return found | {f"{table}_log_mb": size for table, size in tables.items()}

    def size_mb(self, topic: str) -> float:
        return size_mb(self._logs, [topic])

    def follow(self, seconds: float) -> None:
        """A worker at live pace."""
        self._crew.start()
        self._send_due()
        self._until_right()
        say(f"following the feed for {seconds:.0f} s")
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            self._send_due()
            time.sleep(0.2)  # the feed goes at the pace of the wall
        self._until_right()

    # -- what is measured

    def restart(self, number: int, figures: defaultdict[str, list[float]]) -> None:
        time.sleep(max(0.0, self._settled_s + QUIET_S - time.perf_counter()))  # nothing tells the last of the words
        before = self._crew.values(self._queues)
        self._crew.stop(self._crew.running[0])
        self._crew.redis.flushall()
        began, worker = time.perf_counter(), self._crew.start()
        rising = self._rising(before)
        for name, enough in (("first_value_s", 1), ("all_values_s", len(before))):
            self._crew.wait("figures as before", partial(_reached, rising, enough), PATIENCE_S)
            figures[name].append(time.perf_counter() - began)
        figures["peak_mb"].append(peak_mb(worker.pid))
        said = ", ".join(f"{name} {figures[name][-1]:.2f}" for name in ("first_value_s", "all_values_s", "peak_mb"))
        say(f"round {number}: {said}")

    def _rising(self, before: dict[str, dict[str, float]]) -> Iterator[int]:
        """How many queues show what they showed; those that did are not asked again."""
        missing = dict(before)
        while True:
            few = list(missing)[:FEW]
            there = self._crew.values(few)
            for queue in few:
                if there[queue] == missing[queue]:
                    del missing[queue]
            yield len(before) - len(missing)

    def fail_over(self, number: int, figures: defaultdict[str, list[float]]) -> None:
        self._crew.start()
        both = lambda: len(self._crew.writers(self._queues)) == 2  # noqa: E731
        self._crew.wait("two workers share the queues", both, PATIENCE_S)
        self._crew.kill(self._crew.running[0])
        began = time.perf_counter()
        self._call_everywhere(f"after-{number}")
        self._until_right()
        figures["served_again_s"].append(time.perf_counter() - began)
        say(f"round {number}: served again after {figures['served_again_s'][-1]:.2f} s")

    # -- events

    def _due(self) -> list[tuple[int, Record]]:
        """What of the feed has happened and is not sent yet."""
        began, now_ms = self.sent, clock.now_ms()
        while self.sent < len(self._feed) and self._feed[self.sent][0] <= now_ms:
            self.sent += 1
        found = self._feed[began : self.sent]
        self._wanted += expected(record for _, record in found)
        return found

    def _send_due(self) -> None:
        self._send([record for _, record in self._due()])

    def _call_everywhere(self, contact: str) -> None:
        """A caller to each queue, who hangs up at once."""
        now_ms, found = clock.now_ms(), list[Record]()
        for queue in self._queues:
            for fact in (Enqueued, Abandoned):
                event = fact(at=now_ms, queue=queue, contact_id=contact)
                found.append((partition_of(queue, PARTITIONS), encode(event), queue.encode()))
        self._wanted += expected(found)
        self._send(found)

    def _send(self, found: list[Record]) -> None:
        timeless = ((partition, value, key, None) for partition, value, key in found)
        asyncio.run(send(f"{NAME}.calls", timeless, self._here.brokers))

    def _until_right(self) -> None:
        """Every queue in Redis has counted all its events."""
        missing = dict(self._wanted)

        def right() -> bool:
            counted = self._crew.counted(list(missing)[:FEW])
            for queue, number in counted.items():
                if number == missing[queue]:
                    del missing[queue]
            return not missing

        self._crew.wait("every queue counts its events", right, PATIENCE_S)
        self._settled_s = time.perf_counter()

    @property
    def _logs(self) -> Path:
        assert self._here.apache is not None
        return self._here.apache.folder / "logs"


def _reached(rising: Iterator[int], enough: int) -> bool:
    return next(rising) >= enough


if __name__ == "__main__":
    recovery()
