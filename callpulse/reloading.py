"""Settings that change while a process runs, and the certificate it shows: read again at SIGHUP, and when their files
have changed. A file with a mistake changes nothing, and every mistake in it is said."""

import asyncio
import logging
import signal
from collections.abc import Callable
from pathlib import Path

from callpulse.clock import now_ms
from callpulse.edges.tls import OwnCertificate
from callpulse.settings import Settings, SettingsError, load
from callpulse.settings.live import Live, taken
from callpulse.settings.loading import file_of
from callpulse.stream.metrics.loaded import Loaded

LOOK_S = 5.0
FORMER = "; the certificate is not: the former one is still shown"

Signature = tuple[int, int, int]  # what tells two states of a file apart
Signatures = tuple[Signature | None, ...]  # of the settings, the certificate and its key; None = no such file


class Reloads:
    """`settings`: what holds now. `loaded`: for Prometheus. What `follow` is given is told of every change; it may
    raise SettingsError, which refuses it."""

    def __init__(self, settings: Settings, file: Path | None, live: Live, log: logging.Logger) -> None:
        self.settings = settings
        self.loaded = Loaded(now_ms())
        self._file, self._live, self._log = file, live, log
        self._follow: Callable[[Settings], None] = lambda _: None
        self._own: OwnCertificate | None = None
        self._read = self._seen = self._signatures()

    def follow(self, follower: Callable[[Settings], None]) -> None:
        """Tell this one from now on."""
        self._follow = follower

    def renew(self, own: OwnCertificate | None) -> None:
        """This one too, from now on. What became of the settings since they were read is still to be seen."""
        self._own = own
        self._seen = self._signatures()
        self._read = self._read[:1] + self._seen[1:]

    def at_sighup(self) -> None:
        """From the very start: the signal would end a process that does not listen for it."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.reload)

    def reload(self) -> None:
        """Read the files again, and take over what can be. A mistake in one of them holds up no other."""
        self._read = self._signatures()
        certificate, settings = _fault(self._renew), _fault(self._take)
        for line in (*certificate.splitlines(), *settings.splitlines()):
            self._log.error("not reloaded: %s", line)
        if not settings:
            self._log.info("settings are read again%s", FORMER if certificate else "")
        failed = bool(certificate or settings)
        self.loaded = Loaded(self.loaded.at_ms if failed else now_ms(), failed=failed)

    def _renew(self) -> None:
        if self._own is not None:
            self._own.renew()
            self._log.info("%s.cert_file is read again", self._own.files.section)

    def _take(self) -> None:
        new, others = taken(self.settings, self._asked(), self._live)
        if new != self.settings:
            self._follow(new)
        self.settings = new
        if others:
            self._log.warning("changed, and read at the start only: %s; restart to have it", ", ".join(others))

    def _asked(self) -> Settings:
        """Of a file alone: from a pipe comes nothing a second time, and all would wait for it."""
        path = file_of(self._file)
        if path.exists() and not path.is_file():
            raise SettingsError(f"{path}: is no file that can be read again; expected a TOML file with settings")
        return load(self._file)

    async def watch(self) -> None:
        """Until cancelled: where nobody sends a signal, as in Kubernetes, where a ConfigMap changes its files. Read is
        what has stayed the same for one look: a file that is being written may be whole TOML and half of the groups."""
        while True:
            await asyncio.sleep(LOOK_S)
            self.look()

    def look(self) -> None:
        """At the files. One that was there and is not may come again in a moment."""
        seen, before = self._signatures(), self._seen
        self._seen = seen
        missing = any(now is None and read is not None for now, read in zip(seen, self._read, strict=True))
        if seen == before and seen != self._read and not missing:
            self.reload()

    def _signatures(self) -> Signatures:
        own = (self._own.files.cert, self._own.files.key) if self._own is not None else ()
        return tuple(_signature(path) for path in (file_of(self._file), *map(Path, filter(None, own))))


def _fault(take: Callable[[], None]) -> str:
    """What is wrong with what it takes, or ""."""
    try:
        take()
    except SettingsError as error:
        return str(error)
    return ""


def _signature(path: Path) -> Signature | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
