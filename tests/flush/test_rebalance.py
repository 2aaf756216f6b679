"""What a rebalance does to a worker's batches and memory."""

from collections.abc import Callable

from callpulse.stream.transport.part import Batch
from tests.chaos.differences import Difference
from tests.flush.lives import a_day
from tests.flush.truth import in_memory, topic, wrong
from tests.flush.worker import Worker

CALLS = topic("calls")


async def _loses_a_batch(worker: Worker) -> bool:
    """As when recovery lets the flow go on, and with that empties the queues of the agents."""
    worker.deliver(CALLS, 3)
    vanished: Batch = worker.queues[CALLS].get_nowait()
    assert len(vanished) == 3
    return await worker.live(4)


def after_a_batch_vanished() -> list[Difference]:
    worker = Worker(a_day(seed=1, contacts=6, changes=2))
    assert worker.loop.do(_loses_a_batch(worker))
    return [*in_memory(worker), *wrong(worker.network.broker)]


def test_a_batch_that_vanished_on_its_way_to_the_agent_is_read_again(without: Callable[[str], None]) -> None:
    assert not after_a_batch_vanished()
    without("contiguity")
    assert after_a_batch_vanished()


def cells_left() -> int:
    """After every partition was lost."""
    worker = Worker(a_day(seed=1, contacts=6, changes=2))
    worker.loop.do(worker.live(5))
    tables = worker.app.memory
    assert tables.remembered == set(worker.sources)
    tables._forget_but(())
    return sum(len(cells) for table in worker.app.all_tables() for cells in table.cells.values())


def test_cells_of_partitions_lost_are_forgotten(without: Callable[[str], None]) -> None:
    """No figure would be wrong, since every cell is what its offset makes it; but the memory of a worker would grow
    with every partition that it ever had."""
    assert cells_left() == 0
    without("forgetting")
    assert cells_left() > 0
