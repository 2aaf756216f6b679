"""What the two programs for Bytewax share: its Kafka source, decoding, and a sink that keeps what comes out."""

import json
from collections.abc import Callable
from typing import Any

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.run import cli_main

from bench.peers.job import Job, Row, answer, asked, began, over

Keyed = tuple[str, tuple[int, str]]  # queue; time (ms) and kind


class Rows(DynamicSink[Row], StatelessSinkPartition[Row]):
    """Keeps rows until they hold all events."""

    def __init__(self, events: int) -> None:
        self.rows: list[Row] = []
        self.left = events

    def build(self, step_id: str, worker_index: int, worker_count: int) -> "Rows":
        return self

    def write_batch(self, items: list[Row]) -> None:
        for row in items:
            self.rows.append(row)
            self.left -= sum(row[2])
            if not self.left:
                over()


class Decoding:
    """Tells of the first event."""

    def __init__(self) -> None:
        self.begun = False

    def __call__(self, message: KafkaSourceMessage[bytes, bytes]) -> Keyed:
        if not self.begun:
            self.begun = True
            began()
        told = json.loads(message.value)
        return told["queue"], (message.timestamp[1], told["type"])


def serve(count: Callable[[Any], Any]) -> None:
    """Run a dataflow to the end of the topic. `count`: stream of Keyed -> stream of Row."""
    job: Job = asked()
    sink, flow = Rows(job.events), Dataflow(job.name)
    messages = op.input("kafka", flow, KafkaSource([job.brokers], [job.topic], tail=False))
    op.output("rows", count(op.map("decode", messages, Decoding())), sink)
    cli_main(flow)
    answer(job, sink.rows)
