"""The key of agents' pseudonyms is changed in the middle of a shift: names change, nobody is lost or counted twice."""

import json
from pathlib import Path

from callpulse import clock
from callpulse.current.connection import connect
from callpulse.current.keys import Keys
from callpulse.stream.core.events import AgentState, Enqueued
from callpulse.stream.pseudonyms import AgentNames
from tests.line import Line, numbers
from tests.waiting import until_async


async def test_a_key_that_changes_changes_names_and_no_figure(
    embedded_broker: str, valkey_url: str, tmp_path: Path
) -> None:
    at = clock.now_ms() - 60_000
    call = Enqueued(at=at, queue="sales", contact_id="1")
    people = [AgentState(at=at, agent=each, state="ready", queues=("sales", "support")) for each in ("7001", "7002")]
    line = Line(embedded_broker, valkey_url, tmp_path, idempotent=False, settings={})
    async with line, connect(line.environment["CALLPULSE_REDIS_URL"]) as redis:

        async def shown() -> set[str]:
            raw = await redis.get(Keys(line.name).of("queue", "sales", "agents"))
            return {each["agent"] for each in json.loads(raw or "[]")}

        for second, key in enumerate(("", "0123456789abcdef", "fedcba9876543210")):
            line.environment["CALLPULSE_SITE_AGENT_KEY"] = key
            worker = line.start_worker()
            await line.send([call, *people] if not second else [], at + 1000 * second)
            expected = {AgentNames(key=key).of(each.agent) for each in people}

            async def renamed(expected: set[str] = expected) -> bool:
                return await shown() == expected

            await until_async(renamed, f"{expected} with key {key!r}", 60, line.log)

            async def counted(reach_ms: int = at + 1000 * second) -> bool:
                total = await line.total({"offered": 1})
                ready = numbers(total, "now")["agents.ready"]
                assert ready <= len(people)
                return ready == len(people) and total.event_time_ms >= reach_ms

            await until_async(counted, "both in the total, as far as the data reaches", 60, line.log)
            assert key == "" or key not in line.log()
            await line.ends(worker)
