"""What the stream tells the rules: what happened in one queue in one closed pane of event time."""

from typing import NamedTuple

TICK_MS = 10_000


class Tick(NamedTuple):
    """One queue, one closed pane of `TICK_MS` that ended at `at_ms` (event time)."""

    at_ms: int  # end of the pane
    arrivals: int  # enqueued in the pane
    hits: int  # decided within T in the pane (answered <= T), at min(answer, abandon, enqueue + T)
    misses: int  # decided as not in time in the pane (abandoned, exited or T passed)
    ended: int  # conversations that ended, after-call work included
    busy_ms: int  # agent time talking, on hold or in after-call work; without agents' states: of contacts in service
    staffed: int | None  # agents signed in and not paused at the end of the pane; None = no agents' states
    busy: int  # of them not ready (ringing counts as ready); without agents' states: contacts in service
    waiting: int  # at the end of the pane
    oldest_wait_ms: int  # 0 where nobody waits
