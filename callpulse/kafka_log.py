"""What aiokafka logs while it connects: the only place where it says why it cannot. For a sentence of our own."""

import contextlib
import logging
from collections.abc import Iterator

_log = logging.getLogger("aiokafka")


class Heard(logging.Handler):
    """`last`: the last line in brackets, with a space before, or ""."""

    last = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.last = f" ({' '.join(record.getMessage().split())[:300]})"


@contextlib.contextmanager
def heard() -> Iterator[Heard]:
    """Listens in the place of everyone else. Blocks must not overlap, as connecting does not."""
    handler, level, propagate = Heard(), _log.level, _log.propagate
    _log.addHandler(handler)
    _log.setLevel(logging.WARNING)
    _log.propagate = False
    try:
        yield handler
    finally:
        _log.removeHandler(handler)
        _log.setLevel(level)
        _log.propagate = propagate
