"""A terminal of its own for a process, and what it draws there."""

import os
import select
import subprocess

import pytest

from callpulse import clock

pty = pytest.importorskip("pty", reason="needs a terminal of Unix")
termios = pytest.importorskip("termios", reason="needs a terminal of Unix")


class Terminal:
    """A process on a terminal of its own; `seen` = all that it has drawn."""

    def __init__(self, argv: list[str]) -> None:
        self.near, far = pty.openpty()
        termios.tcsetwinsize(far, (24, 100))
        self.process = subprocess.Popen(argv, stdin=far, stdout=far, stderr=far)
        os.close(far)
        self.seen = ""

    def until(self, text: str, within_s: float = 15.0) -> None:
        """Reads on until the text has been drawn after everything asked for before."""
        fresh, patience = b"", clock.monotonic_s() + within_s
        while text.encode() not in fresh:
            left = max(0.0, patience - clock.monotonic_s())
            assert select.select([self.near], [], [], left)[0], f"{text} was not drawn: {fresh!r}"
            fresh += os.read(self.near, 65_536)
        self.seen += fresh.decode(errors="replace")

    def rest(self) -> str:
        try:
            while more := os.read(self.near, 65_536):
                self.seen += more.decode(errors="replace")
        except OSError:
            pass
        os.close(self.near)
        return self.seen
