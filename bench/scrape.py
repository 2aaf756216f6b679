"""A scrape of many queues: how long Prometheus waits for it, and how much later an event is in Redis because of it.

One worker, whose windows hold an hour of simulated traffic, is asked for `/metrics` in both formats, as it is and
pressed, in turns: `…_ms` from the request to the last byte, the median of a round; `cpu_ms`: processor time that the
worker used for one of them, with all it did meanwhile. Then it gets `--rate` events a second, spread over all queues,
and is asked once a second as Prometheus asks, for OpenMetrics, pressed: `busy_ms`, and `event_delay_…`: how much longer
the events took to Redis (as in bench.latency) that were due during a scrape than those that were not.
"""

import asyncio
import gzip
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice
from statistics import median

import click
from aiohttp import ClientSession
from aiokafka import AIOKafkaProducer
from redis.asyncio import Redis

from bench.brokers import PARTITIONS, Ground, Kind, ground
from bench.figures import Aim, finish, load, outcome, say
from bench.latency import Reader, caught_up, clients, working
from bench.pacing import Paced, expected
from bench.processes import cpu_s
from bench.traffic import publish, queue_names, timed
from callpulse import clock
from callpulse.current.keys import Keys
from callpulse.ending import ended

NAME = "scrape"
OPENMETRICS = "application/openmetrics-text;version=1.0.0"
FORMS = {
    "openmetrics_gzip": {"Accept": OPENMETRICS, "Accept-Encoding": "gzip"},
    "openmetrics": {"Accept": OPENMETRICS, "Accept-Encoding": "identity"},
    "classic_gzip": {"Accept": "text/plain", "Accept-Encoding": "gzip"},
    "classic": {"Accept": "text/plain", "Accept-Encoding": "identity"},
}
ASKED_AS = FORMS["openmetrics_gzip"]
EVERY_S = 1.0
WARMUP_S = 2.0
HISTORY_S, PER_HOUR = 3600, 60
AIMS = (
    *(Aim(f"{form}_ms", "<=", 150) for form in FORMS),
    Aim("event_delay_p50_ms", "<=", 20),
    Aim("event_delay_p95_ms", "<=", 20),
)


@click.command()
@click.option("--queues", default=500, show_default=True, help="A multiple of four.")
@click.option("--rate", default=100, show_default=True, help="Events a second, of all queues.")
@click.option("--scrapes", default=12, show_default=True, help="Of each format in each round.")
@click.option("--seconds", default=20.0, show_default=True, help="In which events are looked at, in each round.")
@click.option("--rounds", default=3, show_default=True)
@click.option("--broker", type=click.Choice(["apache", "embedded"]), default="embedded", show_default=True)
def scrape(queues: int, rate: int, scrapes: int, seconds: float, rounds: int, broker: Kind) -> None:
    """Measure a scrape."""
    figures: defaultdict[str, list[float]] = defaultdict(list)
    loads: list[float] = []
    with ground(broker) as here:
        asyncio.run(_rounds(here, queue_names(queues), rate, scrapes, seconds, rounds, figures, loads))
    asked = {"queues": queues, "rate": rate, "scrapes": scrapes, "seconds": seconds, "rounds": rounds, "broker": broker}
    finish(outcome(NAME, asked, figures, AIMS, {"load_before_each_round": loads}))


async def _rounds(  # noqa: PLR0913, PLR0917 -- what was asked for, and where to put what is found
    here: Ground,
    names: list[str],
    rate: int,
    scrapes: int,
    seconds: float,
    rounds: int,
    figures: defaultdict[str, list[float]],
    loads: list[float],
) -> None:
    environment = here.environment(NAME)
    start_ms = clock.now_ms() - HISTORY_S * 1000
    past = [record for _, record in islice(timed(len(names), PARTITIONS, start_ms, HISTORY_S, PER_HOUR), 5_000_000)]
    say(f"{len(past):,} records of history")
    await publish(past, environment, f"{NAME}.calls")
    url = f"http://127.0.0.1:{environment['CALLPULSE_METRICS_PORT']}/metrics"
    with working(here, environment) as worker:
        async with clients(here) as (redis, producer), ClientSession(auto_decompress=False) as session:
            await caught_up(redis, Keys(NAME), expected(past))
            for number in range(1, rounds + 1):
                loads.append(load())
                one = _Round(f"{number}", names, redis, producer, session, url)
                found = {**await one.forms(scrapes, worker.pid), **await one.delays(rate, seconds)}
                say(f"round {number}: " + ", ".join(f"{name} {value:,.4g}" for name, value in found.items()))
                for name, value in found.items():
                    figures[name].append(value)


class _Round:
    def __init__(
        self, name: str, names: list[str], redis: Redis, producer: AIOKafkaProducer, session: ClientSession, url: str
    ) -> None:
        self._name, self._names = name, names
        self._redis, self._producer = redis, producer
        self._session, self._url = session, url

    async def forms(self, scrapes: int, pid: int) -> dict[str, float]:
        """Each format in turns."""
        took_ms: defaultdict[str, list[float]] = defaultdict(list)
        before_s = cpu_s(pid)
        for _ in range(scrapes):
            for form, headers in FORMS.items():
                began_s, ended_s, _ = await self._ask(headers)
                took_ms[form].append(1000 * (ended_s - began_s))
        cpu_ms = 1000 * (cpu_s(pid) - before_s) / (scrapes * len(FORMS))
        found = {f"{form}_ms": median(each) for form, each in took_ms.items()}
        _, _, pressed = await self._ask(ASKED_AS)
        text = gzip.decompress(pressed)
        sizes = {"lines": text.count(b"\n"), "text_mb": len(text) / 1e6, "pressed_mb": len(pressed) / 1e6}
        return {**found, "cpu_ms": cpu_ms, **sizes}

    async def delays(self, rate: int, seconds: float) -> dict[str, float]:
        """Events that are due while a scrape goes on, beside the others."""
        paced = self._paced("d")
        reader = Reader(self._redis, Keys(NAME), paced)
        await reader.begin()
        reading = asyncio.create_task(reader.run())
        spans: list[tuple[float, float]] = []
        asking = asyncio.create_task(self._ask_often(spans))
        await paced.send(self._producer, f"{NAME}.calls", rate, seconds)
        await ended(asking)
        await reader.drained(reading)
        busy_ms = median(1000 * (ended_s - began_s) for began_s, ended_s in spans)
        return {"busy_ms": busy_ms, **_compared(reader.since(min(WARMUP_S, seconds / 2)), spans)}

    async def _ask_often(self, spans: list[tuple[float, float]]) -> None:
        while True:
            began_s, ended_s, _ = await self._ask(ASKED_AS)
            spans.append((began_s, ended_s))
            await asyncio.sleep(max(0.0, EVERY_S - (ended_s - began_s)))

    async def _ask(self, headers: Mapping[str, str]) -> tuple[float, float, bytes]:
        began_s = time.perf_counter()
        async with self._session.get(self._url, headers=headers) as answer:
            body = await answer.read()
        return began_s, time.perf_counter(), body

    def _paced(self, part: str) -> Paced:
        return Paced(self._names, f"{self._name}{part}", PARTITIONS)


def _compared(seen: Iterable[tuple[float, float]], spans: list[tuple[float, float]]) -> dict[str, float]:
    """Of when each event was due and when it was seen, and of when scrapes went on."""
    during: list[float] = []
    apart: list[float] = []
    for due_s, seen_s in seen:
        is_during = any(began_s <= due_s <= ended_s for began_s, ended_s in spans)
        (during if is_during else apart).append(1000 * (seen_s - due_s))
    found = {}
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        found[f"event_{name}_ms"] = _at(apart, share)
        found[f"event_delay_{name}_ms"] = _at(during, share) - _at(apart, share)
    return found


def _at(found: list[float], share: float) -> float:
    return sorted(found)[int(len(found) * share)]


if __name__ == "__main__":
    scrape()
