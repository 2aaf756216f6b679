"""Lives and deaths of workers, one after the other, over one broker."""

import asyncio
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.chaos.differences import Difference
from tests.flush import feed
from tests.flush.broker import TwinBroker
from tests.flush.truth import in_memory, progress, topic, wrong
from tests.flush.worker import LATENCY_S, PAUSE_S, Worker

AT_ONCE = 2  # events in a batch: many batches arrive during one cut
AFTERWARDS = 7  # what a successor reads in one batch
CUTS = 3  # of a life in which nothing comes meanwhile: what failed is tried again, copies are read


class Manner(NamedTuple):
    """How a life goes that will be cut short. `pause_s` = between two batches that arrive, also during cuts; None: no
    event arrives during a cut. `fails`: which of its writes fail; `kept`: but the broker has them."""

    latency_s: float = LATENCY_S
    pause_s: float | None = PAUSE_S
    fails: frozenset[int] = frozenset()
    kept: bool = False


class Tally(NamedTuple):
    """`moments`: how far the worker had come when it was killed, once for each; `wrong`: what differed in the end."""

    moments: list[str]
    wrong: list[tuple[str, list[Difference]]]


def a_day(seed: int, contacts: int = 12, changes: int = 10) -> TwinBroker:
    """A broker with events that nobody has read."""
    broker = TwinBroker(1)
    broker.append(topic("calls"), [(None, value) for value in feed.calls(seed, contacts)])
    broker.append(topic("agents"), [(None, value) for value in feed.agents(seed, changes)])
    return broker


def deaths(broker: TwinBroker, manner: Manner) -> Iterator[TwinBroker]:
    """What a worker leaves behind that is killed at any await: after each step of its loop what the broker has by
    then, alone, with the first of the writes under way, and with all of them. A dead worker's coroutines are never
    resumed, so what is stored is all that counts; each state once."""
    worker = Worker(broker, latency_s=manner.latency_s, fails=manner.fails, kept=manner.kept)
    living, seen = worker.loop.create_task(_life(worker, manner)), set[tuple[Any, ...]]()
    while not living.done():
        worker.loop.step()
        under_way = worker.network.under_way
        for arrived in sorted({0, min(1, len(under_way)), len(under_way)}):
            left = broker.copy()
            for action in under_way[:arrived]:
                action(left)
            if left.state() not in seen:
                seen.add(left.state())
                yield left
    living.result()


async def _life(worker: Worker, manner: Manner) -> None:
    if manner.pause_s is not None:
        await worker.live(AT_ONCE, manner.pause_s)
        return
    for _ in range(CUTS):
        worker.deliver_all()
        await asyncio.sleep(PAUSE_S)
        await worker.app.batches.commit()


def after_any_death(broker: TwinBroker, manner: Manner) -> Tally:
    """Kill a worker at any moment, let another finish, compare every cell."""
    found = Tally([], [])
    for left in deaths(broker, manner):
        moment = progress(left)
        found.moments.append(moment)
        if differing := finished(left):
            found.wrong.append((moment, differing))
    return found


def after_a_failure(seed: int, fails: int, *, kept: bool) -> list[Difference]:
    """One write fails; the worker is killed as soon as it has committed the source concerned after that."""
    broker = a_day(seed, contacts=6, changes=5)
    worker = Worker(broker, fails=frozenset({fails}), kept=kept)
    living = worker.loop.create_task(worker.live(AT_ONCE))
    while not living.done() and worker.network.failed is None:
        worker.loop.step()
    if worker.network.failed is not None:
        source = worker.source_of(worker.network.failed)
        place = broker.places[source]
        while not living.done() and broker.places[source] == place:
            worker.loop.step()
    return finished(broker)


def finished(broker: TwinBroker) -> list[Difference]:
    """A worker takes over, reads and commits everything; what is wrong then."""
    successor = Worker(broker)
    if not successor.loop.do(successor.live(AFTERWARDS)):
        return [Difference("progress", "commits", "everything", progress(broker))]
    return [*in_memory(successor), *wrong(broker)]
