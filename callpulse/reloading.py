"""Settings that change while a process runs: read again at SIGHUP, and when their file has changed. A file with a
mistake changes nothing, and every mistake in it is said."""

import asyncio
import logging
import signal
from collections.abc import Callable
from pathlib import Path

from callpulse.clock import now_ms
from callpulse.settings import Settings, SettingsError, load
from callpulse.settings.live import Live, taken
from callpulse.settings.loading import file_of
from callpulse.stream.metrics.loaded import Loaded

LOOK_S = 5.0

Signature = tuple[int, int, int]  # what tells two states of a file apart


class Reloads:
    """`settings`: what holds now. `loaded`: for Prometheus. What `follow` is given is told of every change; it may
    raise SettingsError, which refuses it."""

    def __init__(self, settings: Settings, file: Path | None, live: Live, log: logging.Logger) -> None:
        self.settings = settings
        self.loaded = Loaded(now_ms())
        self._file, self._live, self._log = file, live, log
        self._follow: Callable[[Settings], None] = lambda _: None
        self._read = self._seen = self._signature()

    def follow(self, follower: Callable[[Settings], None]) -> None:
        """Tell this one from now on."""
        self._follow = follower

    def at_sighup(self) -> None:
        """From the very start: the signal would end a process that does not listen for it."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.reload)

    def reload(self) -> None:
        """Read the settings again, and take over what can be."""
        self._read = self._signature()
        try:
            asked = self._asked()
            new, others = taken(self.settings, asked, self._live)
            if new != self.settings:
                self._follow(new)
        except SettingsError as error:
            self.loaded = Loaded(self.loaded.at_ms, failed=True)
            for line in str(error).splitlines():
                self._log.error("not reloaded: %s", line)
            return
        self.settings, self.loaded = new, Loaded(now_ms())
        self._log.info("settings are read again")
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
        """At the file."""
        seen, before = self._signature(), self._seen
        self._seen = seen
        if seen is not None and seen == before and seen != self._read:
            self.reload()

    def _signature(self) -> Signature | None:
        try:
            stat = file_of(self._file).stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size, stat.st_ino
