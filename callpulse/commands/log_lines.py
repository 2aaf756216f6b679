"""An event is a line, whatever stands in the names of others: as text for people, as an object of JSON for programs.

A message about a record begins with its place, TOPIC/PARTITION/OFFSET, by which all that was ever said about it is
found. Of an error it is told what it is and where it came from, never the lines of the program around it.
"""

import logging
import re
import traceback
from datetime import UTC, datetime
from typing import Any

import msgspec

from callpulse.board.figures import printable

FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"
FRAMES = 8  # the innermost
_SERVICE = re.compile(r"\[\^-*\w+\]: ")  # Faust puts its part before the message: it hides the record's place
_PLACE = re.compile(r"(?:worker: )?([A-Za-z][A-Za-z0-9._-]{0,248})/(\d+)(?:/(\d+))?(?=[:,])")
_encode = msgspec.json.Encoder().encode


class TextLine(logging.Formatter):
    """What is not printed shows as �: a line end in a name would make an event that never was, and the terminal of
    whoever looks would obey what terminals obey."""

    def __init__(self) -> None:
        super().__init__(FORM)

    def format(self, record: logging.LogRecord) -> str:
        record.asctime = self.formatTime(record)
        record.message = _message(record)
        error = _error(record)
        said = "" if error is None else f" ({error[0]}; {' < '.join(reversed(error[1]))})"
        return printable(self.formatMessage(record) + said)


class JsonLine(logging.Formatter):
    """`time`, `level`, `logger`, `message`; where they are known `topic`, `partition`, `offset`, and `trace`, the three
    in one; `error` and `stack`, the innermost frame last; `repeats`, how many like it were left out before."""

    def format(self, record: logging.LogRecord) -> str:
        message = _message(record)
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:23] + "Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message,
            **place(message),
        }
        if (error := _error(record)) is not None:
            told["error"], told["stack"] = error
        if (left_out := getattr(record, "left_out", 0)) > 0:
            told["repeats"] = left_out
        return _encode(told).decode()


def place(message: str) -> dict[str, Any]:
    """Which record or partition a message is about."""
    found = _PLACE.match(message)
    if found is None:
        return {}
    topic, partition, offset = found.groups()
    told: dict[str, Any] = {"topic": topic, "partition": int(partition)}
    return told if offset is None else told | {"offset": int(offset), "trace": f"{topic}/{partition}/{offset}"}


def _message(record: logging.LogRecord) -> str:
    left_out = getattr(record, "left_out", 0)
    said = record.getMessage().encode(errors="replace").decode()
    if service := _SERVICE.match(said):
        said = said[service.end() :]
    return said + (f" …and {left_out:,} more of these" if left_out else "")


def _error(record: logging.LogRecord) -> tuple[str, list[str]] | None:
    """What it is, and where it came from."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return None
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return said.encode(errors="replace").decode(), [_short(frame) for frame in frames[-FRAMES:]]


def _short(frame: str) -> str:
    """From the package on."""
    return re.sub(r"^.*?/(?:site-packages|lib/python[\d.]+)/|^.*/(?=callpulse/)", "", frame)
