"""What version 1 of the alerts worker stored, and of the worker told in the kpis topic; kept like tests/state_v1.py.

`python -m tests.alerts_v1` wrote it, once.
"""

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import msgspec

from callpulse.alerts.core.rules import Level, Rule
from callpulse.alerts.storing import AlertTopic
from callpulse.stream.board_record import of_view
from tests import state_v1
from tests.alert_site import BAD, WELL, Site, plan
from tests.flush.worker import Worker
from tests.state_v1 import KEPT

LATE = Rule(name="late", kpi="service_level", side="below", critical=Level(0.5, 0.6), for_ms=20_000)
PLAN = plan([LATE], capacity=True)


class Kept:
    """Of aiokafka's producer: what it was given, as records."""

    def __init__(self) -> None:
        self.records: list[Any] = []

    async def send(self, topic: str, value: bytes | None, key: bytes) -> "asyncio.Future[None]":
        at = len(self.records)
        self.records.append(SimpleNamespace(topic=topic, partition=0, offset=at, key=key, value=value))
        ack: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        ack.set_result(None)
        return ack


def in_trouble() -> Site:
    """Two queues: one whose alert has been told and taken, one that is well; and a mute."""
    site = Site(PLAN)
    site.see("sales", WELL)
    site.see("help", WELL)
    site.go("09:00", "09:05", ticks=True)
    site.see("sales", BAD)
    site.go("09:05", "09:10", ticks=True)
    site.ask("ack", id="1", alert=site.notices[0].id, why="calling help")
    site.ask("mute", id="2", queue="help", why="drill", until_ms=site.now_ms + 3_600_000)
    return site


async def _alerts() -> list[Any]:
    site, kept = in_trouble(), Kept()
    topic = AlertTopic(kept, "callpulse.alerts", 1, lambda: site.now_ms, 30_000)  # type: ignore[arg-type]
    for fact in site.facts:
        topic.put(fact)
    await topic.flush()
    return kept.records


def _kpis() -> dict[str, Any]:
    viewing = Worker(state_v1.broker()).app.viewing
    found = {queue: viewing.see(queue) for queue in sorted(set(viewing.queues()))}
    return {
        f"queue:{queue}": of_view(
            seen.view, seen.figures, partition=0, version=(1, 1), writer="w", source=seen.source, channel=seen.channel,
            site=seen.site, written_at_ms=seen.view.as_of_ms, ticks=tuple(seen.ticks),
        )
        for queue, seen in found.items() if seen
    }  # fmt: skip


def records(name: str) -> list[Any]:
    """As version 1 left them in a topic."""
    lines = [json.loads(line) for line in (KEPT / f"{name}.jsonl").read_text().splitlines()]
    return [
        SimpleNamespace(
            topic=name, partition=0, offset=at, key=key.encode(), value=json.dumps(value, ensure_ascii=False).encode()
        )
        for at, (key, value) in enumerate(lines)
    ]


def write() -> None:
    """Once for each version."""
    alerts = [(record.key.decode(), json.loads(record.value)) for record in asyncio.run(_alerts())]
    kpis = [(key, msgspec.to_builtins(record, str_keys=True)) for key, record in _kpis().items()]
    for name, lines in (("alerts", alerts), ("kpis", kpis)):
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (KEPT / f"{name}.jsonl").write_text(text)


if __name__ == "__main__":
    write()
