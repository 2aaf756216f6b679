"""What holds for our topics on every broker; each broker's own test file takes these checks over."""

import itertools

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from callpulse.stream.topic_findings import together
from callpulse.stream.topics import TOPICS, Severity, create_and_check
from tests.waiting import until_async

_fresh = itertools.count()


@pytest.fixture
def prefix():
    """Topics of this test alone on a shared broker."""
    return f"topics-{next(_fresh)}"


async def create(bootstrap: str, name: str, partitions: int, **configs: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    named = {config.replace("_", "."): value for config, value in configs.items()}
    await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=named)])

    async def listed() -> bool:
        return name in await admin.list_topics()

    await until_async(listed, f"{name} is listed", 30)
    await admin.close()


async def partitions_of(bootstrap: str, prefix: str) -> dict[str, int]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    topics = {t["topic"]: len(t["partitions"]) for t in await admin.describe_topics()}
    await admin.close()
    return {name.removeprefix(f"{prefix}."): n for name, n in topics.items() if name.startswith(f"{prefix}.")}


class TopicChecks:
    """Needs a fixture `bootstrap`."""

    async def check(self, bootstrap: str, prefix: str, partitions: int = 8):
        return await create_and_check({"bootstrap_servers": bootstrap}, partitions, 1, prefix)

    async def test_missing_topics_are_created_as_the_list_says(self, bootstrap, prefix):
        assert await self.check(bootstrap, prefix) == []
        assert await partitions_of(bootstrap, prefix) == {
            "calls": 8, "agents": 8, "queue-agents": 8, "kpis": 1, "alerts": 1, "commands": 1, "rejected": 1,
        }  # fmt: skip

    async def test_what_was_created_passes_the_check(self, bootstrap, prefix):
        await self.check(bootstrap, prefix)
        assert await self.check(bootstrap, prefix) == []

    async def test_another_number_of_partitions_is_an_error_for_each_spread_topic(self, bootstrap, prefix):
        await self.check(bootstrap, prefix, partitions=4)
        findings = await self.check(bootstrap, prefix, partitions=8)
        assert [(f.topic, f.expected, f.found, f.severity) for f in findings] == [
            (topic.name(prefix), "8", "4", Severity.ERROR) for topic in TOPICS if topic.spread
        ]
        ((severity, sentence),) = together(findings)
        assert severity is Severity.ERROR
        assert sentence == (
            f"{prefix}.calls, {prefix}.agents, {prefix}.queue-agents: the number of partitions is 4, expected 8. Set "
            "kafka.partitions to 4, as all topics here have it; or stop sources and workers, and have everything "
            "moved: callpulse repartition --partitions 8"
        )

    async def test_nothing_is_created_beside_a_topic_that_is_wrong(self, bootstrap, prefix):
        await create(bootstrap, f"{prefix}.kpis", 3, cleanup_policy="compact")
        (finding,) = await self.check(bootstrap, prefix)
        assert str(finding) == (
            f"{prefix}.kpis: the number of partitions is 3, expected 1. Delete it if it holds nothing you need; it is "
            "created anew."
        )
        assert await partitions_of(bootstrap, prefix) == {"kpis": 3}

    async def test_a_kpis_topic_that_deletes_is_an_error(self, bootstrap, prefix):
        await create(bootstrap, f"{prefix}.kpis", 1, cleanup_policy="delete")
        (finding,) = await self.check(bootstrap, prefix)
        assert (finding.what, finding.expected, finding.found) == ("cleanup.policy", "compact", "delete")
        assert finding.severity is Severity.ERROR

    async def test_a_producers_timestamp_on_calls_is_a_warning_and_the_rest_is_created(self, bootstrap, prefix):
        await create(bootstrap, f"{prefix}.calls", 8, cleanup_policy="delete", message_timestamp_type="CreateTime")
        (finding,) = await self.check(bootstrap, prefix)
        assert (finding.topic, finding.what) == (f"{prefix}.calls", "message.timestamp.type")
        assert finding.severity is Severity.WARNING
        assert f"--entity-name {prefix}.calls --add-config message.timestamp.type=LogAppendTime" in str(finding)
        assert len(await partitions_of(bootstrap, prefix)) == len(TOPICS)

    async def test_events_kept_for_less_than_three_days_are_a_warning(self, bootstrap, prefix):
        await create(bootstrap, f"{prefix}.queue-agents", 8, cleanup_policy="delete", retention_ms=str(2 * 86_400_000))
        (finding,) = await self.check(bootstrap, prefix)
        assert (finding.what, finding.expected) == ("retention.ms", "at least 259200000")
        assert finding.severity is Severity.WARNING
