"""The whole line as processes: events into Kafka, the real worker, values out of Redis. For any broker."""

import asyncio
import itertools
import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from aiokafka import AIOKafkaConsumer

from callpulse import kafka
from callpulse.clock import monotonic_s
from callpulse.current.connection import connect
from callpulse.current.fields import Reading
from callpulse.current.keys import Keys
from callpulse.current.reader import Reader
from callpulse.demo import children
from callpulse.demo.children import free_port
from callpulse.kafka.stopping import stopped
from callpulse.settings import Settings, load
from callpulse.sources.produce import EventProducer
from callpulse.stream.topics import create_and_check
from tests.changelog import fold
from tests.waiting import seen_by, until_async

PATIENCE_S = 120
MONTHS = {  # a recording in its own time, however long it is
    "CALLPULSE_WORKER_TIME": "event",
    "CALLPULSE_WORKER_VISIT_RETENTION": "400d",
    "CALLPULSE_WORKER_INTERVAL_RETENTION": "400d",
}
_fresh = itertools.count()


class Line:
    """`async with Line(...) as line`: topics, and workers that end with the block. `site` and topics are its own."""

    def __init__(
        self, bootstrap: str, redis_url: str, folder: Path, *, idempotent: bool, settings: Mapping[str, str] = MONTHS
    ) -> None:
        self.name = f"line-{os.getpid()}-{next(_fresh)}"
        self.folder = folder
        self.environment = {
            **settings,
            "CALLPULSE_KAFKA_BROKERS": bootstrap,
            "CALLPULSE_KAFKA_PREFIX": self.name,
            "CALLPULSE_KAFKA_PARTITIONS": "4",
            "CALLPULSE_KAFKA_IDEMPOTENCE": str(idempotent).lower(),
            "CALLPULSE_REDIS_URL": redis_url,
            "CALLPULSE_SITE_NAME": self.name,
        }
        self.settings: Settings = load(None, self.environment)
        self.workers: list[children.Child] = []
        self.ports: list[int] = []

    async def __aenter__(self) -> Self:
        findings = await create_and_check(kafka.client(self.settings.kafka), 4, 1, self.name)
        assert findings == []
        return self

    async def __aexit__(self, *_: object) -> None:
        for worker in self.workers:
            worker.send_signal(signal.SIGCONT)
            worker.terminate()
        for worker in self.workers:
            children.stop(worker, grace_s=10)

    # -- workers

    def start_worker(self, config: Path | None = None) -> children.Child:
        """`config`: a file of settings; the line's own come before it."""
        port = free_port()
        options = () if config is None else ("--config", str(config))
        argv = (sys.executable, "-m", "callpulse", *options, "worker")
        environment = {**os.environ, **self.environment, "CALLPULSE_METRICS_PORT": str(port)}
        log = self.folder / f"{self.name}-{len(self.workers)}.log"
        worker = children.start(argv, log, environment=environment)
        self.workers.append(worker)
        self.ports.append(port)
        return worker

    async def ends(self, worker: children.Child, within_s: float = 20) -> None:
        """Told to, and it ends well."""
        worker.terminate()
        assert await asyncio.to_thread(worker.wait, within_s) == 0, self.log()

    def log(self) -> str:
        return "".join(path.read_text() for path in sorted(self.folder.glob(f"{self.name}-*.log")))

    def get(self, path: str) -> tuple[int, str]:
        """(status, body) of the last worker's endpoint; (0, "") while it does not listen."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[-1]}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    # -- events

    def producer(self, source: str = "test") -> EventProducer:
        return EventProducer(
            kafka.client(self.settings.kafka),
            source=source,
            calls_topic=kafka.topic(self.settings.kafka, "calls"),
            agents_topic=kafka.topic(self.settings.kafka, "agents"),
            idempotent=self.settings.kafka.idempotence,
        )

    async def send(self, events: Iterable[Any], until_ms: int) -> None:
        """All events, then the heartbeat of every partition that says so."""
        async with self.producer() as producer:
            for count, event in enumerate(events):
                await producer.send(event)
                if count % 5000 == 4999:
                    await producer.flush()
            await producer.flush()
            await producer.heartbeat(until_ms)
            await producer.flush()

    # -- values

    async def values(self, queues: Sequence[str], until_ms: int) -> dict[str, Reading]:
        """What Redis says of these queues once all of them have reached `until_ms`."""
        async with connect(self.environment["CALLPULSE_REDIS_URL"]) as client:
            reader = Reader(client, Keys(self.name))

            async def reached() -> dict[str, Reading]:
                shown = (await reader.read()).queues
                found = {name: shown[name] for name in queues if shown.get(name) is not None}
                far = len(found) == len(queues) and all(r.event_time_ms >= until_ms for r in found.values())
                return found if far else {}

            there: dict[str, Reading] = await self._seen(reached, f"{queues} at {until_ms}")
            return there

    async def total(self, until: Mapping[str, float]) -> Reading:
        """The total once its counts in the window `all` are these."""
        async with connect(self.environment["CALLPULSE_REDIS_URL"]) as client:
            reader = Reader(client, Keys(self.name))

            async def counted() -> Reading | None:
                total = (await reader.read()).total
                fits = total and all(total.number("all", name) == count for name, count in until.items())
                return total if fits else None

            total: Reading = await self._seen(counted, f"a total with {until}")
            return total

    # -- what workers say

    async def ready(self) -> None:
        """The newest worker has all its partitions."""
        await self._seen(lambda: self.get("/readyz")[0] == 200, "ready")

    async def says(self, text: str) -> None:
        """It stands in a log."""
        await self._seen(lambda: text in self.log(), text)

    async def _seen(self, look: Callable[[], Any], what: str) -> Any:
        """Unless a worker fails meanwhile."""

        async def seen() -> Any:
            found = await seen_by(look)
            if not found:
                self.check_alive()
            return found

        return await until_async(seen, what, PATIENCE_S, self.log)

    def check_alive(self) -> None:
        for worker in self.workers:
            assert worker.poll() in (None, -signal.SIGKILL, 0), self.log()

    async def records(self, topic: str) -> list[Any]:
        """Every record of a topic that is there now."""
        client = kafka.client(self.settings.kafka)
        consumer = AIOKafkaConsumer(topic, **client, fetch_max_wait_ms=50, auto_offset_reset="earliest")
        await consumer.start()
        try:
            found: list[Any] = []
            quiet, deadline_s = 0, monotonic_s() + PATIENCE_S
            while quiet < 3:  # the embedded broker's end offsets cannot be trusted
                assert monotonic_s() < deadline_s, f"{topic} is never quiet: {len(found)} records"
                batches = await consumer.getmany(timeout_ms=300)
                quiet = 0 if batches else quiet + 1
                found += [record for records in batches.values() for record in records]
            return found
        finally:
            await stopped(consumer.stop)

    async def changelog(self, table: str, codec: Any) -> dict[Any, Any]:
        """A table as its changelog has it: of each key the record with the largest source offset."""
        return fold(codec, await self.records(f"{self.name}.stream-{table}-changelog"))


def numbers(reading: Reading, window: str = "all") -> dict[str, float]:
    """KPI id -> value in a window."""
    prefix = f"{window}."
    return {name.removeprefix(prefix): v for name, v in reading.values.items() if name.startswith(prefix)}
