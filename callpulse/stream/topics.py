"""Creates the Kafka topics that are missing, and says what is wrong with those a cluster has."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError, KafkaError
from msgspec import Struct

from callpulse.kafka.log import heard
from callpulse.kafka.rights import lacking
from callpulse.kafka.why import why
from callpulse.stream.topic_findings import TOPIC, Finding, Severity
from callpulse.stream.topic_list import MIN_RETENTION_MS, TOPICS, Topic, changelogs

__all__ = ["TOPICS", "Finding", "Found", "Severity", "Topic", "UnreachableError", "create_and_check", "judge"]

_CONNECTED_WITHIN_S = 8.0
_SERVED_WITHIN_S = 15.0
_ALREADY_EXISTS = 36
_NOT_ALLOWED = (29, 31)
_TOO_FEW_BROKERS = 38


class Found(Struct, frozen=True):
    """A topic as the cluster has it. A config the broker does not tell is absent."""

    partitions: int
    configs: Mapping[str, str] = {}


class UnreachableError(Exception):
    """No broker answered; the message says where and why. `known`: in other words, where it is about rights or TLS."""

    def __init__(self, message: str, known: str = "") -> None:
        super().__init__(message)
        self.known = known

    @property
    def advice(self) -> str:
        """The message, with what to look at."""
        return str(self) if self.known else f"{self}; is it up, and is kafka.brokers right?"


def judge(found: Mapping[str, Found], partitions: int, prefix: str = "callpulse") -> list[Finding]:
    """What is wrong with the topics and changelogs in `found` (full name -> topic); those that are missing are not
    judged."""
    known = [(topic.name(prefix), topic) for topic in TOPICS if topic.name(prefix) in found]
    stored = [name for name in changelogs(prefix) if name in found]
    counts = {found[name].partitions for name in [*stored, *(name for name, topic in known if topic.spread)]}
    findings = [
        finding
        for name, topic in known
        for finding in (
            _spread(name, partitions, found[name].partitions, counts)
            if topic.spread
            else _single(name, found[name].partitions),
            _policy(name, topic.configs, found[name].configs),
            _timestamps(name, topic.configs, found[name].configs),
            _retention(name, topic.configs, found[name].configs),
        )
        if finding
    ]
    judged = (_spread(name, partitions, found[name].partitions, counts) for name in stored)
    return findings + [finding for finding in judged if finding]


async def create_and_check(
    client: dict[str, Any], partitions: int, replication: int, prefix: str = "callpulse"
) -> list[Finding]:
    """Creates the topics that are missing and judges the others; an empty list means all is as it has to be.

    `client` holds the connection arguments of aiokafka (`bootstrap_servers`, security). `replication` -1 is the
    cluster's default. While something that exists is in error, nothing is created. Raises UnreachableError.
    """
    async with _admin(client) as admin:
        names = [topic.name(prefix) for topic in TOPICS]
        found = await described(admin, [*names, *changelogs(prefix)])
        findings = judge(found, partitions, prefix)
        missing = [topic for topic in TOPICS if topic.name(prefix) not in found]
        if missing and not any(finding.severity is Severity.ERROR for finding in findings):
            findings += await _create(admin, missing, partitions, replication, prefix)
        return findings


def _spread(name: str, expected: int, found: int, counts: Collection[int]) -> Finding | None:
    """`counts`: of all spread topics and changelogs; they have to be one."""
    if found == expected:
        return None
    command = f"callpulse repartition --partitions {max(expected, *counts)}"
    if len(counts) > 1:
        advice = (
            "Partitions were added in place, which moves queues away from their figures. Stop sources and workers, "
            f"then: {command}"
        )
    else:
        advice = f"Set kafka.partitions to {found}, as all topics here have it"
        if found < expected:
            advice += f"; or stop sources and workers, and have everything moved: {command}"
    return Finding(name, "the number of partitions", str(expected), str(found), advice)


def _single(name: str, found: int) -> Finding | None:
    if found == 1:
        return None
    advice = "Delete it if it holds nothing you need; it is created anew."
    return Finding(name, "the number of partitions", "1", str(found), advice)


def _policy(name: str, expected: Mapping[str, str], found: Mapping[str, str]) -> Finding | None:
    return _other(name, "cleanup.policy", expected, found, Severity.ERROR)


def _timestamps(name: str, expected: Mapping[str, str], found: Mapping[str, str]) -> Finding | None:
    return _other(name, "message.timestamp.type", expected, found, Severity.WARNING)


def _other(
    name: str, config: str, expected: Mapping[str, str], found: Mapping[str, str], severity: Severity
) -> Finding | None:
    if config not in expected or found.get(config, expected[config]) == expected[config]:
        return None
    return Finding(name, config, expected[config], found[config], _set(config, expected[config]), severity)


def _retention(name: str, expected: Mapping[str, str], found: Mapping[str, str]) -> Finding | None:
    kept = int(found.get("retention.ms", -1))
    if "retention.ms" not in expected or kept < 0 or kept >= MIN_RETENTION_MS:
        return None
    advice = f"A worker that is down for longer loses events. {_set('retention.ms', expected['retention.ms'])}"
    return Finding(name, "retention.ms", f"at least {MIN_RETENTION_MS}", str(kept), advice, Severity.WARNING)


def _set(config: str, value: str) -> str:
    return f"Set it: kafka-configs.sh --alter --entity-type topics --entity-name {TOPIC} --add-config {config}={value}"


@contextlib.asynccontextmanager
async def _admin(client: dict[str, Any]) -> AsyncIterator[Any]:
    admin, where = AIOKafkaAdminClient(**client), client.get("bootstrap_servers", "localhost")
    try:
        await _start(admin, where)
        yield admin
    except KafkaError as error:
        raise UnreachableError(f"Kafka at {where} does not answer as expected: {error}", why(error)) from error
    finally:
        await admin.close()


async def lacking_rights(client: dict[str, Any], process: str, prefix: str) -> str | None:
    """What this user may not do and `process` has to, in a sentence. Raises UnreachableError."""
    async with _admin(client) as admin:
        return await lacking(admin, process, prefix)


async def _start(admin: Any, where: str) -> None:
    with heard() as log:
        try:
            await asyncio.wait_for(admin.start(), _CONNECTED_WITHIN_S)
        except KafkaConnectionError as error:
            said = (
                f"Kafka at {where} cannot be used: {log.known}"
                if log.known
                else f"no Kafka answers at {where}{log.last}"
            )
            raise UnreachableError(said, log.known) from error
        except TimeoutError as error:
            raise UnreachableError(f"what listens at {where} does not answer as Kafka does{log.last}") from error


async def described(admin: Any, names: list[str]) -> dict[str, Found]:
    """Those of these names that exist. All topics are asked for: asking for one by name creates it on some brokers."""
    counts = {t["topic"]: len(t["partitions"]) for t in await admin.describe_topics() if t["topic"] in names}
    if not counts:
        return {}
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in counts]
    told = [r for answer in await admin.describe_configs(asked) for r in answer.to_object()["resources"]]
    configs = {r["resource_name"]: {e["config_names"]: e["config_value"] for e in r["config_entries"]} for r in told}
    return {name: Found(count, configs.get(name, {})) for name, count in counts.items()}


async def _create(admin: Any, missing: list[Topic], partitions: int, replication: int, prefix: str) -> list[Finding]:
    # with three copies, a write that two have survives the loss of one broker; that is what acks=all promises then
    durable = {"min.insync.replicas": "2"} if replication >= 3 else {}
    wanted = [
        NewTopic(
            topic.name(prefix), topic.partitions(partitions), replication, topic_configs={**topic.configs, **durable}
        )
        for topic in missing
    ]
    answer = await admin.create_topics(wanted)
    codes = {name: (code, text or "") for name, code, text in answer.topic_errors}
    findings = [_refusal(new, *codes[new.name]) for new in wanted if codes[new.name][0] not in (0, _ALREADY_EXISTS)]
    refused = {finding.topic for finding in findings}
    return findings + await served(admin, {new.name: new.num_partitions for new in wanted if new.name not in refused})


def _refusal(new: Any, code: int, text: str) -> Finding:
    configs = " ".join(f"--config {name}={value}" for name, value in new.topic_configs.items())
    command = (
        f"kafka-topics.sh --create --topic {TOPIC} --partitions {new.num_partitions} "
        f"--replication-factor {new.replication_factor} {configs}"
    )
    if code in _NOT_ALLOWED:
        found, advice = "missing, and this user may not create it", f"Ask who may for: {command}"
    elif code == _TOO_FEW_BROKERS:
        found = f"missing, and the cluster cannot keep {new.replication_factor} copies ({text})"
        advice = "Ask for at most as many copies as there are brokers."
    else:
        found, advice = (
            f"missing, and the broker refused to create it ({text or f'error {code}'})",
            f"Create it: {command}",
        )
    return Finding(new.name, "the topic", "to be there", found, advice)


async def served(admin: Any, created: Mapping[str, int]) -> list[Finding]:
    """Wait until all these partitions (topic -> how many) are served. Creating returns before every broker serves them,
    and a worker that asks too early stays idle."""
    late = list(created)
    try:
        async with asyncio.timeout(_SERVED_WITHIN_S):
            while late := _not_served(created, await admin.describe_topics()):  # noqa: ASYNC110 - no event to wait for
                await asyncio.sleep(0.05)
    except TimeoutError:
        advice = "Look at the health of the cluster: some partitions have no leader."
        return [Finding(name, "the topic", "to be served", "created, but not served yet", advice) for name in late]
    return []


def _not_served(created: Mapping[str, int], topics: list[dict[str, Any]]) -> list[str]:
    led = {t["topic"]: sum(p["leader"] >= 0 for p in t["partitions"]) for t in topics}
    return [name for name, count in created.items() if led.get(name, 0) < count]
