"""Event to webhook: how long after a queue goes wrong does somebody hear of it?

The worker and `callpulse alerts` run as processes, with a rule `for = "0s"` that anybody who waits breaches. Callers
come to queues in which nothing has happened for a while, one to each, at any moment; a receiver on this machine notes
when the request of the webhook is there. `p50_s`, `p99_s`, `max_s`: from the moment an event is handed to the producer
until then; they hold producer, broker, both processes, the store of alerts, and HTTP. A rule with a `for` is told so
much later.

Rules look once in each ten seconds of data time. Who comes to a queue that has been looked at in these ten seconds is
seen at their end: `waited_share` of all, and `from_look_p99_s` counts from then. The feed tells the time ten times a
second; in one that tells it more seldom, a look waits for the next event.
"""

import asyncio
import random
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from typing import NamedTuple

import click
import msgspec
from aiohttp import web

from bench.brokers import Ground, Kind, ground, inherited
from bench.figures import Aim, finish, load, outcome, say
from bench.traffic import queue_names
from callpulse import clock, kafka
from callpulse.demo import children
from callpulse.ending import ended
from callpulse.settings import load as settings_of
from callpulse.sources.produce import EventProducer
from callpulse.stream.core.events import Abandoned, Enqueued
from callpulse.stream.worker import prepared_topics

NAME = "alert_latency"
AIM_S = 1.0
RULES = """\
[alerts]
default_rules = false
capacity = false
site_queues = 10000
[alerts.rules.waiting]
kpi = "contacts_waiting"
side = "above"
windows = ["now"]
for = "0s"
keep_firing = "0s"
warning = { enter = 0, clear = 0 }
[alerts.channels.desk]
kind = "webhook"
url = "http://127.0.0.1:%d"
"""
BEAT_S = 0.1  # as often as a centre that is not asleep says what time it is: a look waits for the event that passes it
PER_S = 3.0  # callers
WITHIN_S = 60.0


class NeverToldError(Exception):
    """Nobody was told."""


class Heard(NamedTuple):
    """A request of the webhook: when it was there (perf_counter), and of which look it tells (ms)."""

    at_s: float
    look_ms: int


class Desk:
    """Receives webhooks. `firing`, `resolved`: by queue, the last of each."""

    def __init__(self) -> None:
        self.firing: dict[str, Heard] = {}
        self.resolved: dict[str, Heard] = {}

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        """Yields its port."""
        app = web.Application()
        app.router.add_post("/", self._take)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield runner.addresses[0][1]
        finally:
            await runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        at_s, told = time.perf_counter(), msgspec.json.decode(await request.read())
        by_queue = {"alert.firing": self.firing, "alert.resolved": self.resolved}.get(told["type"])
        if by_queue is not None:
            by_queue[told["data"]["labels"]["queue"]] = Heard(at_s, told["timestamp_ms"])
        return web.Response()


@click.command()
@click.option("--queues", default=100, show_default=True, help="One caller comes to each in a round.")
@click.option("--rounds", default=3, show_default=True)
@click.option("--quiet", default=25.0, show_default=True, help="Seconds in which nothing happens before a round.")
@click.option("--broker", type=click.Choice(["apache", "embedded"]), default="apache", show_default=True)
def alert_latency(queues: int, rounds: int, quiet: float, broker: Kind) -> None:
    """Measure how soon somebody is told."""
    figures: defaultdict[str, list[float]] = defaultdict(list)
    loads: list[float] = []
    with ground(broker) as here:
        line = _Line(here, queue_names(queues))
        for round_ in asyncio.run(line.run(rounds, quiet, loads)):
            for name, value in round_.items():
                figures[name].append(value)
    aims = [Aim("from_look_p99_s", "<=", AIM_S)]
    asked = {"broker": broker, "queues": queues, "quiet_s": quiet, "callers_per_s": PER_S, "rounds": rounds}
    finish(outcome(NAME, asked, figures, aims, {"load_before_each_round": loads}))


class _Line:
    """The worker, `callpulse alerts`, and whom it tells."""

    def __init__(self, here: Ground, queues: list[str]) -> None:
        self._here, self._queues, self._desk = here, queues, Desk()
        self._environment = {
            **here.environment(NAME),
            "CALLPULSE_ALERTS_PORT": str(children.free_port()),
            "CALLPULSE_WORKER_TIME": "wall",
        }
        self._settings = settings_of(environment=self._environment)
        self._log = here.folder / "alerts.log"

    async def run(self, rounds: int, quiet_s: float, loads: list[float]) -> list[dict[str, float]]:
        """The figures of each round."""
        await prepared_topics(self._settings)
        with ExitStack() as running:
            async with self._desk.listening() as port, self._producer() as producer:
                self._start(running, port)
                beating = asyncio.create_task(_beat(producer))
                await self._round(producer, "first")  # who is not known yet is looked at whenever something comes
                found = []
                for number in range(1, rounds + 1):
                    await asyncio.sleep(quiet_s)
                    loads.append(load())
                    found.append(_figures(*await self._round(producer, f"round {number}")))
                    say(f"round {number}: " + ", ".join(f"{name} {value:.2f}" for name, value in found[-1].items()))
                await ended(beating)
                return found

    def _start(self, running: ExitStack, port: int) -> None:
        file = self._here.folder / "callpulse.toml"
        file.write_text(RULES % port, encoding="utf-8")
        environment = {**inherited(), **self._environment}
        for log, argv in (
            (self._here.folder / "worker.log", ("worker",)),
            (self._log, ("--config", str(file), "alerts")),
        ):
            child = children.start([sys.executable, "-m", "callpulse", *argv], log, environment=environment)
            running.callback(children.stop, child)

    def _producer(self) -> EventProducer:
        config = self._settings.kafka
        calls, agents = (kafka.topic(config, short) for short in ("calls", "agents"))
        return EventProducer(
            kafka.client(config), source="bench", calls_topic=calls, agents_topic=agents, idempotent=False
        )

    async def _round(
        self, producer: EventProducer, name: str
    ) -> tuple[dict[str, float], dict[str, int], dict[str, Heard]]:
        """When each event was handed over (perf_counter, and ms), and when the desk heard of it."""
        self._desk.firing.clear()
        self._desk.resolved.clear()
        sent_s, sent_ms = {}, {}
        for queue in random.Random(name).sample(self._queues, len(self._queues)):
            sent_ms[queue], sent_s[queue] = clock.now_ms(), time.perf_counter()
            await producer.send(Enqueued(at=sent_ms[queue], queue=queue, contact_id=f"{name} {queue}"))
            await asyncio.sleep(1 / PER_S)
        await self._until(self._desk.firing, "firing")
        for queue in self._queues:
            await producer.send(Abandoned(at=clock.now_ms(), queue=queue, contact_id=f"{name} {queue}"))
        await self._until(self._desk.resolved, "over")
        return sent_s, sent_ms, dict(self._desk.firing)

    async def _until(self, told: Mapping[str, Heard], what: str) -> None:
        began_s = time.perf_counter()
        while len(told) < len(self._queues):
            if time.perf_counter() - began_s > WITHIN_S:
                last = children.last_lines(self._log)
                raise NeverToldError(f"{len(told)} of {len(self._queues)} are {what} after {WITHIN_S:.0f} s.{last}")
            await asyncio.sleep(0.05)


async def _beat(producer: EventProducer) -> None:
    """As a source does."""
    while True:
        await producer.heartbeat(clock.now_ms())
        await producer.flush()
        await asyncio.sleep(BEAT_S)


def _figures(sent_s: Mapping[str, float], sent_ms: Mapping[str, int], heard: Mapping[str, Heard]) -> dict[str, float]:
    waits_s = {queue: max(0, heard[queue].look_ms - at_ms) / 1000 for queue, at_ms in sent_ms.items()}
    took_s = {queue: heard[queue].at_s - at_s for queue, at_s in sent_s.items()}
    from_look_s = [took_s[queue] - waits_s[queue] for queue in took_s]
    return {
        **_spread("", list(took_s.values())),
        "waited_share": sum(wait_s > 0 for wait_s in waits_s.values()) / len(waits_s),
        **_spread("from_look_", from_look_s),
    }


def _spread(prefix: str, took_s: Sequence[float]) -> dict[str, float]:
    ordered = sorted(took_s)
    found = {
        name: ordered[min(len(ordered) - 1, int(len(ordered) * share))] for name, share in (("p50", 0.5), ("p99", 0.99))
    }
    return {f"{prefix}{name}_s": value for name, value in {**found, "max": ordered[-1]}.items()}


if __name__ == "__main__":
    alert_latency()
