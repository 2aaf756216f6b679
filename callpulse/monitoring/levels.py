"""The six formulas of the service level in PromQL: numerator and denominator of each queue, by the formula that is in
force there.

A_T comes from its own counter, so that "within T" is <= or < as the queue is set. B_T comes from buckets, whose `le` is
always <=: a queue that says < and whose formula needs B_T has no value here.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from callpulse.monitoring.promql import any_of
from callpulse.settings import Settings
from callpulse.stream.core.catalogue import FormulaName

QUEUE = "site, queue, channel"
TARGET = "callpulse:service_level_target:ratio"
B_T = "visits_abandoned_within_threshold"


class Terms(NamedTuple):
    """Of a formula: what is counted as met, and of what. Names as in the catalogue; `done` is A + B + X."""

    met: str
    counted: str


FORMULAS: dict[FormulaName, Terms] = {
    "answered_only": Terms("A_T", "A"),
    "abandons_missed": Terms("A_T", "done"),
    "abandons_met": Terms("A_T + B_T", "done"),
    "abandons_ignored_within_t": Terms("A_T", "done - B_T"),
    "short_ignored": Terms("A_T", "done - B_s"),
    "short_met": Terms("A_T + B_s", "done"),
}
RATES = {
    "A": "callpulse:visits_answered:rate{}",
    "done": "callpulse:visits_done:rate{}",
    "B_s": "callpulse:visits_abandoned_short:rate{}",
    "A_T": "callpulse:visits_answered_within_threshold:rate{}",
    "B_T": "callpulse:visits_abandoned_within_threshold:rate{}",
}


def levels(window: str) -> Iterator[tuple[str, str]]:
    """(name, expression) of both. Nothing is counted where it is not known what was met: sums of a site need both."""
    met, counted = (f"callpulse:service_level_{part}:rate{window}" for part in Terms._fields)
    yield met, _by_formula(lambda terms: terms.met, window)
    yield counted, f"(\n{_indented(_by_formula(lambda terms: terms.counted, window))}\n)\nand {met}"


def _by_formula(part: Callable[[Terms], str], window: str) -> str:
    """Each way to count, for the queues whose formula counts so."""
    ways = {
        part(terms): [name for name in FORMULAS if part(FORMULAS[name]) == part(terms)] for terms in FORMULAS.values()
    }
    return "\nor\n".join(
        f"{_rate(way, window)}\n  and on ({QUEUE}) {TARGET}{{formula=~{any_of(names)}}}" for way, names in ways.items()
    )


def _rate(way: str, window: str) -> str:
    return " ".join(RATES[word].format(window) if word in RATES else word for word in way.split())


def abandoned_within_t(middle: str, settings: Settings) -> str:
    """B_T of every threshold in force, from buckets: `le` of 20 s is "20.0" to Prometheus, `threshold` is "20"."""
    buckets = f'callpulse_visit_wait{middle}_seconds_bucket{{outcome="abandoned"{_inclusive(settings)}}}'
    named = f'label_replace({buckets}, "threshold", "$1", "le", "(.+?)([.]0)?")'
    return (
        f"max by ({QUEUE}, threshold) (\n  {named}\n)\nand on ({QUEUE}, threshold) callpulse_service_level_target_ratio"
    )


def _inclusive(settings: Settings) -> str:
    """A matcher of the queues for which "within T" is <=; "" where that is all."""
    usual = settings.policy("").boundary
    others = [queue for queue in settings.queues if settings.policy(queue).boundary != usual]
    if usual == "le":
        return f", queue!~{any_of(others)}" if others else ""
    return f", queue=~{any_of(others)}"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
