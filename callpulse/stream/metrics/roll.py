"""Names that come from outside and become labels: no more of them than were asked for, whatever is sent.

Every queue is some hundred series in Prometheus. A producer that sends a new name with every event would take it down,
and with it the monitoring of everything else.
"""

import logging
from collections.abc import Callable, Collection, Iterable

SAY_EVERY_S = 3600.0


class Roll:
    """At most `most` names. Who is on it stays while it is there; the latest newcomers are left out. `left_out`: how
    many, at the last call."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.left_out = 0
        self._on: list[str] = []

    def call(self, names: Iterable[str], first: Collection[str] = ()) -> list[str]:
        """Who is told of `names`. Those in `first` come before all others, newcomers in the order they are named."""
        here = dict.fromkeys(names)
        wanted = (name for name in here if name in first)
        order = dict.fromkeys((*wanted, *(name for name in self._on if name in here), *here))
        self._on = list(order)[: self.most]
        self.left_out = len(order) - len(self._on)
        return self._on


class QueueRoll(Roll):
    """Queues; what is left out is said at once, then once an hour while it goes on."""

    def __init__(self, log: logging.Logger, monotonic_s: Callable[[], float]) -> None:
        super().__init__(0)
        self._log = log
        self._monotonic_s = monotonic_s
        self._said_s = -SAY_EVERY_S

    def call(self, names: Iterable[str], first: Collection[str] = ()) -> list[str]:
        told = super().call(names, first)
        if self.left_out and self._monotonic_s() - self._said_s >= SAY_EVERY_S:
            self._said_s = self._monotonic_s()
            self._log.warning(
                "metrics.max_queues = %d: /metrics leaves out %d queues more, those that came last; all else goes on "
                "with them. Raise it if they are real, else find the producer that makes up names",
                self.most,
                self.left_out,
            )
        return told
