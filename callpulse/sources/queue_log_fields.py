"""The fields of a queue_log line: times and durations read, what is malformed named by its position.

Nothing of a line's text is repeated in a refusal: it may hold a telephone number.
"""

from callpulse.stream.core.events import LAST_MS, MAX_SECONDS, Reason, Rejected

EARLIEST_MS = 100_000_000_000  # 1973: leaves room for the longest wait before it; no log is older
LONGEST_EVENT_NAME = 60
_NAMES = ("time", "call id", "queue", "agent", "event")


class Refused(Exception):  # noqa: N818  (a value on its way to the caller of `feed`, no error)
    """A line that is set aside. `position` counts from 0, the message from 1."""

    def __init__(self, position: int, expected: str, reason: Reason = Reason.BAD_LINE) -> None:
        name = _NAMES[position] if position < len(_NAMES) else f"parameter {position - len(_NAMES) + 1}"
        self.rejected = Rejected(reason, f"{position + 1} ({name})", expected)
        super().__init__(expected)


def time_ms(text: str) -> int:
    """Epoch seconds to ms; also with a fraction, and after the zero bytes that a power cut leaves in a
    file."""
    try:
        at = int(float(text.strip("\0\ufeff ")) * 1000)
    except (ValueError, OverflowError):
        raise Refused(0, "not a number; expected seconds since 1970") from None
    return checked_ms(at)


def checked_ms(at: int) -> int:
    if not EARLIEST_MS <= at <= LAST_MS:
        raise Refused(0, "out of range; expected seconds since 1970")
    return at


def seconds(fields: list[str], position: int) -> int | None:
    """A duration. None where the log has none, and where it is negative: the clock was set back."""
    try:
        duration = int(fields[position])
    except IndexError:
        return None
    except ValueError:
        if fields[position] == "":
            return None
        raise Refused(position, "not a number; expected whole seconds") from None
    if duration > MAX_SECONDS:
        raise Refused(position, f"out of range; expected at most {MAX_SECONDS:.0f} seconds")
    return duration if duration >= 0 else None


def event_name(fields: list[str]) -> str:
    """The event's name. Refuses a line that ends before it, and one whose fifth field can be no name."""
    if len(fields) < len(_NAMES):
        raise Refused(len(fields), "missing; expected time|call id|queue|agent|event")
    name = fields[4]
    if not name.isprintable() or not 0 < len(name) <= LONGEST_EVENT_NAME:
        raise Refused(4, f"no event name; expected a word of at most {LONGEST_EVENT_NAME} characters")
    return name


def check_text(fields: list[str]) -> None:
    """Refuses bytes that are no UTF-8 in a field that becomes part of an event."""
    for position, text in enumerate(fields[:5]):
        if "\ufffd" in text:
            raise Refused(position, "bytes that are no UTF-8; expected text")
