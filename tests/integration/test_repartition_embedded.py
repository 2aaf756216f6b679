"""`callpulse repartition` on the embedded broker, which cannot do what it needs: told before anything is changed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from callpulse import kafka
from callpulse.repartition.run import repartition
from callpulse.repartition.trouble import RepartitionError
from tests.contracts.topics import partitions_of
from tests.line import Line


async def test_a_broker_without_metadata_of_commits_is_refused_before_anything_changes(
    embedded_broker: str, valkey_url: str, tmp_path: Path
) -> None:
    said: list[str] = []
    say: Callable[[str], None] = said.append
    async with Line(embedded_broker, valkey_url, tmp_path, idempotent=False) as line:
        client = kafka.client(line.settings.kafka)
        await repartition(client, line.name, 6, apply=False, say=say)
        assert said[0] == f"4 to 6 partitions: {line.name}.calls, {line.name}.agents, {line.name}.queue-agents"
        with pytest.raises(RepartitionError, match="expected Apache Kafka"):
            await repartition(client, line.name, 6, apply=True, say=say)
        counts = await partitions_of(embedded_broker, line.name)
        assert {counts[short] for short in ("calls", "agents", "queue-agents")} == {4}
