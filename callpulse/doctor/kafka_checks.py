"""All that is said of Kafka, from what was seen of it. Pure."""

from collections.abc import Iterator

from callpulse.doctor.clock_checks import clock_findings
from callpulse.doctor.finding import Finding, fail, ok, skip
from callpulse.doctor.seen import Kafka, Rights
from callpulse.doctor.topic_checks import topic_findings
from callpulse.doctor.worker_checks import refused_findings, worker_findings
from callpulse.settings import Settings


def kafka_findings(seen: Kafka, settings: Settings, process: str) -> Iterator[Finding]:
    """In the order in which they are shown."""
    config = settings.kafka
    if seen.trouble:
        yield fail(
            "kafka",
            seen.trouble,
            "Is it up, and are kafka.brokers, kafka.security_protocol, user and password right?",
        )
        return
    yield _reached(seen, config.idempotence)
    yield from topic_findings(seen, config.partitions, config.prefix, settings.limits())
    told = {
        "rights": _rights(seen.rights, process, bool(seen.topics)),
        "workers": worker_findings(seen.group, config.partitions),
        "rejected": refused_findings(seen.refused),
        "clocks": clock_findings(seen.clocks, settings.limits().max_future_ms),
    }
    for part, findings in told.items():
        why = seen.untold.get(part)
        yield from findings if why is None else [skip(part, f"it could not be asked: {why}")]


def _reached(seen: Kafka, idempotence: bool) -> Finding:
    if idempotence and not seen.idempotent:
        return fail(
            "kafka",
            f"{seen.where} knows no idempotent producers, so that sources cannot write",
            "Set kafka.idempotence = false, or take Apache Kafka: over kills only that is exact",
        )
    return ok("kafka", f"{seen.brokers} broker{'s'[: seen.brokers != 1]} at {seen.where}")


def _rights(rights: Rights, process: str, there: bool) -> Iterator[Finding]:
    """`there`: whether there are any topics."""
    if rights.lacks:
        yield fail("rights", rights.lacks, "Give them to it: kafka-acls.sh --add --allow-principal User:NAME")
    elif not rights.told or not there:
        yield skip("rights", "this broker does not tell what a user may do" if there else "there are no topics yet")
    else:
        yield ok("rights", f"this user may do all that `callpulse {process}` does")
