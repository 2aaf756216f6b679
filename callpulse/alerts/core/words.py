"""What a table of words for messages has: one sentence with its placeholders per field, the same in each language."""

from typing import Literal

from msgspec import Struct

from callpulse.alerts.core.notice import Kind, Outcome, Severity, Trend

Language = Literal["en", "nl"]


class Words(Struct, frozen=True, kw_only=True):
    """One language. Placeholders are names in braces; a KPI or cause that is not in the tables is told by its id."""

    decimal: str
    severities: dict[Severity, str]
    subjects: dict[Kind, str]
    kpis: dict[str, str]
    causes: dict[str, str]
    trends: dict[Trend, str]
    outcomes: dict[Outcome, str]
    whole_site: str
    place: str
    since: str
    ended: str
    against: str
    beyond: str
    test: str
    test_over: str
    without_target: str
    no_value: str
    evidence: str
    bound_above: str
    bound_below: str
    reading: str
    reading_windows: str
    worst: str
    hurt: str
    over: str
    at_worst: str
    late: str
    contacts: str
    contact: str
    queues: str
    more_queues: str
    expected: str
    add: str
    add_one: str
    abandonment: str
    abandonment_falls: str
    cold: str
    needed: str
    lost: str
    left: str
    acknowledged: str
    why: str
    agreeing: str
    wall: str
    runbook: str
    footer: str
    now: str
    seconds: str
    minutes: str
    hours: str
