"""The one place that reads clocks. Everything else takes the time as an argument."""

import time


def now_ms() -> int:
    """Wall clock, integer milliseconds since the epoch, UTC."""
    return time.time_ns() // 1_000_000


def monotonic_s() -> float:
    """Seconds on a clock that never goes back; only differences mean something."""
    return time.monotonic()
