"""Whatever stands under `[alerts]`: settings that can be used, or sentences that name a key and show no secret."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpulse.alerts.core.lifecycle import Judgement
from callpulse.alerts.core.rule_faults import faults
from callpulse.alerts.core.rule_words import sentence
from callpulse.alerts.core.rules import LENGTH_ORDER, Rule, Seen, judge
from callpulse.alerts.core.subjects import SUBJECTS
from callpulse.alerts.tellers import channels_of
from callpulse.settings import Settings, SettingsError, load, rules_of, shown
from callpulse.settings.alerts import Alerts, LevelTable, OpeningHours, RuleTable
from callpulse.settings.channels import CHANNELS, Heartbeat

SECRET = "hunter2"
VALUES = (
    0, 1, -1, 0.5, 2.5, 30, 1e300, True, False, "", "x", "below", "above", "all", "now", "15m", "0s", "2m", "*",
    "sales", "https://h/x", "floor", "en",
    "Europe/Amsterdam", "08:00-18:00", "18:00-08:00", "2026-12-25", 32 * "k", *SUBJECTS,
)  # fmt: skip
plain = st.sampled_from(VALUES) | st.just(float("nan")) | st.just(float("inf"))
values = (
    plain | st.lists(plain, max_size=3) | st.dictionaries(st.sampled_from(["a", "enter", "kind"]), plain, max_size=2)
)


def table(keys: tuple[str, ...], **likely: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Mostly of known keys, with values that may be right."""
    return st.fixed_dictionaries({}, optional={**dict.fromkeys([*keys, "odd"], values), **likely})


LEVELS = table(LevelTable.__struct_encode_fields__, enter=plain, clear=plain)
HOURS = table(OpeningHours.__struct_encode_fields__, mon=st.lists(st.sampled_from(["08:00-18:00", "9-5"]), max_size=2))
RULES = st.fixed_dictionaries(
    {"kpi": st.sampled_from([*SUBJECTS]) | values, "side": st.sampled_from(["below", "above"])},
    optional={
        "warning": LEVELS,
        "critical": st.fixed_dictionaries({"enter": plain, "clear": plain}),
        "hours": HOURS,
        "for": values,
        "queues": values,
    },
) | table(RuleTable.__struct_encode_fields__, warning=LEVELS, critical=LEVELS, hours=HOURS)
URLS = st.sampled_from([f"https://h/{SECRET}", SECRET, f"https://[{SECRET}", f"//{SECRET}"]) | st.just(5)
TELLING = st.sampled_from([*CHANNELS.items()]).flatmap(
    lambda kind: table(
        kind[1].__struct_encode_fields__, kind=st.just(kind[0]), url=URLS, secret=URLS, routing_key=URLS,
        urls=st.lists(URLS, max_size=2) | URLS, url_file=st.just("/nowhere/at/all"), secret_file=values,
    )
)  # fmt: skip
NAMES = st.sampled_from(["service_level", "abandonment", "own", "capacity", "a b", "a.b", "[x]"])
ALERTS = table(
    tuple(key for key in Alerts.__struct_encode_fields__ if key != "host"),
    hours=HOURS | values,
    rules=st.dictionaries(NAMES, RULES | plain, max_size=3) | values,
    channels=st.dictionaries(NAMES, TELLING | URLS, max_size=3) | URLS,
    heartbeat=table(Heartbeat.__struct_encode_fields__, url=URLS, url_file=values) | URLS,
)


def toml(value: Any) -> str:
    """As one inline value."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return str(value).replace("+", "") if isinstance(value, float) else json.dumps(value)


numbers = st.sampled_from([0, 0.05, 0.5, 0.8, 0.85, 1, 2, 5, 60])
RIGHT_LEVELS = st.fixed_dictionaries({"enter": numbers, "clear": numbers}) | st.fixed_dictionaries(
    {"burn": numbers, "clear_burn": numbers}
)
RIGHT_RULES = st.fixed_dictionaries(
    {"kpi": st.sampled_from([*SUBJECTS]), "side": st.sampled_from(["below", "above"]), "warning": RIGHT_LEVELS},
    optional={
        "windows": st.lists(st.sampled_from(LENGTH_ORDER), min_size=1, max_size=2),
        "clear_on": st.lists(st.sampled_from(LENGTH_ORDER), max_size=1),
        "evidence": st.sampled_from([{"wilson": True}, {"min_n": 20}]),
        "for": st.sampled_from(["0s", "5m"]),
    },
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("settings") / "callpulse.toml"


@given(raw=ALERTS)
def test_a_file_is_used_or_refused_with_a_key_in_every_line_and_shows_no_secret(
    file: Path, raw: dict[str, Any]
) -> None:
    file.write_text(f"alerts = {toml(raw)}\n", encoding="utf-8")
    try:
        settings = load(file, {})
    except SettingsError as refused:
        said = str(refused)
    else:
        assert_usable(settings)
        return
    lines = said.splitlines()
    assert SECRET not in said
    assert len(set(lines)) == len(lines)
    assert [line for line in lines if not re.match(rf"{re.escape(str(file))}: alerts\b.*: \S", line)] == []


def assert_usable(settings: Settings) -> None:
    assert SECRET not in json.dumps(shown(settings))
    assert SECRET not in repr(settings)
    assert channels_of(settings).keys() == settings.alerts.channels.keys()
    for rule in rules_of(settings):
        assert list(faults(rule)) == []
        assert rule.name in sentence(rule, 0.8)
        assert rule.hours is None or rule.hours.is_open(0) in (True, False)


@given(own=RIGHT_RULES)
def test_a_rule_is_refused_or_can_fire_and_can_clear(file: Path, own: dict[str, Any]) -> None:
    file.write_text(f"alerts.default_rules = false\nalerts.rules.own = {toml(own)}\n", encoding="utf-8")
    try:
        settings = load(file, {})
    except SettingsError:
        return
    assert_usable(settings)
    (rule,) = rules_of(settings)
    highest = 1.0 if SUBJECTS[rule.kpi].unit == "ratio" else 1e6
    lowest = -1e6 if rule.kpi == "ledger_residual" else 0.0
    bad, good = (lowest, highest) if rule.side == "below" else (highest, lowest)
    assert judged(rule, bad).breach
    assert not judged(rule, good).uncleared


def judged(rule: Rule, value: float) -> Judgement:
    n = 10_000 if SUBJECTS[rule.kpi].behind else None
    return judge(rule.at(0.8), {window: Seen(value, n) for window in (*rule.windows, *rule.clear_on)})
