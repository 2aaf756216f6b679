"""Child processes that do not outlive their parent: start one, see it ready, end it."""

import atexit
import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from callpulse import clock

Child = subprocess.Popen[bytes]
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_LOOK_EVERY_S = 0.02
_PR_SET_PDEATHSIG = 1
_running: dict[Child, bool] = {}  # and whether it leads a process group of its own


class NotReadyError(Exception):
    """A child ended, or was not ready in time; the message names it and quotes the end of its log."""


def start(
    argv: Sequence[str],
    log: Path | None,
    *,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Child:
    """A child in a process group of its own whose output is appended to `log`; its input is empty.

    Without a log the child stays in our process group and keeps the terminal: it is the foreground one.
    On Linux the kernel kills the child when the thread that started it ends, so start children from a thread
    that lives as long as they should. On other systems a parent killed with -9 leaves them behind.
    `environment` is the child's whole environment; None inherits ours.
    """
    with contextlib.ExitStack() as files:
        output = files.enter_context(log.open("ab")) if log else None
        child = subprocess.Popen(  # noqa: S603 - argv is a list of ours, no shell reads it
            argv,
            stdin=subprocess.DEVNULL if log else None,
            stdout=output,
            stderr=subprocess.STDOUT if log else None,
            env=environment,
            cwd=cwd,
            process_group=0 if log else None,
            preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - it only makes system calls, no lock can be held
        )
    _running[child] = log is not None
    return child


def has_ended(child: Child) -> bool:
    """Looks, without waiting. STOP_SIGNALS come before or after: what their handlers raise in the middle of
    `Popen.poll` would leave its lock held, and whoever then waits for the child waits for ever."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        return child.poll() is not None
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def stop(child: Child, grace_s: float = 5.0) -> None:
    """TERM, and KILL after `grace_s`; returns when the child is gone, and what it started with it.

    A child that has ended already is fine.
    """
    child.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(grace_s)
    kill(child)


def kill(child: Child) -> None:
    """KILL, as a power cut would; returns when the child is gone, and what it started with it."""
    child.kill()
    child.wait()
    if _running.pop(child, False):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


def wait_until(ready: Callable[[], bool], child: Child, name: str, log: Path, timeout_s: float) -> None:
    """Looks until `ready()`; NotReadyError when the child ends first or `timeout_s` passes."""
    deadline = clock.monotonic_s() + timeout_s
    while not ready():
        if has_ended(child):
            raise NotReadyError(f"{name} ended at once ({ending(child)}).{last_lines(log)}")
        if clock.monotonic_s() > deadline:
            raise NotReadyError(f"{name} was not ready within {timeout_s:g} s.{last_lines(log)}")
        time.sleep(_LOOK_EVERY_S)  # a port that begins to listen tells nobody


def ending(child: Child) -> str:
    """How an ended child ended, in words."""
    code = child.returncode
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log, indented, for the end of a message; "" when there is nothing."""
    lines = log.read_text(errors="replace").splitlines()[-count:] if log.exists() else []
    return "".join(f"\n    {line}" for line in [f"Last lines of {log}:", *lines]) if lines else ""


def free_port(preferred: int | None = None) -> int:
    """`preferred` if nothing listens there on 127.0.0.1, else a port the system picks."""
    for port in (preferred or 0, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise OSError("no free port on 127.0.0.1")


def accepts(port: int) -> bool:
    """Whether something on 127.0.0.1 takes a connection on `port`."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _die_with(parent: int) -> Callable[[], None] | None:
    """What a new child does before it becomes its program: ask the kernel to kill it when its parent ends."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before the request was in
            os._exit(1)

    return ask


@atexit.register
def _stop_all() -> None:
    for child in list(_running):
        stop(child, grace_s=1.0)
