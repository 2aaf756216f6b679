"""The changelog topics as production makes them, but compacted within seconds; and whether that really happened."""

from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from callpulse import kafka
from callpulse.settings import Settings
from callpulse.stream import codecs
from callpulse.stream.tables import KEEP_NEWEST, Changelog

BROKER = {
    "log.cleaner.backoff.ms": "200",
    "log.cleaner.threads": "1",
    "log.cleaner.dedupe.buffer.size": "8388608",
    "log.cleaner.io.buffer.size": "262144",
    "log.retention.check.interval.ms": "2000",
    "log.initial.task.delay.ms": "500",
    "num.recovery.threads.per.data.dir": "2",
}
LAG_MS = 12_000  # an hour in production, ten minutes for totals: longer than who may write again can be held up
EAGER = {
    "segment.ms": "1500",
    "segment.bytes": "1048576",
    "min.cleanable.dirty.ratio": "0.01",
    "min.compaction.lag.ms": str(LAG_MS),
    "max.compaction.lag.ms": str(2 * LAG_MS),
    "delete.retention.ms": "1000",
    "file.delete.delay.ms": "1000",
}


def kept(settings: Settings) -> dict[str, Changelog]:
    """Table -> how its changelog is kept, as callpulse.stream.app says."""
    limits = settings.limits()
    live, intervals = codecs.kept_for(limits.live_ms), codecs.kept_for(limits.interval_ms)
    return {
        "tallies_live": live, "tallies_interval": intervals, "tallies_total": KEEP_NEWEST, "contacts": KEEP_NEWEST,
        "agents": KEEP_NEWEST,
        "tallies_agents_live": live, "tallies_agents_interval": intervals, "agents_by_queue": KEEP_NEWEST,
    }  # fmt: skip


def name(settings: Settings, table: str) -> str:
    return f"{settings.kafka.prefix}.stream-{table}-changelog"


async def create(settings: Settings) -> None:
    """Before any worker does; the clean-up policy is production's."""
    topics = [
        NewTopic(
            name(settings, table), settings.kafka.partitions, 1, topic_configs={**changelog.topic_config(), **EAGER}
        )
        for table, changelog in kept(settings).items()
    ]
    admin = AIOKafkaAdminClient(**kafka.client(settings.kafka))
    await admin.start()
    try:
        answer = await admin.create_topics(topics)
        assert all(code == 0 for _, code, _ in answer.topic_errors), answer
    finally:
        await admin.close()


def removed(records: list[Any], ends: dict[int, int]) -> int:
    """How many records of a topic compaction has taken away: offsets below the ends that nobody holds any more."""
    return sum(ends.values()) - len(records)
