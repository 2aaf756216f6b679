"""What would become of refused records now, which are asked for, and what is told of them."""

from collections import deque
from zoneinfo import ZoneInfo

import msgspec
import pytest

from callpulse.rejected import words
from callpulse.rejected.choosing import Asked, Found
from callpulse.rejected.judging import Again, Stays, World, judged
from callpulse.rejected.record import Refused
from callpulse.rejected.retrying import Outcome
from callpulse.stream.core.limits import Limits
from callpulse.stream.partitioning import partition_of
from callpulse.stream.pseudonyms import AgentNames

UTC = ZoneInfo("UTC")
NOON = 1_795_262_400_000
DAY = 86_400_000


def refused(value: dict | str, reason: str = "wrong_partition", topic: str = "c.calls", **more) -> Refused:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    told = {"partition": 0, "offset": 9, "size": len(text.encode()), "at": 4, "refused_ms": NOON} | more
    return Refused(reason=reason, topic=topic, value=text, **told)


def call(**more) -> dict:
    return {"type": "abandoned", "at": NOON, "queue": "sales", "contact_id": "1"} | more


def world(clock_ms: int | None = NOON, now_ms: int = NOON) -> World:
    clocks = {} if clock_ms is None else {("calls", partition_of("sales", 4)): clock_ms}
    return World({"c.calls": "calls", "c.agents": "agents"}, 4, clocks, now_ms, Limits())


def test_a_record_of_a_wrongly_keyed_producer_is_sent_again():
    found = judged(refused(call()), world())
    assert isinstance(found, Again)
    assert (found.event.queue, found.event.contact_id) == ("sales", "1")


def test_an_agents_record_is_sent_again_too():
    state = {"type": "agent_state", "at": NOON, "agent": "7", "state": "ready", "queues": ["sales"]}
    assert isinstance(judged(refused(state, topic="c.agents"), world()), Again)


def test_what_was_ahead_of_time_is_sent_once_its_time_is_near():
    ahead = refused(call(at=NOON + 600_000), reason="future")
    assert judged(ahead, world(now_ms=NOON)) == Stays(
        "future", "600000 ms ahead of the broker's clock; expected at most 300000"
    )
    assert isinstance(judged(ahead, world(now_ms=NOON + 300_000)), Again)


def test_what_is_too_late_stays_by_the_clock_of_its_partition():
    late = refused(call(), reason="too_late")
    found = judged(late, world(clock_ms=NOON + DAY + 1))
    assert isinstance(found, Stays)
    assert found.why == "too_late"
    assert isinstance(judged(late, world(clock_ms=NOON + DAY)), Again)
    assert isinstance(judged(late, world(clock_ms=None)), Again)


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (refused("{", reason="not_json"), "not_json"),
        (refused({"type": "enqueed", "at": 1}, reason="unknown_type"), "unknown_type"),
        (refused(call(), reason="too_many_facts"), "too_many_facts"),
        (refused({"type": "heartbeat", "at": NOON}, reason="future"), "passed"),
        (refused({"type": "heartbeat", "at": NOON, "source": "new"}, reason="too_many_sources"), "passed"),
        (refused({"type": "snapshot", "at": NOON, "queue": "sales"}), "passed"),
        (refused(call(), topic="c.queue-agents"), "other_topic"),
        (refused(call(), topic="another.calls"), "other_topic"),
        (refused(call(), size=99_999), "too_large"),
    ],
    ids=lambda each: each if isinstance(each, str) else each.reason,
)
def test_what_would_be_refused_again_or_says_nothing_any_more_is_not_sent(record, why):
    found = judged(record, world())
    assert isinstance(found, Stays)
    assert found.why == why


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        ({}, True),
        ({"reason": "wrong_partition"}, True),
        ({"reason": "future"}, False),
        ({"topic": "calls"}, True),
        ({"topic": "agents"}, False),
        ({"queue": "sales"}, True),
        ({"queue": "support"}, False),
        ({"since_ms": NOON}, True),
        ({"since_ms": NOON + 1}, False),
    ],
)
def test_each_option_chooses(asked, held):
    assert Asked("c", **asked).holds(refused(call())) is held


def test_an_agents_record_is_of_every_queue_it_serves():
    state = refused({"type": "agent_state", "agent": "7", "queues": ["a", "b", 3]}, topic="c.agents")
    assert Asked("c", queue="b").holds(state)
    assert state.names() == ("7", ("a", "b"))


PERSONAL = refused(
    call(wait_s="+31 6 1234"), reason="bad_value", field="wait_s", detail="'+31 6 1234'; expected a finite number"
)


def told(record: Refused, *, raw: bool, retried: bool = False) -> str:
    found = Found(newest=deque(maxlen=9))
    found.take(record, retried)
    lines = [*words.line(record, retried, UTC, raw=raw, names=AgentNames()), *words.summary(found.groups, UTC, raw=raw)]
    return "\n".join(lines) + msgspec.json.encode(words.values(found, raw=raw, names=AgentNames())).decode()


def test_what_a_record_holds_is_told_only_where_it_is_asked_for():
    assert "1234" not in told(PERSONAL, raw=False)
    assert "'…'; expected a finite number" in told(PERSONAL, raw=False)
    assert "'+31 6 1234'; expected a finite number" in told(PERSONAL, raw=True)
    assert '"contact_id":"1"' in told(PERSONAL, raw=True)


def test_an_agent_is_told_by_a_pseudonym():
    record = refused({"type": "agent_state", "agent": "ann", "state": "x"}, reason="bad_value", topic="c.agents")
    assert "ann" not in told(record, raw=False)
    assert words.owner(record, AgentNames(shown=True)) == "agent ann"
    assert words.owner(record, AgentNames(key="k")) == f"agent {AgentNames(key='k').pseudonym('ann')}"


def test_a_line_says_when_why_where_and_whose():
    line, *_ = words.line(PERSONAL, True, UTC, raw=False, names=AgentNames())
    assert line == (
        "2026-11-21 12:00:00  bad_value wait_s, sent again  c.calls/0/9  queue sales  '…'; expected a finite number"
    )


def test_the_sum_has_a_line_for_each_reason_with_an_example():
    found = Found(newest=deque(maxlen=0))
    for record, retried in ((refused(call(), refused_ms=NOON - 1000), True), (refused(call()), False), (PERSONAL, 0)):
        found.take(record, bool(retried))
    assert list(words.summary(found.groups, UTC, raw=False)) == [
        "        2  wrong_partition  c.calls, 1 sent again  2026-11-21 11:59:59 to 2026-11-21 12:00:00",
        "           ",
        "        1  bad_value  c.calls  2026-11-21 12:00:00 to 2026-11-21 12:00:00",
        "           wait_s: '…'; expected a finite number",
    ]


def test_what_was_done_is_told_by_reason():
    outcome = Outcome(before=2, unread=1)
    outcome.sent.update(wrong_partition=1200, future=1)
    outcome.stay.update(too_late=3)
    outcome.examples["too_late"] = "5 ms behind the feed; expected at most 4 (visit_retention)"
    assert list(words.outcome_lines(outcome, applied=True)) == [
        "sent again: 1,201 (wrong_partition 1,200, future 1)",
        "not sent, to be refused again: 3 (too_late 3)",
        "    too_late: 5 ms behind the feed; expected at most 4 (visit_retention)",
        "sent again before: 2",
        "written by another version of callpulse, left alone: 1",
    ]
    assert next(words.outcome_lines(outcome, applied=False)).startswith("would be sent again: 1,201")
