"""Bytes from Kafka in, events out, and back: what a record means, or why it is refused.

The contract (docs/EVENTS.md): flat JSON objects, unknown fields ignored, times as RFC 3339 with an offset or as
integer milliseconds since the epoch, durations in seconds.
"""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import force_setattr

from callpulse.stream.core.events import LAST_MS, Agent, Call, Event, Reason, Rejected
from callpulse.undecodable import UNDECODABLE

MAX_RECORD_BYTES = 65_536

_raw = msgspec.json.Decoder().decode
_encoder = msgspec.json.Encoder()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_NUMBERS = frozenset({"ivr_s", "wait_s", "talk_s", "hold_s", "wrap_up_s", "longest_wait_s", "waiting"})


def encode(event: Event) -> bytes:
    """The event as the JSON that `decode_call` or `decode_agent` reads back to an equal event."""
    return _encoder.encode(event)


def _decoder(union: Any) -> Callable[[bytes | None], Any]:
    types = {kind.__struct_config__.tag for kind in union.__args__}
    decode = msgspec.json.Decoder(union).decode

    def decoded(record: bytes | None) -> Any:
        if record is None or len(record) > MAX_RECORD_BYTES:
            return _size(record)
        try:
            event = decode(record)
        except UNDECODABLE:
            return _decode_slowly(record, union, types)  # numbers as strings, or bad
        return _finished(event)

    return decoded


# What a record says; neither ever raises, whatever the bytes.
decode_call: Callable[[bytes | None], Call | Rejected] = _decoder(Call)  # of callpulse.calls
decode_agent: Callable[[bytes | None], Agent | Rejected] = _decoder(Agent)  # of callpulse.agents and queue-agents


def parse_time(text: str) -> int:
    """Milliseconds UTC of an RFC 3339 time, which must state its offset. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without an offset")
    return (moment - _EPOCH) // _MS


def _size(record: bytes | None) -> Rejected:
    if record is None:
        return Rejected(Reason.NOT_JSON, "", "no value (a tombstone); expected a JSON object")
    return Rejected(Reason.TOO_LARGE, "", f"{len(record)} bytes; expected at most {MAX_RECORD_BYTES}")


def _finished(event: Any) -> Any:
    """The same event with every time in milliseconds, checked against each other."""
    try:
        if type(event.at) is str:
            force_setattr(event, "at", _milliseconds("at", event.at))
        arrival = getattr(event, "enqueued_at", None)
        if arrival is None:
            return event
        if type(arrival) is str:
            arrival = _milliseconds("enqueued_at", arrival)
            force_setattr(event, "enqueued_at", arrival)
    except _BadFieldError as error:
        return Rejected(Reason.BAD_VALUE, error.field, str(error))
    if arrival > event.at:
        return Rejected(
            Reason.BAD_VALUE, "enqueued_at", f"{arrival} is later than at = {event.at}; expected an earlier time"
        )
    return event


def _decode_slowly(record: bytes, union: Any, types: set[str]) -> Any:
    try:
        raw = _raw(record)
    except UNDECODABLE as error:
        return Rejected(Reason.NOT_JSON, "", f"{error}; expected a JSON object")
    if not isinstance(raw, dict):
        return Rejected(Reason.NOT_AN_OBJECT, "", f"a JSON {type(raw).__name__}; expected an object")
    kind = raw.get("type")
    if not isinstance(kind, str) or kind not in types:
        reason = Reason.MISSING_FIELD if "type" not in raw else Reason.UNKNOWN_TYPE
        return Rejected(reason, "type", f"{str(kind)[:60]!r}; expected one of {', '.join(sorted(types))}")
    try:
        event = msgspec.convert(_plain(raw), union)
    except _BadFieldError as error:
        return Rejected(Reason.BAD_VALUE, error.field, str(error))
    except msgspec.ValidationError as error:
        return _invalid(str(error))
    return _finished(event)


class _BadFieldError(ValueError):
    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def _plain(raw: dict[str, Any]) -> dict[str, Any]:
    """Numbers written as strings, and whole milliseconds written as 1.0, to numbers."""
    plain = dict(raw)
    for field in ("at", "enqueued_at"):
        value = raw.get(field)
        if isinstance(value, float) and value.is_integer():
            plain[field] = int(value)
    for field in _NUMBERS & raw.keys():
        plain[field] = _number(field, raw[field])
    return plain


def _milliseconds(field: str, value: str) -> int:
    try:
        moment = int(value) if value.isascii() and value.isdigit() else parse_time(value)
    except (ValueError, OverflowError):
        moment = -1
    if not 0 <= moment <= LAST_MS:
        raise _BadFieldError(
            field, f"{value!r}; expected RFC 3339 with an offset, or integer milliseconds since the epoch"
        )
    return moment


def _number(field: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise _BadFieldError(field, f"{value[:60]!r}; expected a finite number")
    return int(number) if number.is_integer() else number


def _invalid(message: str) -> Rejected:
    text, _, path = message.partition(" - at `")
    field = path.rstrip("`").removeprefix("$").removeprefix(".")
    if text.startswith("Object missing required field"):
        return Rejected(Reason.MISSING_FIELD, text.split("`")[1], text)
    return Rejected(Reason.BAD_VALUE, field, text)
