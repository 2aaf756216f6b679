"""The plain loop: aiokafka's getmany over all partitions, set up as the worker sets up its own consumer."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.contestants.job import Job, Lap, Watch
from callpulse.stream import garbage

Apply = Callable[[int, list[Any]], None]


async def catch_up(job: Job, apply: Apply) -> Lap:
    """`apply(partition, records)` for every fetch until all events are read. Python looks for garbage as it does in the
    worker, or else the books would be measured against its absence."""
    garbage.look_seldom()
    consumer = AIOKafkaConsumer(
        bootstrap_servers=job.brokers,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        check_crcs=False,
        fetch_max_wait_ms=50,
        max_partition_fetch_bytes=1_048_576,
    )
    await consumer.start()
    try:
        await asyncio.sleep(max(0.0, job.begin_s - time.perf_counter()))
        consumer.assign([TopicPartition(job.topic, n) for n in job.only or range(job.partitions)])
        return await _read(consumer, job, apply)
    finally:
        await consumer.stop()


async def _read(consumer: AIOKafkaConsumer, job: Job, apply: Apply) -> Lap:
    watch, read = Watch(), 0
    while read < job.events:
        fetched = await consumer.getmany(timeout_ms=1000, max_records=5000)
        for partition, records in fetched.items():
            watch.start()
            apply(partition.partition, records)
            read += len(records)
    return watch.lap(read)
