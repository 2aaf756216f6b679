"""Faults of topics in sentences: each advice once."""

from callpulse.stream.topic_findings import Finding, Severity, together
from callpulse.stream.topics import Found, judge

PRODUCERS = {"message.timestamp.type": "CreateTime"}
SHORT = {"retention.ms": "1000"}


def test_topics_with_the_same_fault_share_a_sentence_and_its_advice() -> None:
    found = {f"callpulse.{name}": Found(8, {**PRODUCERS, **SHORT}) for name in ("calls", "agents")}
    assert together(judge(found, 8)) == [
        (
            Severity.WARNING,
            "callpulse.calls, callpulse.agents: message.timestamp.type is CreateTime, expected LogAppendTime. Set it: "
            "kafka-configs.sh --alter --entity-type topics --entity-name TOPIC --add-config "
            "message.timestamp.type=LogAppendTime",
        ),
        (
            Severity.WARNING,
            "callpulse.calls, callpulse.agents: retention.ms is 1000, expected at least 259200000. A worker that is "
            "down for longer loses events. Set it: kafka-configs.sh --alter --entity-type topics --entity-name TOPIC "
            "--add-config retention.ms=604800000",
        ),
    ]


def test_a_fault_of_one_topic_names_it_in_the_advice_too() -> None:
    ((_, sentence),) = together(judge({"x.calls": Found(8, PRODUCERS)}, 8, "x"))
    assert sentence.startswith("x.calls: message.timestamp.type is CreateTime")
    assert "--entity-name x.calls --add-config" in sentence


def test_partitions_added_in_place_are_told_with_the_command_that_puts_it_right() -> None:
    """Whatever the setting says: as long as the counts differ, cells and events do not belong together."""
    found = {f"callpulse.{name}": Found(4) for name in ("agents", "queue-agents", "stream-contacts-changelog")}
    found["callpulse.calls"] = Found(6)
    command = "Stop sources and workers, then: callpulse repartition --partitions 6"
    why = f"Partitions were added in place, which moves queues away from their figures. {command}"
    assert [text for _, text in together(judge(found, 4))] == [
        f"callpulse.calls: the number of partitions is 6, expected 4. {why}"
    ]
    assert [text for _, text in together(judge(found, 6))] == [
        "callpulse.agents, callpulse.queue-agents, callpulse.stream-contacts-changelog: the number of partitions is 4, "
        f"expected 6. {why}"
    ]
    assert all("--partitions 8" in text for _, text in together(judge(found, 8)))


def test_after_a_repartition_an_old_setting_is_told_the_new_number() -> None:
    found = {f"callpulse.{name}": Found(6) for name in ("calls", "agents", "stream-agents-changelog")}
    assert [text for _, text in together(judge(found, 4))] == [
        "callpulse.calls, callpulse.agents, callpulse.stream-agents-changelog: the number of partitions is 6, expected "
        "4. Set kafka.partitions to 6, as all topics here have it"
    ]


def test_faults_that_differ_stay_apart() -> None:
    findings = [
        Finding("a", "x", "1", "2", "Do."),
        Finding("b", "x", "1", "3", "Do."),
        Finding("c", "x", "1", "2", "Do."),
    ]
    assert [text for _, text in together(findings)] == ["a, c: x is 2, expected 1. Do.", "b: x is 3, expected 1. Do."]
