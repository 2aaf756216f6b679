"""The one list of KPIs: id, unit, which way is better, formula. Code, docs, Redis, metrics and boards read it.

A = answered, B = abandoned, X = exited, _T = within T seconds, B_s = short abandons, W_T = waiting and past T.
"""

from typing import Literal

from msgspec import Struct

VERSION = 1
FORMULAS = {
    "answered_only": "A_T / A",
    "abandons_missed": "A_T / (A + B + X)",
    "abandons_met": "(A_T + B_T) / (A + B + X)",
    "abandons_ignored_within_t": "A_T / (A + B + X − B_T)",
    "short_ignored": "A_T / (A + B + X − B_s)",
    "short_met": "(A_T + B_s) / (A + B + X)",
}
FormulaName = Literal[
    "answered_only", "abandons_missed", "abandons_met", "abandons_ignored_within_t", "short_ignored", "short_met"
]


class Kpi(Struct, frozen=True):
    """`unit`: ratio, s (seconds) or count. `better`: up, down or neither. `version` grows when the formula changes."""

    id: str
    unit: Literal["ratio", "s", "count"]
    better: Literal["up", "down", "neither"]
    formula: str
    version: int = VERSION


CATALOGUE: tuple[Kpi, ...] = (
    Kpi("service_level", "ratio", "up", "the queue's own formula and T; by default A_T / (A + B + X)"),
    Kpi("service_level_live", "ratio", "up", "A_T / (A + B + X + W_T)"),
    Kpi("asa_s", "s", "down", "Σ wait of answered / A"),
    Kpi("abandonment_rate", "ratio", "down", "B / (A + B + X)"),
    Kpi("abandonment_rate_corrected", "ratio", "down", "(B − B_s) / (A + B + X − B_s)"),
    Kpi("wait_p50_s", "s", "down", "median wait of answered visits, nearest rank"),
    Kpi("wait_p90_s", "s", "down", "90th percentile of the wait of answered visits, nearest rank"),
    Kpi("wait_max_s", "s", "down", "longest wait of an answered visit"),
    Kpi("wait_stddev_s", "s", "down", "population standard deviation of the wait of answered visits"),
    Kpi("customer_wait_s", "s", "down", "Σ (ivr_s + wait) / n over answered visits whose ivr_s is known"),
    Kpi("aht_s", "s", "neither", "Σ (talk + hold + wrap-up) / handled"),
    Kpi("talk_s", "s", "neither", "Σ talk / handled"),
    Kpi("hold_s", "s", "down", "Σ hold / handled"),
    Kpi("wrap_up_s", "s", "down", "Σ wrap-up / handled"),
    Kpi("occupancy", "ratio", "neither", "(ringing + talking + hold + wrap-up time) / (that + ready time)"),
    Kpi("transfer_rate", "ratio", "down", "visits ended by transfer / handled"),
    Kpi("ivr_abandonment_rate", "ratio", "down", "menu hang-ups / (menu hang-ups + offered)"),
    Kpi("wait_sum_s", "s", "neither", "Σ wait of answered"),
    Kpi("customer_wait_sum_s", "s", "neither", "Σ (ivr_s + wait) of answered visits whose ivr_s is known"),
    Kpi("talk_sum_s", "s", "neither", "Σ talk"),
    Kpi("hold_sum_s", "s", "neither", "Σ hold"),
    Kpi("wrap_up_sum_s", "s", "neither", "Σ wrap-up"),
    Kpi("offered", "count", "neither", "visits that entered the queue"),
    Kpi("answered", "count", "neither", "A"),
    Kpi("answered_within_t", "count", "up", "A_T with the queue's own T"),
    Kpi("abandoned", "count", "down", "B"),
    Kpi("abandoned_within_t", "count", "neither", "B_T with the queue's own T"),
    Kpi("abandoned_short", "count", "neither", "B_s: abandoned with wait < short_abandon_s"),
    Kpi("exited", "count", "down", "X: left unanswered without hanging up"),
    Kpi("lost", "count", "down", "the source never told how the visit ended"),
    Kpi("handled", "count", "neither", "visits whose conversation has ended"),
    Kpi("not_offered", "count", "neither", "seen by the source, never in a queue"),
    Kpi("unmatched", "count", "down", "outcomes from which no time of arrival follows"),
    Kpi("ledger_residual", "count", "down", "offered − answered − abandoned − exited − lost − waiting; 0 or a defect"),
    Kpi("contacts_waiting", "count", "down", "waiting at this moment"),
    Kpi("longest_wait_s", "s", "down", "age of the oldest wait at this moment"),
)
BY_ID = {kpi.id: kpi for kpi in CATALOGUE}
AGENT_STATES_SHOWN = ("ready", "ringing", "talking", "hold", "wrapup", "not_ready")


def unit_of(kpi_id: str) -> str:
    """Unit of a KPI, also of `service_level.FORMULA.T`, `answered_within.T`, `exited.CAUSE`, `agents.STATE`."""
    if kpi_id in BY_ID:
        return BY_ID[kpi_id].unit
    return "ratio" if kpi_id.startswith("service_level.") else "count"
