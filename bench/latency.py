"""Event to Redis: how old is a figure when a wallboard can read it?

A process of its own runs `callpulse worker`, whose windows hold an hour of simulated traffic. This process sends events
at a steady pace, subscribes to the channel of changes, reads the counters of each queue that is named there, and notes
for every event the time from the moment it was due to be handed to the Kafka producer until the moment a reply from
Redis that counts it was here. So the figure holds producer, broker, fetch, core, publishing, Redis, and the reader;
`sender_late` is the part of it that this process lost before it handed the event over.

`..._20_of_200_...`: the events come to twenty queues, and a hundred and eighty more have an hour behind them. A queue
is drawn anew whenever something happens in it, so what counts is how many are busy at once.
"""

import asyncio
import re
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from itertools import product
from typing import Any

import click
from aiokafka import AIOKafkaProducer
from redis.asyncio import Redis

from bench.brokers import PARTITIONS, Ground, Kind, ground, inherited
from bench.figures import Aim, finish, load, outcome, say
from bench.pacing import COUNTERS, Paced, expected
from bench.processes import cpu_s
from bench.traffic import publish, queue_names, records
from callpulse import clock
from callpulse.current.keys import Keys
from callpulse.demo import children
from callpulse.ending import ended

FEW = 20
LINGER_MS = 5  # what the Java client of Kafka 4 waits by default to fill a batch
GENTLE_PER_S, GENTLE_MS, FAST_MS = 2_000, 100, 250  # up to this rate p99 should be so many ms, above it so many
WARMUP_S = 2.0
CAUGHT_UP_S = 120.0
DRAIN_S = 30.0
NAME = "latency"
CHANGED = re.compile(rb'"kind":"queue","name":"([^"]+)"')


class NotCountedError(Exception):
    """Events were sent that no figure in Redis ever counted."""


@click.command()
@click.option("--events", default=0, help="Events of each round and case, instead of --seconds.")
@click.option("--rate", type=int, multiple=True, default=(2_000, 10_000), show_default=True, help="Events a second.")
@click.option("--queues", type=int, multiple=True, default=(20, 200), show_default=True, help="There are.")
@click.option("--seconds", default=8.0, show_default=True, help="Of each round and case.")
@click.option("--history", default=3600, show_default=True, help="Seconds of traffic in the windows beforehand.")
@click.option("--rounds", default=3, show_default=True)
@click.option("--broker", type=click.Choice(["both", "apache", "embedded"]), default="both", show_default=True)
def latency(
    events: int,
    rate: tuple[int, ...],
    queues: tuple[int, ...],
    seconds: float,
    history: int,
    rounds: int,
    broker: str,
) -> None:
    """Measure how soon an event is in Redis."""
    seconds = events / max(rate) if events else seconds
    figures: defaultdict[str, list[float]] = defaultdict(list)
    kinds: tuple[Kind, ...] = ("apache", "embedded") if broker == "both" else (broker,)  # type: ignore[assignment]
    loads = []
    for kind, there in product(kinds, queues):
        with ground(kind) as here:
            loads.append(load())
            asyncio.run(_Case(here, kind, there, figures).run(rate, seconds, history, rounds))
    aims = [
        Aim(f"{_title(kind, per_s, busy, there)}_p99_ms", "<=", GENTLE_MS if per_s <= GENTLE_PER_S else FAST_MS)
        for kind, there, per_s in product(kinds, queues, rate)
        for busy in sorted({there, min(FEW, there)})
    ]
    asked = {"rates": list(rate), "queues": list(queues), "seconds": seconds, "history_s": history, "rounds": rounds}
    finish(outcome(NAME, asked, figures, aims, {"load_before_each_broker": loads}))


def _title(kind: Kind, per_s: int, busy: int, there: int) -> str:
    return f"{kind}_{per_s}_per_s_{busy}_of_{there}"


class _Case:
    """One broker, one worker, rounds of many and of few queues."""

    def __init__(self, here: Ground, kind: Kind, queues: int, figures: defaultdict[str, list[float]]) -> None:
        self.here, self.kind, self.figures = here, kind, figures
        self.names = queue_names(queues)
        self.environment = here.environment(NAME)
        self.topic = f"{NAME}.calls"
        self.keys = Keys(NAME)

    async def run(self, rates: Sequence[int], seconds: float, history_s: int, rounds: int) -> None:
        past = records(2_000_000, len(self.names), PARTITIONS, clock.now_ms() - history_s * 1000, history_s)
        say(f"{self.kind}: {len(past):,} records of history")
        await publish(past, self.environment, self.topic)
        with working(self.here, self.environment) as worker:
            async with clients(self.here) as (redis, producer):
                await caught_up(redis, self.keys, expected(past))
                busy = [self.names, self.names[:FEW]] if len(self.names) > FEW else [self.names]
                cases = [(rate, names) for rate in rates for names in busy]
                for number in range(1, rounds + 1):
                    for rate, names in cases:
                        await self._round(number, names, rate, seconds, redis, producer, worker.pid)

    async def _round(
        self,
        number: int,
        names: list[str],
        rate: int,
        seconds: float,
        redis: Redis,
        producer: AIOKafkaProducer,
        worker: int,
    ) -> None:
        paced = Paced(names, f"{number}-{rate}-{len(names)}", PARTITIONS)
        reader = Reader(redis, self.keys, paced)
        await reader.begin()
        reading = asyncio.create_task(reader.run())
        cpu, own = cpu_s(worker), time.process_time()
        await paced.send(producer, self.topic, rate, seconds)
        cores, own = (cpu_s(worker) - cpu) / seconds, (time.process_time() - own) / seconds
        await reader.drained(reading)
        found = sorted(reader.after(min(WARMUP_S, seconds / 2)))
        title = _title(self.kind, rate, len(names), len(self.names))
        p50, p99 = (1000 * found[int(len(found) * share)] for share in (0.5, 0.99))
        self.figures[f"{title}_p50_ms"].append(p50)
        self.figures[f"{title}_p99_ms"].append(p99)
        self.figures[f"{title}_worker_cores"].append(cores)
        self.figures[f"{title}_sender_late_p99_ms"].append(1000 * sorted(paced.late_s)[int(len(found) * 0.99)])
        say(
            f"{self.kind}, round {number}, {rate:,} a second, {len(names)} of {len(self.names)} queues:"
            f" p50 {p50:.0f} ms, p99 {p99:.0f} ms,"
            f" worst {1000 * found[-1]:.0f} ms, {cores:.2f} cores of the worker, {own:.2f} of this process"
        )


@contextmanager
def working(here: Ground, environment: Mapping[str, str]) -> Iterator[children.Child]:
    """A worker."""
    argv = [sys.executable, "-m", "callpulse", "worker", "--any-port"]
    child = children.start(argv, here.folder / "worker.log", environment={**inherited(), **environment})
    try:
        yield child
    finally:
        children.stop(child)


@asynccontextmanager
async def clients(here: Ground) -> AsyncIterator[tuple[Redis, AIOKafkaProducer]]:
    """Of Redis and Kafka."""
    redis = Redis.from_url(here.redis_url, decode_responses=True)
    async with AIOKafkaProducer(bootstrap_servers=here.brokers, linger_ms=LINGER_MS) as producer:
        try:
            yield redis, producer
        finally:
            await redis.aclose()


async def caught_up(redis: Redis, keys: Keys, wanted: dict[str, int]) -> None:
    """Redis holds exactly what was sent."""
    until = time.perf_counter() + CAUGHT_UP_S
    while await counted(redis, keys, list(wanted)) != wanted:
        if time.perf_counter() > until:
            raise NotCountedError(f"the worker has not caught up within {CAUGHT_UP_S:.0f} s")
        await asyncio.sleep(0.2)


class Reader:
    """A subscriber to the changes, as a wallboard is; by hand: a client library would cost too much."""

    def __init__(self, redis: Redis, keys: Keys, paced: Paced) -> None:
        self._redis, self._keys, self._paced = redis, keys, paced
        self._seen_s: dict[str, list[float]] = {queue: [] for queue in paced.due_s}
        self._before: dict[str, int] = {}

    async def begin(self) -> None:
        self._before = await counted(self._redis, self._keys, list(self._paced.due_s))
        where = self._redis.connection_pool.connection_kwargs
        self._changes, self._asking = await asyncio.open_connection(where["host"], where["port"])
        self._asking.write(f"SUBSCRIBE {self._keys.changes}\r\n".encode())

    async def run(self) -> None:
        rest = b""
        while found := await self._changes.read(1 << 18):
            whole, _, rest = (rest + found).rpartition(b"\r\n")
            names = {name.decode() for name in CHANGED.findall(whole)} & self._seen_s.keys()
            if names:
                self._note(await counted(self._redis, self._keys, sorted(names)), time.perf_counter())

    def _note(self, counted: dict[str, int], now_s: float) -> None:
        for queue, number in counted.items():
            seen = self._seen_s[queue]
            seen += [now_s] * (number - self._before[queue] - len(seen))

    async def drained(self, reading: asyncio.Task[None]) -> None:
        """Every event sent has been seen."""
        until = time.perf_counter() + DRAIN_S
        while any(len(self._seen_s[queue]) < len(due) for queue, due in self._paced.due_s.items()):
            if time.perf_counter() > until:
                raise NotCountedError(f"events sent were not counted in Redis within {DRAIN_S:.0f} s")
            await asyncio.sleep(0.05)
        await ended(reading)
        self._asking.close()

    def after(self, warmup_s: float) -> Iterator[float]:
        """Seconds from due to seen, of all events due later than `warmup_s` after the first."""
        return (seen_s - due_s for due_s, seen_s in self.since(warmup_s))

    def since(self, warmup_s: float) -> Iterator[tuple[float, float]]:
        """When it was due, when it was seen (perf_counter), of the same."""
        first = min(due[0] for due in self._paced.due_s.values() if due)
        for queue, due in self._paced.due_s.items():
            for due_s, seen_s in zip(due, self._seen_s[queue], strict=True):
                if due_s - first >= warmup_s:
                    yield due_s, seen_s


async def counted(redis: Redis, keys: Keys, names: list[str]) -> dict[str, int]:
    async with redis.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.hmget(keys.of("queue", name), COUNTERS)
        answers: list[list[Any]] = await pipe.execute()
    return {name: sum(int(n or 0) for n in answer) for name, answer in zip(names, answers, strict=True)}


if __name__ == "__main__":
    latency()
