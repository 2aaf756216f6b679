"""The demo's processes under one roof: started together, watched, ended together, nothing left behind."""

import contextlib
import dataclasses
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Self

from callpulse.demo import children

FOLDER_PREFIX = "callpulse-demo-"
RESTARTS_OF_A_WORKER = 3
_LOOK_EVERY_S = 0.1


@dataclasses.dataclass(frozen=True, slots=True)
class Program:
    """What to run. `environment` is added to ours. A program that fails is started again at most `restarts`
    times. The one in the foreground has the terminal; when it ends, all end. What one that is `heard` prints is said,
    line by line, as it comes."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)
    restarts: int = 0
    foreground: bool = False
    heard: bool = False


def callpulse(*arguments: str) -> tuple[str, ...]:
    """The command line of one of our own commands, run by the Python that runs this."""
    return (sys.executable, "-m", "callpulse", *arguments)


@dataclasses.dataclass(slots=True)
class _Watched:
    name: str
    child: children.Child
    log: Path | None
    program: Program | None = None
    restarts: int = 0
    done: bool = False
    said: int = 0  # bytes of its log


class Supervisor:
    """`with Supervisor(say) as all: all.start(...); code = all.run()`, in the main thread.

    On leaving the block, however it is left, what was started or adopted ends in reverse order (TERM, KILL
    after `grace_s`) and `folder`, which holds every log, is removed. INT, TERM and HUP end `run` with 0;
    before `run` they raise KeyboardInterrupt. `say` gets whole sentences for the user.
    """

    def __init__(self, say: Callable[[str], None], grace_s: float = 5.0) -> None:
        self._say = say
        self._grace_s = grace_s
        self._watched: list[_Watched] = []
        self._handlers: dict[signal.Signals, object] = {}
        self.folder = Path()

    def __enter__(self) -> Self:
        _remove_orphaned_folders()
        self.folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-"))
        for number in children.STOP_SIGNALS:
            if (before := signal.getsignal(number)) is not signal.SIG_IGN or number != signal.SIGHUP:
                self._handlers[number] = before  # HUP stays ignored under nohup
                signal.signal(number, _interrupt)
        return self

    def __exit__(self, *_: object) -> None:
        for number in children.STOP_SIGNALS:  # a second Ctrl-C must not leave half of it behind; the grace is short
            signal.signal(number, signal.SIG_IGN)
        for watched in reversed(self._watched):
            children.stop(watched.child, self._grace_s)
        shutil.rmtree(self.folder, ignore_errors=True)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal gave us goes back

    def adopt(self, name: str, child: children.Child, log: Path) -> None:
        """Watches and ends a child that is running already. When it dies, all end."""
        self._watched.append(_Watched(name, child, log))

    def start(self, program: Program) -> children.Child:
        """Starts a program; its output goes to `folder`/NAME.log."""
        log = None if program.foreground else self.folder / f"{program.name}.log"
        child = _start(program, log)
        self._watched.append(_Watched(program.name, child, log, program))
        return child

    def run(self) -> int:
        """Watches until asked to stop or the foreground ends (0), or something fails for good (1)."""
        try:
            while (code := self._look()) is None:
                time.sleep(_LOOK_EVERY_S)  # os.wait would take from the children what their owners wait for
        except KeyboardInterrupt:
            return 0
        return code

    def _look(self) -> int | None:
        for watched in self._watched:
            self._repeat(watched)
            if not watched.done and children.has_ended(watched.child):
                code = self._ended(watched)
                if code is not None:
                    return code
        return None

    def _repeat(self, watched: _Watched) -> None:
        """Whole lines that one that is heard has printed since the last look."""
        if watched.log is None or watched.program is None or not watched.program.heard:
            return
        with watched.log.open("rb") as log:
            log.seek(watched.said)
            lines = log.read().splitlines(keepends=True)
        for line in (each for each in lines if each.endswith(b"\n")):
            watched.said += len(line)
            self._say(line.decode(errors="replace").rstrip())

    def _ended(self, watched: _Watched) -> int | None:
        """What an ended child means: an exit code for all, or None to go on."""
        watched.done = True
        if watched.program and watched.program.foreground:
            return int(watched.child.returncode != 0)
        if watched.program and watched.child.returncode == 0:
            self._say(f"{watched.name} has finished.")
            return None
        return self._failed(watched)

    def _failed(self, watched: _Watched) -> int | None:
        what = f"{watched.name} ended ({children.ending(watched.child)})."
        why = children.last_lines(watched.log) if watched.log else ""
        if watched.program is None or watched.restarts >= watched.program.restarts:
            self._say(f"{what} Everything stops.{why}")
            return 1
        watched.restarts += 1
        self._say(f"{what} Started again ({watched.restarts} of {watched.program.restarts}).{why}")
        watched.child, watched.done = _start(watched.program, watched.log), False
        return None


def _start(program: Program, log: Path | None) -> children.Child:
    inherited = os.environ  # noqa: TID251 - handed on to a child as it is, no setting is read here
    return children.start(program.argv, log, environment={**inherited, **program.environment})


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _remove_orphaned_folders() -> None:
    """Folders of supervisors that were killed with -9 and left theirs; its name holds the process id."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*-*"):
        owner = folder.name.removeprefix(FOLDER_PREFIX).split("-")[0]
        if owner.isdigit() and not _alive(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    with contextlib.suppress(PermissionError):  # someone else's process is a living one
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True
