"""What a worker writes while everything goes wrong: objects of JSON, few of them, nobody's number, no traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from callpulse import kafka
from callpulse.demo.children import free_port
from callpulse.stream.core import events as ev
from tests.contracts.line_life import NOON, call
from tests.line import Line
from tests.waiting import until_async

CALLER = "0612345678"
BAD = 4_000


def bad_events() -> list[bytes]:
    """Each refused for another reason, each with a caller's number where it should not be."""
    kinds: list[Any] = [
        {"type": "enqueued", "at": f"at {CALLER}", "queue": "sales", "contact_id": "1"},
        {"type": f"caller {CALLER}", "at": 1},
        {"type": "connected", "at": 1_795_348_800_000, "queue": "sales", "contact_id": "1", "wait_s": f"tel:{CALLER}"},
        {"type": "enqueued", "at": 1_795_348_800_000, "contact_id": CALLER},
        [CALLER],
    ]
    return [*(json.dumps(each).encode() for each in kinds), b"{" + CALLER.encode()]


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


async def test_every_line_of_a_worker_in_trouble_is_an_object_and_they_are_few(
    embedded_broker: str, tmp_path: Path
) -> None:
    no_redis = f"redis://127.0.0.1:{free_port()}/0"
    async with Line(embedded_broker, no_redis, tmp_path, idempotent=False) as line:
        line.environment["CALLPULSE_LOGS_FORMAT"] = "json"
        worker = line.start_worker()
        kinds, calls = bad_events(), kafka.topic(line.settings.kafka, "calls")
        async with AIOKafkaProducer(**kafka.client(line.settings.kafka)) as producer:
            for number in range(BAD):
                await producer.send(calls, kinds[number % len(kinds)], key=b"sales", partition=number % 4)
            await producer.send(f"{line.name}.kpis", CALLER.encode(), key=b"queue:sales", partition=0)
            await producer.flush()

        def refused() -> float:
            told = [row for row in line.get("/metrics")[1].splitlines() if row.startswith("callpulse_events_rejected_")]
            return sum(float(row.rpartition(" ")[2]) for row in told)

        await until_async(lambda: refused() == BAD, "all refused", 60, line.log)
        await line.send([call(ev.Enqueued, 0, "sales", "1")], NOON)
        await line.says("Redis is away")
        await line.ends(worker)
        said = objects(line.log())
        assert CALLER not in line.log()
        assert "Traceback" not in line.log()
        assert len(said) < 30
        assert all({"time", "level", "logger", "message"} <= each.keys() for each in said)
        traced = [each for each in said if "refused as" in each["message"]]
        assert {each["topic"] for each in traced} == {calls}
        assert all(each["trace"] == f"{calls}/{each['partition']}/{each['offset']}" for each in traced)
        assert len(traced) >= 4  # a line for each reason


BREAKS = """
from callpulse.cli import main
from callpulse.commands import worker

async def breaks(*_, **__):
    raise LookupError("sales")

worker.serve = breaks
main(["worker"])
"""


def test_a_defect_is_the_last_object_with_where_it_came_from() -> None:
    environment = {**os.environ, "CALLPULSE_LOGS_FORMAT": "json"}
    done = subprocess.run([sys.executable, "-c", BREAKS], env=environment, capture_output=True, text=True, check=False)
    *_, last = objects(done.stderr)
    assert (done.returncode, last["level"], last["error"]) == (1, "critical", "LookupError: sales")
    assert last["message"].startswith("a defect of callpulse (worker.py, line ")
    assert last["stack"][-1].endswith(" breaks")


async def test_the_last_words_of_a_worker_are_an_object_too(
    embedded_broker: str, valkey_url: str, tmp_path: Path
) -> None:
    async with Line(embedded_broker, valkey_url, tmp_path, idempotent=False) as line:
        line.environment["CALLPULSE_LOGS_FORMAT"] = "auto"  # into a file: for programs
        line.environment["CALLPULSE_KAFKA_PARTITIONS"] = "8"  # its topics have four
        worker = line.start_worker()
        await until_async(lambda: worker.poll() is not None, "an end", 60, line.log)
        line.workers.remove(worker)
        last = objects(line.log())[-1]
        assert (worker.returncode, last["level"], last["logger"]) == (1, "critical", "callpulse")
        assert "partitions" in last["message"]
