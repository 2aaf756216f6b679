"""What became of a process that is not our child."""

import os
import signal
import time
from pathlib import Path

from callpulse import clock


def ended(pid: int, within_s: float = 8.0) -> bool:
    """Whether the process ends in time; one that does not is killed: a red test leaves nothing."""
    deadline = clock.monotonic_s() + within_s
    while clock.monotonic_s() < deadline:
        if not alive(pid):
            return True
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    return False


def alive(pid: int) -> bool:
    """A zombie, which only waits for its parent to look, is not alive."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
