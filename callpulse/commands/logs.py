"""Where the logs of a process go: to standard error, a line each, in the form that the settings ask for."""

import logging
import sys
import threading
from types import TracebackType
from typing import Any

from callpulse.commands.log_lines import JsonLine, TextLine
from callpulse.commands.log_repeats import Seldom
from callpulse.edges.strangers import Strangers
from callpulse.settings.logs import Logs

LAST_WORDS = logging.getLogger("callpulse")


def to_stderr(logs: Logs, news: str, *filters: logging.Filter) -> None:
    """Warnings of everybody, and the news of the logger of that name."""
    handler = Seldom()
    as_json = logs.format == "json" or (logs.format == "auto" and not sys.stderr.isatty())
    handler.setFormatter(JsonLine() if as_json else TextLine())
    for each in (Strangers(), *filters):
        handler.addFilter(each)
    least = logging.getLevelNamesMapping()[logs.level.upper()]
    logging.basicConfig(level=max(least, logging.WARNING), handlers=[handler])
    logging.getLogger(news).setLevel(least)
    logging.captureWarnings(True)
    sys.excepthook = _unexpected
    threading.excepthook = lambda args: _unexpected(args.exc_type, args.exc_value, args.exc_traceback)


def told_in_log(sentence: str, error: BaseException | None = None) -> bool:
    """Why the process ends, where its log is read by programs: there it is the last line. `error`: one that nobody
    expected, of which that line tells where it came from."""
    handlers = logging.getLogger().handlers
    if not any(isinstance(handler.formatter, JsonLine) for handler in handlers):
        return False
    for line in sentence.split("\n"):
        LAST_WORDS.critical("%s", line.removeprefix("callpulse: "), exc_info=error)
    return True


def _unexpected(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> Any:
    found = error if error is not None else kind()
    LAST_WORDS.critical("a defect of callpulse, please report it", exc_info=(kind, found, trace))
