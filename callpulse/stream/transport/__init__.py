"""Batches in, cuts out: Faust's agents, tables, assignor and recovery, at the speed of a plain consumer loop and exact
over kills, freezes and rebalances. How and why: docs/ARCHITECTURE.md, "State, and why the numbers are exact"."""

from callpulse.stream.transport.app import BatchApp, Source
from callpulse.stream.transport.cellstore import Codec
from callpulse.stream.transport.consumer import BatchConsumer
from callpulse.stream.transport.cut import Cut, Writer
from callpulse.stream.transport.errors import (
    CorruptChangelogError,
    HalfAppliedError,
    NotABatchTopicError,
    RecordTooLargeError,
    TransportError,
)
from callpulse.stream.transport.part import Batch, Part
from callpulse.stream.transport.running import run
from callpulse.stream.transport.settings import faust_settings

__all__ = [
    "Batch",
    "BatchApp",
    "BatchConsumer",
    "Codec",
    "CorruptChangelogError",
    "Cut",
    "HalfAppliedError",
    "NotABatchTopicError",
    "Part",
    "RecordTooLargeError",
    "Source",
    "TransportError",
    "Writer",
    "faust_settings",
    "run",
]
