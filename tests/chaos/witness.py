"""Watches the counters of every worker while all goes on: a counter that falls reads as one that started again at 0."""

import asyncio
import re

from callpulse.clock import monotonic_s
from tests.chaos.differences import Difference
from tests.chaos.site import Site, Worker

PACE_S = 2.0
COUNTER = re.compile(r"^callpulse_visit\w+(_total|_count|_bucket)\{.*queue=")


class Witness:
    """`fell`: each fall, once for its series. A worker must never tell less than it told before, nor less than any
    worker had told when it was started."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._most: dict[str, tuple[float, float]] = {}  # series -> (the most it told, when that was first told)
        self._own: dict[tuple[int, str], float] = {}  # the same by process
        self.fell: dict[str, Difference] = {}
        self.scrapes = 0

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            for worker in [w for w in self._site.slots if w.alive and not w.frozen]:
                text = await loop.run_in_executor(None, worker.metrics)
                self.scrapes += bool(text)
                self._look(worker, text, monotonic_s())
            await asyncio.sleep(PACE_S)

    def _look(self, worker: Worker, text: str, now_s: float) -> None:
        for line in text.splitlines():
            if COUNTER.match(line):
                series, _, value = line.rpartition(" ")
                self._compare(worker, series, float(value), now_s)

    def _compare(self, worker: Worker, series: str, value: float, now_s: float) -> None:
        most, told_s = self._most.get(series, (0.0, now_s))
        own = (worker.process.pid, series)
        least = max(self._own.get(own, 0.0), most if told_s < worker.started_s else 0.0)
        if value < least:
            self.fell.setdefault(series, Difference("counters", series, f"at least {least:g}", f"{value:g}"))
        self._own[own] = max(value, self._own.get(own, 0.0))
        if value > most:
            self._most[series] = (value, now_s)
