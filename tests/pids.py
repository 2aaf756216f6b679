"""What became of a process that is not our child."""

import os
import signal
from pathlib import Path

from tests.waiting import until


def ended(pid: int, within_s: float = 8.0) -> bool:
    """Whether the process ends in time; one that does not is killed: a red test leaves nothing."""
    try:
        until(lambda: not alive(pid), f"process {pid} ends", within_s)
    except AssertionError:
        os.kill(pid, signal.SIGKILL)
        return False
    return True


def alive(pid: int) -> bool:
    """A zombie, which only waits for its parent to look, is not alive."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
