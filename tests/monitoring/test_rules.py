"""Every rule asks for what there is."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from callpulse.monitoring import alertmanager, prometheus, recording
from callpulse.monitoring.run import everything, write
from callpulse.settings import QueueSettings, Settings, load, milliseconds
from callpulse.stream.metrics.names import VISITS
from tests.alertmanager import needs_alertmanager
from tests.prometheus import needs_prometheus
from tests.promql import series, unknown

ROOT = Path(__file__).parents[2]
SETTINGS = Settings(queues={"sales": QueueSettings(boundary="lt")})


def rules(settings: Settings) -> list[dict[str, Any]]:
    return [
        rule
        for group in (*recording.groups(settings), *prometheus.groups(settings))
        for rule in group["rules"]
    ]  # fmt: skip


RULES = rules(SETTINGS)


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
    booked = {twins.booked.name for twins in VISITS}
    asked = {name for rule in RULES for name in re.findall(r"\bcallpulse_[a-z_]+", rule["expr"])}
    assert {name.replace("_total", "_corrected_total") for name in asked & booked} <= asked


def test_a_queue_with_a_star_in_its_name_is_that_queue_alone() -> None:
    starred = Settings(queues={"a*": QueueSettings(boundary="lt")})
    (matcher,) = {found for rule in rules(starred) for found in re.findall(r"queue!~(\"[^\"]+\")", rule["expr"])}
    assert matcher == r'"a\\*"'


# -- as their own tools see them

OTHER = """
[site]
name = "a$1b"
[queue_defaults]
boundary = "lt"
formula = "abandons_met"
[queues."sales, 'north' \\"1\\" (a|b)*"]
boundary = "le"
[alerts.rules.abandonment]
queues = ["sales*", "a.b"]
warning = { enter = 0.07, clear = 0.06 }
evidence = { min_n = 20 }
[alerts.rules.service_level]
combine = "any"
[alerts.rules.abandonment_severe]
enabled = false
[alerts.rules.of_today]
kpi = "abandonment_rate"
side = "above"
windows = ["day"]
warning = { enter = 0.05, clear = 0.04 }
"""


def checked(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(params=["", OTHER], ids=["defaults", "others"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    (tmp_path / "callpulse.toml").write_text(request.param)
    write(everything(load(tmp_path / "callpulse.toml", {})), tmp_path)
    return tmp_path


@needs_prometheus
def test_promtool_takes_configuration_and_rules(folder: Path) -> None:
    config, token = folder / "prometheus" / "prometheus.yml", folder / "token"
    token.write_text("what promtool looks for")
    config.write_text(config.read_text().replace(Settings().monitoring.token_file, str(token)))
    said = checked("promtool", "check", "config", "--lint-fatal", str(config))
    assert said.count("rules found") == 2


@needs_alertmanager
@pytest.mark.skipif(shutil.which("amtool") is None, reason="amtool is not installed")
def test_amtool_takes_the_routes(folder: Path) -> None:
    assert "4 receivers" in checked("amtool", "check-config", str(folder / "alertmanager" / "alertmanager.yml"))


@needs_alertmanager
@pytest.mark.skipif(shutil.which("amtool") is None, reason="amtool is not installed")
def test_the_receivers_of_the_document_fit_into_the_routes(tmp_path: Path) -> None:
    (told,) = re.findall(r"```yaml\n(receivers:.*?)```", (ROOT / "docs" / "MONITORING.md").read_text(), re.DOTALL)
    made = alertmanager.config(Settings())
    own = yaml.safe_load(told)
    assert [each["name"] for each in own["receivers"]] == [each["name"] for each in made["receivers"]]
    file = tmp_path / "alertmanager.yml"
    file.write_text(yaml.safe_dump(made | own))
    assert "4 receivers" in checked("amtool", "check-config", str(file))


def test_the_document_names_the_lines_that_are_placeholders() -> None:
    lines = [line.strip() for line in everything(Settings())["alertmanager/alertmanager.yml"].splitlines()]
    named = [f"- url: http://127.0.0.1:5001/{name}" for name in ("operations", "supervisors", "heartbeat")]
    assert [line for line in lines if "127.0.0.1" in line] == named


@needs_alertmanager
@pytest.mark.skipif(shutil.which("amtool") is None, reason="amtool is not installed")
@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ("alertname=CallpulsePrometheusAlive audience=operations", "heartbeat"),
        ("alertname=CallpulseAlive severity=none site=main", "heartbeat"),
        ("alertname=CallpulseAlertsWatching audience=operations", "nobody"),
        ("alertname=CallpulseServiceLevelLow audience=supervisors", "supervisors"),
        ("alertname=capacity kpi=service_level_expected severity=warning", "supervisors"),
        ("alertname=CallpulseNoData audience=operations severity=critical", "operations"),
        ("alertname=SomethingElse", "operations"),
    ],
)
def test_each_alert_has_its_receiver(labels: str, receiver: str) -> None:
    routes = str(ROOT / "alertmanager" / "alertmanager.yml")
    assert checked("amtool", "config", "routes", "test", f"--config.file={routes}", *labels.split()).strip() == receiver


def test_a_sign_of_life_is_told_each_minute() -> None:
    """Alertmanager looks once an interval, a moment early by the time of its last word: what is to be repeated after
    just as long waits for one interval more."""
    (life,) = [route for route in alertmanager.route()["routes"] if route["receiver"] == "heartbeat"]
    interval_ms, repeat_ms = milliseconds(life["group_interval"]), milliseconds(life["repeat_interval"])
    looks = -(-(repeat_ms + 5_000) // interval_ms)
    assert looks * interval_ms == 60_000


def test_what_prometheus_cannot_judge_is_named(tmp_path: Path) -> None:
    file = tmp_path / "callpulse.toml"
    file.write_text(OTHER)
    head = everything(load(file, {}))["prometheus/alerts.yml"].splitlines()[:2]
    assert head[1].endswith(": of_today.")
