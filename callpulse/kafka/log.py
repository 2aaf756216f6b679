"""What aiokafka logs while it connects: the only place where it says why it cannot. For a sentence of our own."""

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

from callpulse.kafka.why import why

HUNG_UP = "it closes the connection at once: it is just starting or ending, or expects to be spoken to otherwise"
_log = logging.getLogger("aiokafka")
_before: list[Any] = []  # level and propagate, as they were before anybody listened


class Heard(logging.Handler):
    """`last`: the last line in brackets, with a space before, or "". `known`: why Kafka does not let us in, as
    `why` has it, or ""."""

    last = ""
    known = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.last = f" ({' '.join(record.getMessage().split())[:300]})"
        self.known = known(record) or _hung_up(record)

    def no_kafka(self, where: str) -> str:
        """Why there is none, and what to look at."""
        if self.known:
            return f"Kafka at {where} cannot be used: {self.known}"
        return f"no Kafka answers at {where}{self.last}; is it up, and is kafka.brokers right?"


_listening: list[Heard] = []


def _hung_up(record: logging.LogRecord) -> str:
    arguments = record.args if isinstance(record.args, tuple) else ()
    closed = any(isinstance(each, ConnectionResetError) or str(each).endswith(" closed") for each in arguments)
    return f"{HUNG_UP} (kafka.security_protocol)" if closed else ""


def known(record: logging.LogRecord) -> str:
    """Of the error that a line of aiokafka is about; it logs the error, not what caused it."""
    arguments = record.args if isinstance(record.args, tuple) else ()
    return next((said for each in arguments if isinstance(each, BaseException) and (said := why(each))), "")


@contextlib.contextmanager
def heard() -> Iterator[Heard]:
    """Listens in the place of everyone else. Where blocks overlap, each hears what the others cause too."""
    handler = Heard()
    _listen(handler)
    try:
        yield handler
    finally:
        _listening.remove(handler)
        _log.removeHandler(handler)
        if not _listening:
            _log.setLevel(_before[0])
            _log.propagate = _before[1]


def _listen(handler: Heard) -> None:
    if not _listening:
        _before[:] = [_log.level, _log.propagate]
    _listening.append(handler)
    _log.addHandler(handler)
    _log.setLevel(logging.WARNING)
    _log.propagate = False
