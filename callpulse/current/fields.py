"""The fields of a hash: how a writer states values and how a reader gets them back.

A value's field is `WINDOW.KPI_ID` (`15m.service_level`), its denominator `WINDOW.KPI_ID.n`; a plain count has
no `.n`. What has no window is under `now`, the queue's own target under `target`. No value = no field, never
0.
"""

import math
from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec import Struct

from callpulse.current.keys import Kind

CADENCE_MS = 5_000  # every queue is written at least this often
AMBER_MS = 2 * CADENCE_MS  # older than this is shown as stale
TTL_MS = 30_000  # older than this is gone
LONGEST_TEXT, LARGEST = 32, 2**53  # of a number
LATEST_MS = 253_402_214_400_000  # the last day of the year 9999: no calendar knows what is later

VERSION = "version"
EVENT_TIME = "event_time_ms"
WRITTEN_AT = "written_at_ms"
STORED_AT = "stored_at_ms"  # by Redis's own clock, set by the script: ages need no other clock
WRITER = "writer"
SOURCE = "source"
CLOCK = "clock"
ABOUT = "about"  # a sentence for people, set by the script
OWN_FIELDS = (ABOUT, VERSION, EVENT_TIME, WRITTEN_AT, STORED_AT, WRITER, SOURCE, CLOCK)

NOW = "now"
TARGET = "target"
TARGET_LEVEL = "service_level"
TARGET_THRESHOLD_S = "threshold_s"
WAITING = "contacts_waiting"
LONGEST_WAIT_START = "longest_wait_start_ms"
AGENT_STATES = ("ready", "ringing", "talking", "hold", "wrapup", "not_ready")

Number = float | int
Version = tuple[int, int]
Clock = Literal["wall", "event"]


class Value(Struct, frozen=True, omit_defaults=True):
    """A KPI's value and its denominator (None where it has none)."""

    value: Number
    n: Number | None = None


class Current(Struct, frozen=True, kw_only=True):
    """All that is known of one queue, group or the total, as it is written.

    `version` = (generation of the consumer group, counter in the process). `clock` = "event" for a replay
    whose event times are not those of the wall. `fields`: None and NaN are left out. The four parts are JSON;
    None = not given, and a part that is not given again lives no longer than the TTL. `whole` = replaces whatever is
    there; else only what changed may be sent.
    """

    kind: Kind
    name: str
    version: Version
    event_time_ms: int
    written_at_ms: int
    writer: str
    source: str
    fields: Mapping[str, Number | None]
    clock: Clock = "wall"
    intervals: bytes | None = None
    spark: bytes | None = None
    worst: bytes | None = None
    agents: bytes | None = None
    whole: bool = True


class Reading(Struct, frozen=True):
    """A hash as it was read. Times are ms; `values` holds the numbers by their field."""

    version: str
    event_time_ms: int
    written_at_ms: int
    stored_at_ms: int
    writer: str
    source: str
    clock: Clock
    values: dict[str, Number]

    def value(self, window: str, kpi_id: str) -> Value | None:
        """A KPI in a window with its n, or None where there is no value."""
        found = self.values.get(field(window, kpi_id))
        return None if found is None else Value(found, self.values.get(field(window, kpi_id, "n")))

    def number(self, window: str, kpi_id: str) -> Number | None:
        """The value alone."""
        return self.values.get(field(window, kpi_id))


def field(window: str, kpi_id: str, *more: str) -> str:
    """The field's name, for example `15m.service_level.n`."""
    return ".".join((window, kpi_id, *more))


def version_text(version: Version) -> str:
    """(4, 17) -> "4-17"."""
    return f"{version[0]}-{version[1]}"


def to_hash(current: Current) -> list[str]:
    """Field, value, field, value, … as Redis takes them."""
    return to_changes(current, {})[0]


def to_changes(current: Current, known: Mapping[str, Number | None]) -> tuple[list[str], list[str]]:
    """The same, of the numbers only those that `known` does not hold; and the fields that have no number any more. A
    picture of a queue has six hundred fields: all numbers are written at once, and what is none comes out as null."""
    fields, get = current.fields, known.get
    flat, gone = _own_fields(current), []
    changed = [name for name, number in fields.items() if get(name) != number]
    texts = _encode([fields[name] for name in changed])[1:-1].decode().split(",")
    for name, text in zip(changed, texts, strict=False):  # of nothing, one empty text
        if text == "null":
            gone.append(name)
        else:
            flat += (name, text)
    if len(fields) != len(known) or fields.keys() != known.keys():
        gone += known.keys() - fields.keys()
    return flat, gone


_encode = msgspec.json.Encoder().encode


def _own_fields(current: Current) -> list[str]:
    return [
        VERSION, version_text(current.version),
        EVENT_TIME, str(current.event_time_ms),
        WRITTEN_AT, str(current.written_at_ms),
        WRITER, current.writer,
        SOURCE, current.source,
        CLOCK, current.clock,
    ]  # fmt: skip


def from_hash(found: Mapping[str, str]) -> Reading | None:
    """The hash's reading, or None if it is gone or not one of ours. Fields that are no number are left
    out."""
    event_time, written_at = _number(found.get(EVENT_TIME)), _number(found.get(WRITTEN_AT))
    if event_time is None or written_at is None or not 0 <= event_time <= LATEST_MS:
        return None
    stored_at = _number(found.get(STORED_AT))
    numbers = {name: _number(text) for name, text in found.items() if name not in OWN_FIELDS}
    return Reading(
        version=found.get(VERSION, ""),
        event_time_ms=int(event_time),
        written_at_ms=int(written_at),
        stored_at_ms=int(written_at if stored_at is None else stored_at),
        writer=found.get(WRITER, ""),
        source=found.get(SOURCE, ""),
        clock="event" if found.get(CLOCK) == "event" else "wall",
        values={name: number for name, number in numbers.items() if number is not None and _can_be(name, number)},
    )


def by_window(reading: Reading) -> dict[str, dict[str, Value]]:
    """`{window: {kpi_id: Value}}`, the shape of every JSON that callpulse prints."""
    windows: dict[str, dict[str, Value]] = {}
    for name, number in reading.values.items():
        window, _, kpi_id = name.partition(".")
        if not kpi_id or _is_denominator(name, reading):
            continue
        windows.setdefault(window, {})[kpi_id] = Value(number, reading.values.get(f"{name}.n"))
    return windows


def _is_denominator(name: str, reading: Reading) -> bool:
    return name.endswith(".n") and name.removesuffix(".n") in reading.values


def _can_be(name: str, number: Number) -> bool:
    """A denominator is a number of things."""
    return not name.endswith(".n") or (number >= 0 and number == int(number))


def _number(text: str | None) -> Number | None:
    """None for what is none, and for what no figure of a contact centre can be: it is somebody else's."""
    if text is None or len(text) > LONGEST_TEXT:
        return None
    try:
        number: Number = int(text)
    except ValueError:
        try:
            number = float(text)
        except ValueError:
            return None
    return number if math.isfinite(number) and abs(number) <= LARGEST else None
