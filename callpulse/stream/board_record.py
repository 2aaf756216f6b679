"""A record of `callpulse.kpis`: a queue as one worker sees it, with everything that others need to add it up."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from callpulse.newer import check_not_newer
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.roster import Presence
from callpulse.stream.core.snapshot import Figures, QueueView
from callpulse.stream.core.tally import Tally
from callpulse.stream.core.ticks import Tick
from callpulse.stream.core.windows import Span

SCHEMA = 1


class QueueRecord(Struct, frozen=True):
    """Key `queue:ID`, or `everybody` for the people of all queues. `version` = (generation, counter); `windows` names
    the figures as Redis and `check --json` do; tallies are by window, keys as in docs/EVENTS.md."""

    v: int
    queue: str
    partition: int
    as_of_ms: int
    written_at_ms: int
    version: tuple[int, int]
    writer: str
    source: str
    channel: str
    site: str
    windows: Any
    tallies: dict[str, Tally]
    spans: dict[str, tuple[int, int]]
    waiting: tuple[int, ...]
    agent_ms: dict[str, dict[str, int]]
    agents: list[tuple[str, str, int, str]]
    ticks: tuple[Tick, ...] = ()


class AsOf(Struct, frozen=True):
    """Key `as_of:P`: how far the data of one partition reaches, and when each of its sources was heard last (ms)."""

    v: int
    partition: int
    as_of_ms: int
    written_at_ms: int
    version: tuple[int, int]
    sources: dict[str, int] = {}


class People(Struct, frozen=True):
    """Key `agents:P`: the agents of one partition of the agents topic: (name as it may leave, state, since, queues)."""

    v: int
    partition: int
    written_at_ms: int
    version: tuple[int, int]
    agents: list[tuple[str, str, int, tuple[str, ...]]]


Known = TypeVar("Known", QueueRecord, AsOf, People)


class _Heard(QueueRecord, frozen=True):
    """A record that was read: only what can be added up is taken apart."""

    windows: msgspec.Raw
    ticks: msgspec.Raw = msgspec.Raw(b"[]")  # type: ignore[assignment]


class _Head(Struct, frozen=True):
    """How every record of every version begins."""

    v: int


_head = msgspec.json.Decoder(_Head).decode


def _decoder(shape: type[Known]) -> Callable[[bytes], Known]:
    """Raises NewerError for what a later version wrote, and what msgspec raises."""
    decode = msgspec.json.Decoder(shape).decode

    def decoded(raw: bytes) -> Known:
        try:
            found = decode(raw)
        except msgspec.ValidationError:  # perhaps of a later version
            check_not_newer(_head(raw).v, SCHEMA)
            raise
        check_not_newer(found.v, SCHEMA)
        return found

    return decoded


decode_queue: Callable[[bytes], QueueRecord] = _decoder(_Heard)
decode_as_of = _decoder(AsOf)
decode_people = _decoder(People)


def of_view(view: QueueView, figures: Figures, **place: Any) -> QueueRecord:
    """The record of a queue; `place` = partition, version, writer, source, channel, site, written_at_ms."""
    return QueueRecord(
        v=SCHEMA,
        queue=view.queue,
        as_of_ms=view.as_of_ms,
        windows=figures,
        tallies=dict(view.tallies),
        spans={name: (span.start_ms, span.end_ms) for name, span in view.spans.items()},
        waiting=tuple(view.waiting),
        agent_ms={name: dict(by_state) for name, by_state in view.agent_ms.items()},
        agents=[(each.agent, each.state, each.since_ms, each.reason) for each in view.present],
        **place,
    )


def to_view(record: QueueRecord, policy: Policy, as_of_ms: int, current: Mapping[str, Span]) -> QueueView:
    """The queue again. A clock interval or day that is over by `current` has nothing of the one that runs now."""
    spans = {name: Span(*ends) for name, ends in record.spans.items()}
    over = {name for name in ("interval", "day") if name in spans and spans[name] != current.get(name)}
    return QueueView(
        record.queue,
        max(as_of_ms, record.as_of_ms),
        policy,
        {name: current.get(name, span) for name, span in spans.items()},
        {name: {} if name in over else tally for name, tally in record.tallies.items()},
        record.waiting,
        {name: by_state for name, by_state in record.agent_ms.items() if name not in over},
        [Presence(*each) for each in record.agents],
    )
