"""A site under attack: one broker, one Valkey, topics of its own, workers in numbered slots that come and go."""

import os
import signal
import sys
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any

from callpulse.clock import monotonic_s
from callpulse.demo import children, parts
from callpulse.demo.children import free_port
from tests.chaos import changelogs
from tests.chaos.traffic import SETTINGS
from tests.kafka.broker import ApacheKafka
from tests.line import Line

SESSION_S = 6.0
STOPS_WITHIN_S = 30.0
CHAOS = {
    **SETTINGS,
    "CALLPULSE_KAFKA_SESSION_TIMEOUT": f"{SESSION_S:g}s",
    "CALLPULSE_WORKER_COMMIT_INTERVAL": "500ms",
}


class Worker:
    """One process and how it was started."""

    def __init__(self, process: children.Child, port: int, log: Path) -> None:
        self.process, self.port, self.log = process, port, log
        self.frozen = False
        self.started_s = monotonic_s()

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def metrics(self) -> str:
        """What it serves; "" while it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=3) as answer:
                return str(answer.read().decode())
        except (OSError, HTTPException):  # the second: it died in the middle of its answer
            return ""

    def signal(self, number: int) -> None:
        if self.alive:
            self.process.send_signal(number)

    def freeze(self) -> None:
        self.frozen = True
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.frozen = False
        self.signal(signal.SIGCONT)

    def kill(self) -> None:
        children.kill(self.process)

    def end(self) -> int:
        """SIGTERM; the exit code, or -9 when it had to be killed."""
        self.thaw()
        children.stop(self.process, STOPS_WITHIN_S)
        return int(self.process.returncode)


class Site(Line):
    """`slots`: the workers that belong to the site now. `without`: a guard that its workers do without."""

    def __init__(self, broker: ApacheKafka, folder: Path, *, without: str = "") -> None:
        self.broker = broker
        self.valkey = parts.start_valkey(folder)
        super().__init__(broker.bootstrap, self.valkey.url, folder, idempotent=True, settings=CHAOS)
        self.without = without
        self.slots: list[Worker] = []
        self.started = 0

    async def __aenter__(self) -> "Site":
        await changelogs.create(self.settings)
        await super().__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        for worker in self.slots:
            worker.end()
        self.valkey.stop()

    def start(self, slow_ms: int = 0) -> Worker:
        """A worker as the command line starts it, but for a slow way to Kafka and the guard it does without."""
        self.started += 1
        port, log = free_port(), self.folder / f"{self.name}-{self.started}.log"
        argv = [sys.executable, "-m", "tests.chaos.worker", str(slow_ms), str(self.started), self.without]
        own = {**self.environment, "CALLPULSE_METRICS_PORT": str(port)}
        environment = {**{key: value for key, value in os.environ.items() if not key.startswith("COV")}, **own}
        return Worker(children.start(argv, log, environment=environment), port, log)

    def restart_valkey(self) -> None:
        """What it held is gone."""
        children.kill(self.valkey.child)
        self.valkey = parts.start_valkey(self.folder, preferred_port=self.valkey.port)

    def owner(self, topic: str, partition: int) -> Worker | None:
        """The worker that says it serves a partition."""
        line = f'callpulse_partition_recovered{{partition="{partition}",topic="{topic}"}} 1.0'
        return next((w for w in self.slots if w.alive and not w.frozen and line in w.metrics()), None)

    def died(self) -> list[tuple[Worker, Any]]:
        """Workers that ended by themselves: a supervisor would start them again."""
        return [(worker, worker.process.returncode) for worker in self.slots if not worker.alive]
