"""Which partition a key belongs to: Java's murmur2, part of the contract (docs/EVENTS.md)."""

from functools import lru_cache

from aiokafka.partitioner import murmur2


@lru_cache(maxsize=65_536)
def partition_of(key: str, partitions: int) -> int:
    """The partition of `key` among `partitions`."""
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % partitions)
