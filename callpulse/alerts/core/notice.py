"""What leaves the alert engine: one piece of news about one alert, as a value. Numbers and names only, no wording.

A notice holds no data of customers: contacts are named by the id that the source gave them.
"""

import hashlib
from typing import Literal

import msgspec
from msgspec import Struct

Kind = Literal["firing", "escalated", "de_escalated", "repeat", "acknowledged", "resolved"]
TEST_RULE = "callpulse_test"  # of a notice that only tries a channel

Severity = Literal["warning", "critical"]
Unit = Literal["ratio", "s", "count"]
Trend = Literal["worsening", "steady", "improving"]
Outcome = Literal["waiting", "answered", "abandoned", "exited", "lost"]


class Labels(Struct, frozen=True):
    """What the alert is about. `queue` is empty where the whole site is meant; `cause` is empty where it is unknown.

    `severity` and `rules` (all that agree, the alert's own among them) may change while an alert lasts; the others say
    which alert it is.
    """

    rule: str
    queue: str
    site: str
    kpi: str
    cause: str = ""
    severity: Severity = "warning"
    rules: tuple[str, ...] = ()


class Reading(Struct, frozen=True):
    """The KPI over one window such as `15m` or `now`; None where there is no value."""

    window: str
    value: float | None
    n: int | None = None


class WorstContact(Struct, frozen=True):
    """One of those behind the figure: how long it waited (so far) and how that ended."""

    contact_id: str
    wait_s: float
    outcome: Outcome


class Advice(Struct, frozen=True):
    """What could be done, and what comes if nothing is. Everything that could not be computed is None.

    With `agents`, as now on the floor, the queue settles at `level`, with `abandonment` (in balance, Erlang A); with
    `more` of them it is `level_with_more` and `abandonment_with_more`. `in_time_needed` contacts in a row answered in
    time bring the interval back to its target, or it is lost. `minutes_left` until the interval's target is lost.
    `cold`: what is usual at this time of the week has not been learned yet.
    """

    agents: int | None = None
    level: float | None = None
    abandonment: float | None = None
    more: int | None = None
    level_with_more: float | None = None
    abandonment_with_more: float | None = None
    in_time_needed: int | None = None
    interval_lost: bool = False
    minutes_left: float | None = None
    cold: bool = False


class Acknowledgement(Struct, frozen=True):
    """Who has taken it."""

    by: str
    at_ms: int
    why: str = ""


class Notice(Struct, frozen=True, kw_only=True):
    """One piece of news. `id` names the alert from its onset to its end (`notice_id`); times are data time.

    `kpi` is what is worst now, where that is another than the labels' ("" = the labels'). `value` is that KPI now and
    `worst` the worst of the labels' since the onset, both in `unit`; `n` is what stands behind `value`, and
    `bound` is the limit of its confidence interval on the side of the target. `queues` lists who is affected where the
    labels name no single queue, `sources` which sources are silent where that is the trouble. `hurt` counts the
    contacts that were not served as promised since the onset. `definition` is the rule with its version, such as
    `capacity@1`.
    """

    id: str
    kind: Kind
    labels: Labels
    onset_ms: int
    at_ms: int
    ended_ms: int | None = None
    kpi: str = ""
    unit: Unit = "ratio"
    value: float | None = None
    target: float | None = None
    n: int | None = None
    bound: float | None = None
    readings: tuple[Reading, ...] = ()
    trend: Trend | None = None
    worst_contacts: tuple[WorstContact, ...] = ()
    advice: Advice | None = None
    acknowledged: Acknowledgement | None = None
    worst: float | None = None
    hurt: int | None = None
    queues: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    wall_url: str = ""
    runbook_url: str = ""
    definition: str = ""

    @property
    def duration_ms(self) -> int:
        """From the onset to the end, or to now while it lasts; never negative."""
        return max(0, (self.at_ms if self.ended_ms is None else self.ended_ms) - self.onset_ms)

    @property
    def news_id(self) -> str:
        """The same each time this very piece of news is told, and no other's: by it a receiver knows a repetition."""
        return _digest(self.id, self.kind, self.labels.severity, str(self.at_ms))


def notice_id(rule: str, queue: str, onset_ms: int) -> str:
    """Names the alert of this rule in this queue that began then: 32 hexadecimal digits."""
    return _digest(rule, queue, str(onset_ms))


def fingerprint(labels: Labels) -> str:
    """Names the alert whenever it fires: 32 hexadecimal digits over the labels that never change while it lasts."""
    return _digest(labels.site, labels.rule, labels.queue, labels.kpi, labels.cause)


def _digest(*parts: str) -> str:
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:32]
