"""What each process needs in Kafka and in Redis, and nothing more. Pure: docs and tests take it from here."""

import re
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

Kind = Literal["topic", "group"]


class Right(NamedTuple):
    """Operations on a topic or group of Kafka; `prefixed`: on all whose names begin so."""

    kind: Kind
    name: str
    operations: tuple[str, ...]
    prefixed: bool = False


class Needs(NamedTuple):
    """Of one process, short names of topics; `looks`: describes every topic of ours. `changelogs`: operations on them;
    `group`: that it reads as."""

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    changelogs: tuple[str, ...] = ()
    group: str = ""
    group_does: tuple[str, ...] = ("Read",)
    looks: bool = False
    also: tuple[str, ...] = ()  # on what it reads and writes
    creates: bool = False


FACTS = ("calls", "agents")
NEEDS: Mapping[str, Needs] = {
    "topics": Needs(looks=True, creates=True),
    "worker": Needs(
        reads=(*FACTS, "queue-agents", "kpis"),
        writes=("queue-agents", "kpis", "rejected"),
        changelogs=("Read", "Write", "Create"),
        group="stream",
        looks=True,
    ),
    "alerts": Needs(reads=("kpis", "alerts", "commands"), writes=("alerts",), group="alerts", looks=True),
    "source": Needs(writes=FACTS),
    "wallboard": Needs(writes=("commands",)),
    "backtest": Needs(reads=FACTS),
    "rejected": Needs(reads=("rejected",), writes=(*FACTS, "rejected"), group="stream", group_does=("Describe",)),
    "doctor": Needs(reads=("calls", "rejected"), group="stream", group_does=("Describe",), looks=True),
    "repartition": Needs(
        reads=(*FACTS, "queue-agents"),
        writes=(*FACTS, "queue-agents"),
        changelogs=("Read", "Write", "Alter"),
        group="stream",
        also=("Alter",),
    ),
}


def kafka_rights(process: str, prefix: str) -> list[Right]:
    """Of one of NEEDS, where `kafka.prefix` is this. Describe goes with Read and Write by itself."""
    return list(_rights(NEEDS[process], prefix))


def _rights(needs: Needs, prefix: str) -> Iterator[Right]:
    for short in dict.fromkeys((*needs.reads, *needs.writes)):
        operations = (("Read",) if short in needs.reads else ()) + (("Write",) if short in needs.writes else ())
        yield Right("topic", f"{prefix}.{short}", operations + needs.also)
    if needs.changelogs:
        yield Right("topic", f"{prefix}.stream-", needs.changelogs, prefixed=True)
    if needs.looks:
        operations = (("Create",) if needs.creates else ()) + ("Describe", "DescribeConfigs")
        yield Right("topic", f"{prefix}.", operations, prefixed=True)
    if needs.group:
        yield Right("group", f"{prefix}.{needs.group}", needs.group_does)


# -- Redis: rules of an ACL, for Redis 7 and later, and Valkey. `{}` stands for the prefix of the site's keys.

READS = ("%R~{}*", "&{}changes", "+time", "+zrange", "+hgetall", "+hmget", "+subscribe")
REDIS_RULES: Mapping[str, tuple[str, ...]] = {
    "worker": (
        "~{}queue:*", "~{}group:*", "~{}total", "~{}total:*", "~{}queues", "~{}sources", "&{}changes",
        "+script|load", "+evalsha", "+hget", "+hset", "+hdel", "+del", "+pexpire", "+set", "+time", "+zadd", "+publish",
    ),
    "alerts": (
        "~{}alerts", "~{}transitions", "%R~{}queue:*",
        "+multi", "+exec", "+del", "+hset", "+pexpire", "+xadd", "+mget",
    ),
    "wallboard": (*READS, "+mget", "+xrange"),
    "top": READS,
    "alert": ("%R~{}alerts", "%R~{}queues", "+hgetall", "+zrange"),
}  # fmt: skip


def redis_rules(process: str, prefix: str) -> list[str]:
    """Of one of REDIS_RULES, beside `reset on >PASSWORD`. `prefix`: of the site's keys, `Keys.prefix`."""
    plain = re.sub(
        r"([*?\[\]\\])", r"\\\1", prefix
    )  # what stands for anything in a pattern stands for itself in a name
    return [rule.replace("{}", plain) for rule in REDIS_RULES[process]]
