"""Names of others in a log and on a terminal: no line that nobody wrote, nothing that a terminal obeys."""

import io
import logging
from pathlib import Path

import pytest

from callpulse.commands.log_lines import TextLine

FORGED = "sales\n2026-11-23 09:00:00 WARNING callpulse.alerts: all is well\x1b[2J\r\x9b2J\u202e"
CALLPULSE = Path(__file__).parents[2] / "callpulse"


def written(text: str, *arguments: object, error: BaseException | None = None) -> list[str]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(TextLine())
    info = None if error is None else (type(error), error, None)
    handler.handle(logging.LogRecord("callpulse.alerts", logging.INFO, "x.py", 1, text, arguments, info))
    assert stream.getvalue().replace("\n", "").isprintable()
    return stream.getvalue().splitlines()


def test_a_name_forges_no_line_of_a_log() -> None:
    (line,) = written("%s: %s is %s (%s)", FORGED, FORGED, "firing", "held")
    assert "callpulse.alerts: sales�2026-11-23 09:00:00 WARNING callpulse.alerts: all is well�[2J" in line


def test_nor_does_it_in_an_error() -> None:
    (line,) = written("a board cannot be shown", error=ValueError(FORGED))
    assert "INFO callpulse.alerts: a board cannot be shown (ValueError: sales�2026-11-23" in line


def test_every_command_that_logs_writes_it_so() -> None:
    others = [
        path.name
        for path in CALLPULSE.rglob("*.py")
        if path.name not in ("logs.py", "log_repeats.py")
        and any(word in path.read_text() for word in ("basicConfig", "StreamHandler"))
    ]
    assert others == []


@pytest.mark.parametrize("text", ["plain", "Zoë: 79 % → 86 % – ok"])
def test_what_is_printed_stays_as_it_is(text: str) -> None:
    assert written("%s", text)[0].endswith(f" {text}")
