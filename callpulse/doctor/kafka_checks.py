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
    yield _rights(seen.rights, process, bool(seen.topics))
    yield from worker_findings(seen.group, config.partitions)
    yield from refused_findings(None if "rejected" in seen.untold else seen.refused)
    yield from clock_findings(seen.clocks, settings.limits().max_future_ms)


def _reached(seen: Kafka, idempotence: bool) -> Finding:
    if idempotence and not seen.idempotent:
        return fail(
            "kafka",
            f"{seen.where} knows no idempotent producers, so that sources cannot write",
            "Set kafka.idempotence = false, or take Apache Kafka: over kills only that is exact",
        )
    return ok("kafka", f"{seen.brokers} broker{'s'[: seen.brokers != 1]} at {seen.where}")


def _rights(rights: Rights | None, process: str, there: bool) -> Finding:
    """`there`: whether there are any topics. None: it could not be asked."""
    if rights is not None and rights.lacks:
        return fail("rights", rights.lacks, "Give them to it: kafka-acls.sh --add --allow-principal User:NAME")
    if rights is None or not rights.told or not there:
        return skip("rights", "this broker does not tell what a user may do" if there else "there are no topics yet")
    return ok("rights", f"this user may do all that `callpulse {process}` does")
