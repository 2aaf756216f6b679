"""Every rule asks for what there is."""

import re

import pytest

from callpulse.monitoring import prometheus, recording
from callpulse.settings import QueueSettings, Settings
from callpulse.stream.metrics.names import VISITS
from tests.promql import series, unknown

SETTINGS = Settings(queues={"sales": QueueSettings(boundary="lt")})
RULES = [
    rule
    for group in (*recording.groups(SETTINGS), *prometheus.groups(SETTINGS))
    for rule in group["rules"]
]  # fmt: skip


def named(rule: dict[str, str]) -> str:
    return rule.get("record") or rule["alert"]


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_every_series_and_label_of_a_rule_exists(rule: dict[str, str]) -> None:
    assert unknown(rule["expr"]) == []


@pytest.mark.parametrize("rule", [rule for rule in RULES if "alert" in rule], ids=named)
def test_the_words_of_an_alert_name_labels_that_it_has(rule) -> None:
    """A word about a label that is not there would be an empty one."""
    asked = set(re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())))
    selected = re.findall(r"by \(([a-z, ]+)\)", rule["expr"])
    there = {label.strip() for labels in selected for label in labels.split(",")} | {*rule["labels"]}
    if "by (" not in rule["expr"]:
        there |= {label for name in series() if name in rule["expr"] for label in series()[name]}
    assert asked <= there


def test_a_rule_that_asks_for_what_is_not_there_is_noticed() -> None:
    for expr in (
        "callpulse_visits_ofered_total",
        'callpulse_visits_offered_total{que="x"}',
        "sum by (agent) (callpulse_visits_offered_total)",
        "callpulse_visits_waiting and on (source) callpulse_visits_offered_total",
    ):
        assert unknown(expr), expr


def test_every_recorded_name_says_what_it_is_made_of() -> None:
    """level:metric:operations, where the level is that of a queue or of a site."""
    for rule in RULES:
        if "record" in rule:
            assert re.fullmatch(r"callpulse(_site)?:[a-z_]+:[a-z_]*(max|ratio|rate(5m|15m|30m|1h|1d))", rule["record"])


def test_what_can_be_corrected_is_never_asked_for_without_what_was_taken_back() -> None:
    booked = {family.name for family in VISITS if "_corrected" not in family.name}
    asked = {name for rule in RULES for name in re.findall(r"\bcallpulse_[a-z_]+", rule["expr"])}
    assert {name.replace("_total", "_corrected_total") for name in asked & booked} <= asked
