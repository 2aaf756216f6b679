"""How a log is written, to standard error: an event is a line, whatever stands in the names of others. A line end there
would make an event that never was, and the terminal of whoever looks would obey what terminals obey."""

import logging
from typing import Any

from callpulse.board.figures import printable

FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class OneLine(logging.Formatter):
    """What is not printed shows as �; the lines of a traceback begin with spaces."""

    def __init__(self) -> None:
        super().__init__(FORM)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        record.message = printable(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        return "\n".join(f"    {printable(line)}" for line in super().formatException(ei).splitlines())


def to_stderr(news: str, *filters: logging.Filter) -> None:
    """Warnings of everybody, and the news of the logger of that name."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine())
    for each in filters:
        handler.addFilter(each)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger(news).setLevel(logging.INFO)
