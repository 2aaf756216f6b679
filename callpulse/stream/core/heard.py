"""Which sources were heard, and when last: no more of them than a site can have, whatever names a feed makes up."""

from collections.abc import Collection

from callpulse.stream.core.events import Reason, Rejected
from callpulse.stream.core.limits import HOUR_MS

MOST_SOURCES = 500  # all of them stand in Redis, and in a record of each partition each second
GONE_MS = 24 * HOUR_MS  # who has been silent for so long was taken away, and makes room


def hear(
    heard: dict[str, int],
    source: str,
    at_ms: int,
    clock_ms: int,
    most: int = MOST_SOURCES,
    real: Collection[str] = frozenset(),
) -> Rejected | None:
    """Note a heartbeat in `heard`, source -> its last (ms). Refused is a new source where there are `most` already.
    `real`: those of which there are queues; they go before all others, whoever was heard first."""
    if source not in heard and len(heard) >= most:
        others = [each for each in heard if each not in real]
        longest = min(others or heard, key=heard.__getitem__)
        has_right = source in real and bool(others)
        if not has_right and heard[longest] > clock_ms - GONE_MS:
            detail = f"a new name, and {most} sources were heard in the last day; expected no more"
            return Rejected(Reason.TOO_MANY_SOURCES, "source", detail)
        del heard[longest]
    heard[source] = max(at_ms, heard.get(source, at_ms))
    return None
