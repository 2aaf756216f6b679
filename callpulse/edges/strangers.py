"""What a stranger sends is not what we say: a request that is no HTTP is told by its kind alone."""

import logging

from aiohttp.http_exceptions import HttpProcessingError


class Strangers(logging.Filter):
    """aiohttp repeats what it could not read: a token in a header, a key in an address, 8 KB of anything."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True; what is said of such a request is another thing then."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.msg, record.args = "what a client sent is no HTTP (%s)", (type(error).__name__,)
            record.exc_info = None
        return True
