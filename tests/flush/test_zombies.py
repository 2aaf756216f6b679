"""A worker freezes between the tallies and the contacts of a cut; another takes over; the frozen one wakes up and
writes on, older records after newer ones; then compaction keeps what was written last. And a worker that begins while
another one, which has not heard of it, still writes.

Why this is so: docs/decisions/zombies.md. The same on Apache Kafka: tests/kafka/test_zombies.py.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from tests.chaos.differences import Difference
from tests.flush import feed
from tests.flush.broker import TwinBroker
from tests.flush.lives import AFTERWARDS, finished
from tests.flush.truth import regressed, stored, topic
from tests.flush.worker import LATENCY_S, Worker

FROZEN_S = 10.0  # longer than the session
WAKES_S = 6 * LATENCY_S  # until the woken worker hears that the group went on without it
FIRST = 8  # events in the batches of the worker that freezes
MOST_STEPS = 250  # two cuts
CALLS = [(None, value) for value in feed.calls(seed=1, contacts=16)]
QUICKER = 8  # so that a whole cut falls between two answers to a worker that recovers
TAIL = 2 * len(CALLS) // 3
WithoutGuard = Callable[[str], None]


class Aftermath(NamedTuple):
    """`regressed`: keys whose last record was an older one after the worker had woken up; `wrong`: in the end."""

    regressed: int
    wrong: list[Difference]


def a_morning() -> TwinBroker:
    """The first two thirds of the calls."""
    broker = TwinBroker(1)
    broker.append(topic("calls"), CALLS[:TAIL])
    broker.append(topic("agents"), [(None, value) for value in feed.agents(seed=1, changes=4)])
    return broker


def moments(between_tables: bool) -> list[int]:
    """Steps after which more is stored, or under way, than before; or all `between_tables`: tallies of calls are
    stored, of the first cut all of them, and no contacts."""
    broker = a_morning()
    worker, found, seen = Worker(broker), list[int](), None
    worker.loop.create_task(worker.live_on(FIRST))
    for step in range(1, MOST_STEPS):
        worker.loop.step()
        half = stored(broker, "tallies_total") and not stored(broker, "contacts")
        now = broker.state(), len(worker.network.under_way)
        if half if between_tables else now != seen:
            found.append(step)
        seen = now
    return found


def after(steps: int) -> Worker:
    """A worker that has come so far."""
    worker = Worker(a_morning())
    worker.loop.create_task(worker.live_on(FIRST))
    for _ in range(steps):
        worker.loop.step()
    return worker


def wakes(frozen: Worker) -> None:
    """It goes on where it stood, for as long as it does not know better."""
    frozen.loop.sleep_through(FROZEN_S)
    until = frozen.loop.time() + WAKES_S
    while frozen.loop.time() < until and not frozen.loop.idle:
        frozen.loop.step()


def serves(worker: Worker) -> None:
    assert worker.loop.do(worker.live(AFTERWARDS))


def awakenings() -> Iterator[Aftermath]:
    """Frozen, overtaken, awake again; its successor writes once more, and the changelogs are compacted before anybody
    recovers from them."""
    for steps in moments(between_tables=True)[::3]:
        frozen = after(steps)
        broker = frozen.network.broker
        successor = Worker(broker)
        serves(successor)
        wakes(frozen)
        found = regressed(broker)
        broker.append(topic("calls"), CALLS[TAIL:])
        serves(successor)
        broker.compact()
        yield Aftermath(found, finished(broker))


def test_the_fence_holds_back_all_that_was_not_under_way_and_the_successor_writes_over_the_rest() -> None:
    found = list(awakenings())
    assert not [each.wrong[0] for each in found if each.wrong]
    assert [each.regressed for each in found[:3]] == [0, 0, 0], "frozen while tallies were on their way"
    assert found[-1].regressed, "frozen while contacts were on their way: no fence can call them back"


def test_without_the_fence_it_always_writes_older_contacts_which_its_successor_writes_over(
    without: WithoutGuard,
) -> None:
    without("fence")
    found = list(awakenings())
    assert not [each.wrong[0] for each in found if each.wrong]
    assert all(each.regressed for each in found)


@pytest.mark.parametrize("guard", ["writing-again", "noticing-others"])
def test_where_nobody_writes_over_them_compaction_keeps_the_wrong_contacts(without: WithoutGuard, guard: str) -> None:
    without(guard)
    fenced = list(awakenings())
    assert [bool(each.wrong) for each in fenced] == [bool(each.regressed) for each in fenced], "the fence saves some"
    without("fence")
    assert all("contacts" in {wrong.place for wrong in each.wrong} for each in awakenings())


def recovered_from_both() -> Iterator[list[Difference]]:
    """Frozen, overtaken, awake again; its successor dies before it writes anything more."""
    for steps in moments(between_tables=True)[::3]:
        frozen = after(steps)
        broker = frozen.network.broker
        serves(Worker(broker))
        wakes(frozen)
        broker.append(topic("calls"), CALLS[TAIL:])
        yield finished(broker)


def test_of_two_records_the_one_with_the_larger_offset_counts_whichever_came_last(without: WithoutGuard) -> None:
    without("fence")
    assert not any(recovered_from_both())
    without("larger-offset")
    assert any(recovered_from_both())


def overlaps() -> Iterator[list[Difference]]:
    """A worker recovers, on a slow network, while another one that does not know of it writes its cut: they take
    turns, a few steps each."""
    for steps in moments(between_tables=False)[::3]:
        older = after(steps)
        broker = older.network.broker
        newer = Worker(broker, at_once=False)
        while not newer.begun.done():
            newer.loop.step()
            for _ in range(QUICKER):
                older.loop.step()
        newer.begun.result()
        broker.append(topic("calls"), CALLS[TAIL:])
        serves(newer)
        yield finished(broker)


def test_a_worker_that_begins_while_another_still_writes_gets_no_contact_without_its_tallies(
    without: WithoutGuard,
) -> None:
    assert not [found[0] for found in overlaps() if found]
    without("ends-in-order")
    assert any(overlaps())
