"""Memory and CPU time of other processes, from /proc (Linux)."""

import os
from collections.abc import Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_s(pid: int) -> float:
    """User and system time that a process has used, its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def rss_mb(pid: int) -> float:
    """Memory a process has in use, in units of 1,000,000 bytes; shared libraries count for each."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE / 1e6


def tree(pid: int) -> Iterator[int]:
    """A process and all it has started, as far as they live."""
    yield pid
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it ended meanwhile
            continue
        if parent == pid:
            yield from tree(int(path.parent.name))


def title(pid: int) -> str:
    """What a process is, in a word: the command of callpulse, or the program."""
    argv = Path(f"/proc/{pid}/cmdline").read_bytes().decode().rstrip("\0").split("\0")
    if "callpulse" in argv[1:3]:
        rest = argv[argv.index("callpulse") + 1 :]
        return f"callpulse {rest[2] if rest[0] == '--config' else rest[0]}"
    return Path(argv[0]).name
