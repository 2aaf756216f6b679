"""The Kafka topics of callpulse: the one list that code, checks and documents read.

Names are `PREFIX.short`. Topics that are spread all have the same number of partitions, since what one worker owns
of one topic has to fit what it owns of the others.
"""

from collections.abc import Mapping

from msgspec import Struct

DAY_MS = 86_400_000
MIN_RETENTION_MS = 3 * DAY_MS  # a weekend without a worker must not cost an event


class Topic(Struct, frozen=True):
    """`key` says what the records are keyed by; `spread` topics have N partitions, the others exactly one."""

    short: str
    key: str
    spread: bool
    configs: Mapping[str, str]

    def name(self, prefix: str) -> str:
        """As the cluster knows it."""
        return f"{prefix}.{self.short}"

    def partitions(self, spread: int) -> int:
        """How many partitions it has when spread topics have `spread`."""
        return spread if self.spread else 1


_EVENTS = {
    "cleanup.policy": "delete",  # events are facts in a row: compaction would keep one per queue
    "retention.ms": str(7 * DAY_MS),  # said here, so that a cluster's shorter default cannot cut a weekend off
}
_FROM_SOURCES = _EVENTS | {
    # the broker's time beside the source's own is what shows a source whose clock is wrong
    "message.timestamp.type": "LogAppendTime",
}
TOPICS = (
    Topic("calls", "queue id", True, _FROM_SOURCES),
    Topic("agents", "agent id", True, _FROM_SOURCES),
    Topic("queue-agents", "queue id", True, _EVENTS),
    Topic(
        "kpis", "queue:ID, everybody, total, group:NAME, agents:P, as_of:P", False, {
            "cleanup.policy": "compact",             # a reader needs the newest value of every key, however old
            "segment.ms": "600000",                  # the open segment is never compacted, and every queue writes
            "segment.bytes": str(8 * 1024 * 1024),   # each second: short segments keep a read from the start short
            "min.cleanable.dirty.ratio": "0.2",      # for the same reason; the default waits for half
        },
    ),
    Topic(
        "alerts", "alert:QUEUE, site:RULE, mute:ID, watched:QUEUE, profile:QUEUE", False, {
            "cleanup.policy": "compact",             # the newest record of a key is the state, however old
            "max.message.bytes": str(4 * 1024**2),  # trouble of thousands of queues is one record
            "segment.ms": "3600000",                 # what queues are remembered by is written each minute
            "segment.bytes": str(64 * 1024 * 1024),
        },
    ),
    Topic("commands", "none", False, _EVENTS),
    Topic(
        "rejected", "none, retried", False, {
            "cleanup.policy": "delete",
            "retention.ms": str(14 * DAY_MS),      # time to repair a source and send its records again
            "retention.bytes": str(1024**3),       # a flood of bad records must not fill the broker's disk
        },
    ),
)  # fmt: skip

# What is stored of each spread topic, in the order in which a cut sends it: tallies first, contacts last.
TABLES: Mapping[str, tuple[str, ...]] = {
    "calls": ("tallies_live", "tallies_interval", "tallies_total", "contacts"),
    "agents": ("agents",),
    "queue-agents": ("tallies_agents_live", "tallies_agents_interval", "agents_by_queue"),
}


def group(prefix: str) -> str:
    """The consumer group of the workers."""
    return f"{prefix}.stream"


def changelog(prefix: str, table: str) -> str:
    """The topic in which the workers store a table; it has as many partitions as the spread topics."""
    return f"{group(prefix)}-{table}-changelog"


def changelogs(prefix: str) -> list[str]:
    """Of all tables."""
    return [changelog(prefix, table) for tables in TABLES.values() for table in tables]
