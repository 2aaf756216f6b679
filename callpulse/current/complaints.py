"""What somebody else has put into Redis, and that it is left out."""

import logging
from functools import lru_cache

log = logging.getLogger(__name__)


@lru_cache(maxsize=1024)
def complain(what: str, error: str) -> None:
    """Once each: it is read again every few seconds."""
    log.warning("%s: not understood, and left out (%s)", what, error)
