"""Bytes from Kafka in, events out: what a record means, or why it is refused.

The contract (docs/EVENTS.md): flat JSON objects, unknown fields ignored, times as RFC 3339 with an offset or as
integer milliseconds since the epoch, durations in seconds. Inside the program `at` and `enqueued_at` are always
integer milliseconds UTC. An event is a value; adapters and the simulator build them directly.
"""

import enum
import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import force_setattr

MAX_RECORD_BYTES = 65_536
MAX_NAME = 200
MAX_QUEUES = 500  # that one agent serves
LAST_MS = 32_503_679_999_999  # 2999-12-31T23:59:59.999Z
MAX_SECONDS = 10_000_000.0  # about 115 days: longer than any wait or talk, short enough to stay exact

Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
Note = Annotated[str, Meta(max_length=MAX_NAME)]
if TYPE_CHECKING:
    Ms = int
else:  # on the wire also RFC 3339; `_finished` turns that into milliseconds before anyone sees the event
    Ms = Annotated[int, Meta(ge=0, le=LAST_MS)] | Annotated[str, Meta(max_length=40)]
Seconds = Annotated[float, Meta(ge=0, le=MAX_SECONDS)]
Count = Annotated[int, Meta(ge=0, le=10_000_000)]

AGENT_STATES = ("ready", "ringing", "talking", "hold", "wrapup", "not_ready", "logged_out")
AgentStateName = Literal["ready", "ringing", "talking", "hold", "wrapup", "not_ready", "logged_out"]


class Reason(enum.StrEnum):
    """Why a record was refused; the same word in log, metric, topic and message."""

    TOO_LARGE = "too_large"
    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"
    UNKNOWN_TYPE = "unknown_type"
    MISSING_FIELD = "missing_field"
    BAD_VALUE = "bad_value"
    TOO_LATE = "too_late"
    FUTURE = "future"
    WRONG_PARTITION = "wrong_partition"
    TOO_MANY_FACTS = "too_many_facts"
    NO_ARRIVAL = "no_arrival"  # a line of a log from which no time of arrival follows
    BAD_LINE = "bad_line"  # a line of a log that does not follow its format


class Rejected(Struct, frozen=True):
    """A record that is set aside: `field` is the JSON path or column at fault ("" = the whole record), `detail` says
    what was found and what was expected."""

    reason: Reason
    field: str = ""
    detail: str = ""


class _Event(Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag_field="type"):
    at: Ms
    source: Note = ""


class _VisitEvent(_Event, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    queue: Name
    contact_id: Name
    channel: Note = ""
    site: Note = ""


class Enqueued(_VisitEvent, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag="enqueued"):
    ivr_s: Seconds | None = None
    customer: Note | None = None
    reason: Note | None = None
    priority: int | Note | None = None


class Ringing(_VisitEvent, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag="ringing"):
    agent: Note | None = None


class Connected(_VisitEvent, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag="connected"):
    agent: Note | None = None
    enqueued_at: Ms | None = None
    wait_s: Seconds | None = None


class Abandoned(_VisitEvent, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag="abandoned"):
    enqueued_at: Ms | None = None
    wait_s: Seconds | None = None


class Exited(_VisitEvent, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag="exited"):
    cause: Note = "other"
    enqueued_at: Ms | None = None
    wait_s: Seconds | None = None


class Lost(_VisitEvent, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag="lost"):
    why: Note = "age"


class Held(_VisitEvent, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag="held"):
    agent: Note | None = None


class Resumed(_VisitEvent, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag="resumed"):
    agent: Note | None = None


class Ended(_VisitEvent, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag="ended"):
    agent: Note | None = None
    talk_s: Seconds | None = None
    hold_s: Seconds | None = None
    by: Note | None = None


class WrappedUp(_VisitEvent, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag="wrapped_up"):
    agent: Note | None = None
    wrap_up_s: Seconds | None = None


class NotOffered(_VisitEvent, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag="not_offered"):
    why: Note = "other"
    ivr_s: Seconds | None = None


class Snapshot(_Event, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag="snapshot"):
    """The platform's own view of a queue, to compare with; it changes no tally."""

    queue: Name
    waiting: Count | None = None
    longest_wait_s: Seconds | None = None
    channel: Note = ""
    site: Note = ""


class Heartbeat(_Event, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag="heartbeat"):
    """All up to `at` has been sent."""


class AgentState(_Event, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag="agent_state"):
    """An agent's new state. `queues` = all queues served. `queue` only on the internal topic: the one queue that this
    copy is for."""

    agent: Name
    state: AgentStateName
    reason: Note = ""
    queues: Annotated[tuple[Name, ...], Meta(max_length=MAX_QUEUES)] = ()
    site: Note = ""
    queue: Note = ""


Call = (
    Enqueued
    | Ringing
    | Connected
    | Abandoned
    | Exited
    | Lost
    | Held
    | Resumed
    | Ended
    | WrappedUp
    | NotOffered
    | Snapshot
    | Heartbeat
)
Agent = AgentState | Heartbeat
Event = Call | AgentState

_CALL_TYPES = {c.__struct_config__.tag: c for c in Call.__args__}
_AGENT_TYPES = {c.__struct_config__.tag: c for c in Agent.__args__}
_call = msgspec.json.Decoder(Call).decode
_agent = msgspec.json.Decoder(Agent).decode
_raw = msgspec.json.Decoder().decode
_encoder = msgspec.json.Encoder()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_NUMBERS = frozenset({"ivr_s", "wait_s", "talk_s", "hold_s", "wrap_up_s", "longest_wait_s", "waiting"})


def encode(event: Event) -> bytes:
    """The event as the JSON that `decode_call` or `decode_agent` reads back to an equal event."""
    return _encoder.encode(event)


def decode_call(record: bytes | None) -> Call | Rejected:
    """A record of `callpulse.calls`. Never raises, whatever the bytes."""
    if record is None or len(record) > MAX_RECORD_BYTES:
        return _size(record)
    try:
        event: Call = _call(record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        finished: Call | Rejected = _decode_slowly(record, Call, _CALL_TYPES)  # numbers as strings, or bad
    else:
        finished = _finished(event)
    return finished


def decode_agent(record: bytes | None) -> Agent | Rejected:
    """A record of `callpulse.agents` or `callpulse.queue-agents`. Never raises, whatever the bytes."""
    if record is None or len(record) > MAX_RECORD_BYTES:
        return _size(record)
    try:
        event: Agent = _agent(record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        finished: Agent | Rejected = _decode_slowly(record, Agent, _AGENT_TYPES)
    else:
        finished = _finished(event)
    return finished


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


def _decode_slowly(record: bytes, union: Any, types: dict[Any, Any]) -> Any:
    try:
        raw = _raw(record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
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
