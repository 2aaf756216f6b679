"""What can happen: every event and its fields (docs/EVENTS.md), and why one may be refused.

An event is a value; adapters and the simulator build them directly. `at` and `enqueued_at` are integer milliseconds
UTC, durations are in seconds.
"""

import enum
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta, Struct

MAX_NAME = 200
MAX_QUEUES = 500  # that one agent serves
LAST_MS = 32_503_679_999_999  # 2999-12-31T23:59:59.999Z
MAX_SECONDS = 10_000_000.0  # about 115 days: longer than any wait or talk, short enough to stay exact

Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
Note = Annotated[str, Meta(max_length=MAX_NAME)]
if TYPE_CHECKING:
    Ms = int
else:  # on the wire also RFC 3339; wire.py turns that into milliseconds before anyone sees the event
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
    TOO_MANY_SOURCES = "too_many_sources"
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
