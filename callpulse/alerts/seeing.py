"""From what the worker says of a queue to what alert rules see of it."""

from collections.abc import Callable, Mapping, Sequence
from typing import get_args

import msgspec

from callpulse.alerts.core.moment import Moment
from callpulse.alerts.core.notice import Outcome, WorstContact
from callpulse.alerts.core.rules import Seen
from callpulse.alerts.core.site_alert import Place
from callpulse.current.parts import Wait
from callpulse.stream.board_record import QueueRecord
from callpulse.stream.core.kpis import Policy
from callpulse.stream.core.ticks import Tick
from callpulse.stream.kpi_table import KpiTable

_figures = msgspec.json.Decoder(dict[str, dict[str, Seen]]).decode
_ticks = msgspec.json.Decoder(tuple[Tick, ...]).decode

OUTCOMES = get_args(Outcome)

Onset = Callable[[str], tuple[int | None, bool]]
"""Queue -> since when it has been in trouble, and whether nobody wants to hear of it."""


def moment_of(record: QueueRecord, policy: Policy, reach_ms: int) -> Moment:
    """The queue of a record that was read, as far as its data reaches by now. Raises msgspec.MsgspecError."""
    ends = record.spans.get("interval", (0, 0))
    return Moment(
        queue=record.queue,
        at_ms=reach_ms,
        policy=policy,
        figures=_figures(record.windows),
        ticks=_ticks(record.ticks),  # type: ignore[arg-type]  # what is read holds both as they came
        interval_end_ms=ends[1],
    )


def worst_contacts(found: Mapping[str, Sequence[Wait]]) -> dict[str, tuple[WorstContact, ...]]:
    """By queue, those that ended in a way for which there are words."""
    return {
        queue: tuple(
            WorstContact(each.contact_id, each.wait_ms / 1000, each.outcome)  # type: ignore[arg-type]  # it is one
            for each in waits
            if each.outcome in OUTCOMES
        )
        for queue, waits in found.items()
    }


def places(table: KpiTable, onset: Onset) -> dict[str, Place]:
    """Every queue: who was heard of it, and when."""
    sources = table.sources()
    found = {}
    for queue, record in table.queues.items():
        reach = table.as_of.get(record.partition)
        onset_ms, muted = onset(queue)
        written_ms = record.written_at_ms if reach is None else max(record.written_at_ms, reach.written_at_ms)
        found[queue] = Place(
            written_ms=written_ms,
            heard_ms=sources.get(record.source, table.reach_ms(record)),
            busy=bool(record.tallies.get("1h")),
            onset_ms=onset_ms,
            at_ms=table.reach_ms(record),
            muted=muted,
            source=record.source,
        )
    return found
