"""Each disturbance, carried out: aimed, done, and undone again."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any

from callpulse import kafka
from tests.chaos import changelogs
from tests.chaos.feed import Feed
from tests.chaos.progress import Places, Progress
from tests.chaos.schedule import Aim, Disturbance, Kind
from tests.chaos.site import Site, Worker

AHEAD = 4_000  # events that flow on while a disturbance lasts


class Attack:
    """`said`: one line for each thing that was seen and is worth telling, in order."""

    def __init__(self, site: Site, feed: Feed, progress: Progress) -> None:
        self.site, self.feed, self.progress = site, feed, progress
        self.said: list[str] = []
        self.marks: list[tuple[str, Places]] = []  # each disturbance, and where the topics ended then
        self._before: dict[tuple[str, int], int] = {}
        self._target: Worker | None = None

    async def carry_out(self, what: Disturbance) -> None:
        """Returns when it is over. Raises StalledError when the site did not recover from the one before."""
        self.feed.limit = max(self.feed.limit, what.after + AHEAD, self.feed.sent + AHEAD)
        await self.feed.reached(what.after)
        if what.settled:
            await self.progress.moved(self._before)
        self.supervise()
        await self._aim(what)
        self._before = await self.progress.committed()
        self.marks.append((str(what), await self.progress.spread_ends()))
        begun = asyncio.create_task(KINDS[what.kind](self, what))
        while not begun.done():
            self.feed.limit = max(self.feed.limit, self.feed.sent + AHEAD // 2)
            await asyncio.wait({begun}, timeout=0.2)
        begun.result()

    async def _aim(self, what: Disturbance) -> None:
        self._target = None
        self.feed.limit = max(self.feed.limit, self.feed.sent + 20_000)
        if what.aim is Aim.COMMIT:
            await self.progress.aimed(self.progress.committed)
        elif what.aim is Aim.CHANGELOG:
            name = changelogs.name(self.site.settings, what.table)
            source = kafka.topic(self.site.settings.kafka, source_of(what.table))
            loop = asyncio.get_running_loop()
            self._target = await loop.run_in_executor(None, self.site.owner, source, what.partition)

            async def end() -> Any:
                return (await self.progress.ends(name)).get((name, what.partition))

            await self.progress.aimed(end)
        await asyncio.sleep(what.delay_ms / 1000)  # into what was just seen to begin

    def supervise(self) -> None:
        """A worker that ended by itself is started again."""
        for worker, code in self.site.died():
            self.said.append(f"{worker.log.name} ended by itself, exit code {code}: {_last_line(worker)}")
            worker.kill()  # and with it what it may have started
            self.site.slots[self.site.slots.index(worker)] = self.site.start()

    def _victim(self, what: Disturbance) -> int:
        """Whoever serves the partition that was aimed at; otherwise the slot."""
        if self._target in self.site.slots:
            return self.site.slots.index(self._target)
        return what.slot % len(self.site.slots)

    async def replace_all_by_one(self) -> None:
        """All workers end, and a fresh one recovers everything from the changelogs as compaction has left them."""
        for worker in self.site.slots:
            await self._ends(worker)
        self.site.slots[:] = [self.site.start()]

    def before(self, short: str, partition: int, offset: int) -> str:
        """The last disturbance before an event."""
        earlier = [text for text, ends in self.marks if ends.get((short, partition), 0) <= offset]
        return earlier[-1] if earlier else "the start"

    # -- the kinds

    async def _kill(self, what: Disturbance) -> None:
        slot = self._victim(what)
        self.site.slots[slot].kill()
        await asyncio.sleep(what.seconds)
        self.site.slots[slot] = self.site.start(what.slow_ms)

    async def _term(self, what: Disturbance) -> None:
        slot = self._victim(what)
        await self._ends(self.site.slots[slot])
        await asyncio.sleep(what.seconds)
        self.site.slots[slot] = self.site.start(what.slow_ms)

    async def _freeze(self, what: Disturbance) -> None:
        worker = self.site.slots[self._victim(what)]
        worker.freeze()
        await asyncio.sleep(what.seconds)
        worker.thaw()

    async def _join(self, what: Disturbance) -> None:
        self.site.slots.append(self.site.start(what.slow_ms))

    async def _leave(self, what: Disturbance) -> None:
        await self._ends(self.site.slots.pop(what.slot % len(self.site.slots)))

    async def _pair(self, what: Disturbance) -> None:
        slot = self._victim(what)
        other = (slot + 1) % len(self.site.slots)
        frozen = self.site.slots[slot]
        frozen.freeze()
        self.site.slots[other].kill()
        self.site.slots[other] = self.site.start(what.slow_ms)
        await asyncio.sleep(what.seconds)
        frozen.thaw()

    async def _all(self, what: Disturbance) -> None:
        count = len(self.site.slots)
        for worker in self.site.slots:
            worker.signal(signal.SIGKILL)
        for worker in self.site.slots:
            worker.kill()
        await asyncio.sleep(what.seconds)
        self.site.slots[:] = [self.site.start(what.slow_ms) for _ in range(count)]

    async def _broker(self, what: Disturbance) -> None:
        self.site.broker.kill()
        await asyncio.sleep(what.seconds)
        self.site.broker.start()

    async def _frozen_broker(self, what: Disturbance) -> None:
        worker = self.site.slots[self._victim(what)]
        worker.freeze()
        self.site.broker.kill()
        self.site.broker.start()
        await asyncio.sleep(what.seconds)
        worker.thaw()

    async def _valkey(self, what: Disturbance) -> None:
        self.site.restart_valkey()

    async def _ends(self, worker: Worker) -> None:
        code = await asyncio.get_running_loop().run_in_executor(None, worker.end)
        if code != 0:
            self.said.append(f"{worker.log.name}: SIGTERM, exit code {code}: {_last_line(worker)}")


KINDS: dict[Kind, Callable[[Attack, Disturbance], Coroutine[Any, Any, None]]] = {
    Kind.KILL: Attack._kill,
    Kind.TERM: Attack._term,
    Kind.FREEZE: Attack._freeze,
    Kind.NAP: Attack._freeze,
    Kind.JOIN: Attack._join,
    Kind.LEAVE: Attack._leave,
    Kind.PAIR: Attack._pair,
    Kind.ALL: Attack._all,
    Kind.BROKER: Attack._broker,
    Kind.VALKEY: Attack._valkey,
    Kind.FROZEN_BROKER: Attack._frozen_broker,
}


def source_of(table: str) -> str:
    """The topic that feeds a table."""
    if table == "agents":
        return "agents"
    return "queue-agents" if "agents" in table else "calls"


def _last_line(worker: Worker) -> str:
    lines = worker.log.read_text(errors="replace").splitlines()
    return lines[-1] if lines else ""
