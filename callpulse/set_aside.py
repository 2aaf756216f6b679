"""Records that nobody can use: counted, and said once a minute of each kind, with how many there were meanwhile. One
that is named is enough to go and look, and whoever floods a topic must not fill a disk with lines about it."""

import logging
from collections import Counter
from collections.abc import Callable
from typing import Any

from callpulse import clock

SAY_EVERY_S = 60.0
Kind = tuple[str, str]  # topic without its prefix, what it is not


class SetAside:
    """`total` only grows."""

    def __init__(self, log: logging.Logger, monotonic_s: Callable[[], float] = clock.monotonic_s) -> None:
        self.total: Counter[Kind] = Counter()
        self._log, self._monotonic_s = log, monotonic_s
        self._said: dict[Kind, tuple[float, int]] = {}  # when, and how many by then

    def record(self, record: Any, what: str, why: object) -> None:
        """One of Kafka's, as `not a command` because of `why`."""
        short = record.topic.rpartition(".")[2]
        self.note((short, what), f"{record.topic}/{record.partition}/{record.offset}", why)

    def note(self, kind: Kind, place: str, why: object) -> None:
        """Count it; say it where it is time."""
        self.total[kind] += 1
        now_s, (said_s, by_then) = self._monotonic_s(), self._said.get(kind, (0.0, 0))
        if by_then and now_s - said_s < SAY_EVERY_S:
            return
        self._said[kind] = now_s, self.total[kind]
        more = self.total[kind] - by_then - 1
        self._log.warning("%s: %s: %s%s", place, kind[1], why, f"; so were {more} before it" if more else "")
