"""docs/OPERATIONS.md, "Backup, and rebuilding from the topics": events that were taken out of Kafka as lines go into
empty topics, and make the same figures."""

from collections import Counter
from pathlib import Path

from tests import figures
from tests.commands import ran
from tests.figures import ASTERISK
from tests.line import Line, numbers

QUEUES = ("sales", "support")


async def lines_of(line: Line, short: str) -> bytes:
    """As a consumer on a console prints them: one partition after the other."""
    records = sorted(await line.records(f"{line.name}.{short}"), key=lambda record: record.partition)
    assert len(Counter(record.partition for record in records)) > 1
    return b"".join(record.value + b"\n" for record in records)


async def test_events_taken_out_and_put_back_make_the_same_figures(
    embedded_broker: str, valkey_url: str, tmp_path: Path
) -> None:
    events = figures.events_of(ASTERISK)
    until = max(event.at for event in events) + 1000
    async with Line(embedded_broker, valkey_url, tmp_path, idempotent=False) as before:
        await before.send(events, until)
        for short in ("calls", "agents"):
            (tmp_path / f"{short}.jsonl").write_bytes(await lines_of(before, short))
    async with Line(embedded_broker, valkey_url, tmp_path, idempotent=False) as after:
        after.start_worker()
        for short in ("calls", "agents"):
            done = await ran(after, "replay", "--speed", "max", "--rebase", "no", f"{short}.jsonl")
            assert done.returncode == 0, done.stderr
        found = await after.values(QUEUES, until)
        for queue in QUEUES:
            figures.assert_asterisk(numbers(found[queue]), queue)
