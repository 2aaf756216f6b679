"""Topics: what `callpulse topics` says of them, their copies, and what keeps reading a compacted one short. Pure."""

from collections.abc import Iterator, Mapping

from callpulse.doctor.finding import Finding, fail, listed, ok, skip, warn
from callpulse.doctor.seen import Copies, Kafka
from callpulse.stream import codecs
from callpulse.stream.core.limits import Limits
from callpulse.stream.topic_findings import Severity, together
from callpulse.stream.topic_list import TABLES, TOPICS, changelog
from callpulse.stream.topics import Found, judge

ALTER = "kafka-configs.sh --alter --entity-type topics --entity-name"
AT_MOST = ("segment.ms", "segment.bytes", "min.cleanable.dirty.ratio")
AT_LEAST = ("max.message.bytes",)
ENOUGH_BROKERS = 3


def topic_findings(seen: Kafka, partitions: int, prefix: str, limits: Limits) -> Iterator[Finding]:
    """All of them; one OK where there is nothing else to say."""
    findings = [
        *_missing(seen.topics, prefix),
        *_judged(seen.topics, partitions, prefix),
        *_changelogs(seen.topics, prefix, limits),
        *_compaction(seen.topics, prefix),
        *_copies(seen),
        *_untold(seen.topics),
    ]
    yield from findings or [ok("topics", f"{len(seen.topics)} as they have to be")]


def _missing(found: Mapping[str, Found], prefix: str) -> Iterator[Finding]:
    names = [name for topic in TOPICS if (name := topic.name(prefix)) not in found]
    if names:
        yield fail(
            "topics",
            f"{listed(names, 8)} missing, or this user may not describe {'them' if len(names) > 1 else 'it'}",
            "callpulse topics creates them, and so does a worker at its start",
        )


def _judged(found: Mapping[str, Found], partitions: int, prefix: str) -> Iterator[Finding]:
    for severity, sentence in together(judge(found, partitions, prefix)):
        what, _, advice = sentence.partition(". ")
        yield (fail if severity is Severity.ERROR else warn)("topics", what, advice)


def _changelogs(found: Mapping[str, Found], prefix: str, limits: Limits) -> Iterator[Finding]:
    """Those of cells that are kept for a time may also delete: nothing that is younger."""
    for table in (table for tables in TABLES.values() for table in tables):
        name = changelog(prefix, table)
        configs = found[name].configs if name in found else {}
        kept_ms = next((ms for ending, ms in _kept(limits).items() if table.endswith(ending)), None)
        yield from _changelog(name, configs, kept_ms)


def _kept(limits: Limits) -> dict[str, int]:
    return {"_live": limits.live_ms, "_interval": limits.interval_ms}


def _changelog(name: str, configs: Mapping[str, str], kept_ms: int | None) -> Iterator[Finding]:
    policy = set(configs.get("cleanup.policy", "compact").split(","))
    expected = codecs.kept_for(kept_ms) if kept_ms is not None else None
    if "compact" not in policy or (expected is None and "delete" in policy):
        wanted = "compact,delete" if expected else "compact"
        yield fail(
            "topics",
            f"{name}: cleanup.policy is {','.join(sorted(policy))}, expected {wanted}: stored figures vanish",
            f"Set it: {ALTER} {name} --add-config cleanup.policy=[{wanted}]",
        )
    retention_ms = int(configs.get("retention.ms", -1))
    if expected is not None and "delete" in policy and 0 <= retention_ms < (expected.retention_ms or 0):
        yield warn(
            "topics",
            f"{name}: retention.ms is {retention_ms}, expected at least {expected.retention_ms}: after a restart older "
            "figures may be gone",
            f"Set it: {ALTER} {name} --add-config retention.ms={expected.retention_ms}",
        )


def _compaction(found: Mapping[str, Found], prefix: str) -> Iterator[Finding]:
    for topic in TOPICS:
        configs = found[topic.name(prefix)].configs if topic.name(prefix) in found else {}
        for config, expected in topic.configs.items():
            told = configs.get(config)
            if told is None or topic.configs["cleanup.policy"] != "compact":
                continue
            wrong = (config in AT_MOST and float(told) > float(expected)) or (
                config in AT_LEAST and float(told) < float(expected)
            )
            if wrong:
                bound = "most" if config in AT_MOST else "least"
                yield warn(
                    "topics",
                    f"{topic.name(prefix)}: {config} is {told}, expected at {bound} {expected}",
                    f"Set it: {ALTER} {topic.name(prefix)} --add-config {config}={expected}",
                )


def _copies(seen: Kafka) -> Iterator[Finding]:
    leaderless = [name for name, parts in seen.copies.items() if not all(part.led for part in parts)]
    if leaderless:
        yield fail(
            "topics", f"{listed(leaderless)}: partitions without a leader", "Look at the brokers and their disks"
        )
    behind = [name for name, parts in seen.copies.items() if any(part.in_sync < part.copies for part in parts)]
    if behind:
        yield warn("topics", f"{listed(behind)}: copies are not in sync", "Look at the brokers: is one down, or slow?")
    single = [name for name, parts in seen.copies.items() if _least(parts) == 1]
    if single and seen.brokers >= ENOUGH_BROKERS:
        yield warn(
            "topics",
            f"{listed(single)}: one copy on {seen.brokers} brokers, so that a lost disk is lost figures",
            "Give them three with kafka-reassign-partitions.sh, and set kafka.replication = 3 for those to come",
        )
    for name, parts in seen.copies.items():
        yield from _acknowledged(name, _least(parts), seen.topics.get(name))


def _acknowledged(name: str, copies: int, found: Found | None) -> Iterator[Finding]:
    told = None if found is None else found.configs.get("min.insync.replicas")
    if told is None or not copies:
        return
    least = int(told)
    if least > copies:
        yield fail(
            "topics",
            f"{name}: min.insync.replicas is {least} with {copies} cop{'y' if copies == 1 else 'ies'}, so that nothing "
            "can be written",
            f"Set it: {ALTER} {name} --add-config min.insync.replicas={max(1, copies - 1)}",
        )
    elif copies > 1 and least == copies:
        yield warn(
            "topics",
            f"{name}: min.insync.replicas is {least} of {copies} copies, so that one broker away stops every write",
            f"Set it: {ALTER} {name} --add-config min.insync.replicas={copies - 1}",
        )
    elif copies >= ENOUGH_BROKERS and least < 2:
        yield warn(
            "topics",
            f"{name}: min.insync.replicas is {least} of {copies} copies, so that a write can be lost with one broker",
            f"Set it: {ALTER} {name} --add-config min.insync.replicas=2",
        )


def _untold(found: Mapping[str, Found]) -> Iterator[Finding]:
    names = [name for name, topic in found.items() if not topic.configs]
    if names:
        yield skip(
            "topics",
            f"policies of {listed(names)} are not told to this user",
            "To have them checked, give it DescribeConfigs on these topics",
        )


def _least(parts: tuple[Copies, ...]) -> int:
    return min((part.copies for part in parts), default=0)
