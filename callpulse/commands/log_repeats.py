"""A flood of trouble is a few lines: of the same thing only so many are said within a while, the rest are counted."""

import logging
import re
from collections.abc import Callable, Hashable
from typing import NamedTuple

from callpulse import clock

KINDS = 500  # that are told apart at a time; a flood of different things is one thing


class Pace(NamedTuple):
    """At most `most` of these within `every_s`. A filter may give a record another: its attribute `pace`."""

    key: Hashable
    most: int = 5
    every_s: float = 60.0


class _Said:
    def __init__(self, since_s: float, record: logging.LogRecord, every_s: float) -> None:
        self.since_s, self.record, self.every_s = since_s, record, every_s
        self.said = self.left_out = 0


class Seldom(logging.StreamHandler):  # type: ignore[type-arg]  # standard error
    """Writes what is not too often; of what was left out the newest is said, with how many more there were, when their
    while is over and anything is said, or at the end. Only warnings and worse are thinned out: news comes as often as
    it happens."""

    def __init__(self, monotonic_s: Callable[[], float] = clock.monotonic_s) -> None:
        super().__init__()
        self._monotonic_s = monotonic_s
        self._kinds: dict[Hashable, _Said] = {}

    def emit(self, record: logging.LogRecord) -> None:
        now_s = self._monotonic_s()
        self._tell_over(now_s)
        if record.levelno < logging.WARNING or self._is_due(record, now_s):
            super().emit(record)

    def close(self) -> None:
        self.acquire()
        try:
            self._tell_over(float("inf"))
        finally:
            self.release()
        super().close()

    def _is_due(self, record: logging.LogRecord, now_s: float) -> bool:
        pace: Pace = getattr(record, "pace", None) or pace_of(record)
        key = pace.key if pace.key in self._kinds or len(self._kinds) < KINDS else None
        kind = self._kinds.get(key)
        if kind is None:
            kind = self._kinds[key] = _Said(now_s, record, pace.every_s)
        kind.record = record
        if kind.said >= pace.most:
            kind.left_out += 1
            return False
        kind.said += 1
        return True

    def _tell_over(self, now_s: float) -> None:
        over = [key for key, kind in self._kinds.items() if now_s - kind.since_s >= kind.every_s]
        for kind in map(self._kinds.pop, over):
            if kind.left_out:
                kind.record.__dict__["left_out"] = kind.left_out - 1  # it is one of them
                super().emit(kind.record)


def pace_of(record: logging.LogRecord) -> Pace:
    """Alike is what comes from one place of the program; where that only passes sentences on, what says the same but
    for its numbers."""
    words = str(record.msg)
    if not record.args or not words.replace("%s", "").strip():
        words = re.sub(r"\d+", "#", record.getMessage())
    return Pace((record.name, record.levelno, words))
