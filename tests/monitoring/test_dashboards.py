"""The dashboards keep to the rules of dashboard linters and to ours, whatever the settings."""

import copy
import html
import json
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard
from msgspec import structs

from callpulse.monitoring.dashboards import files
from callpulse.monitoring.dashboards.definitions import policies
from callpulse.settings import QueueSettings, Settings, load
from callpulse.stream.core.catalogue import CATALOGUE
from tests.deploy.composed import services
from tests.monitoring import board_rules as rules
from tests.monitoring.boards import Json, boards, panels, variables

UIDS = ["callpulse-service", "callpulse-queue", "callpulse-supervisor", "callpulse-operations", "callpulse-definitions"]
PROVISIONED = "grafana/provisioning/{}/callpulse.yml"
SPECIAL = """
[site]
zone = "Europe/Amsterdam"
day_start = "06:30"
interval_min = 30
[queue_defaults]
threshold_s = 30
target = 0.9
[queues."sales|<b>x</b>"]
target = 0.95
[alerts]
wall_url = "https://wall.example/b/floor"
[alerts.rules.abandonment]
warning = { enter = 0.035, clear = 0.02 }
"""


@pytest.fixture(scope="session")
def special(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    file = tmp_path_factory.mktemp("settings") / "callpulse.toml"
    file.write_text(SPECIAL)
    return load(file, {})


def board(uid: str) -> Json:
    return boards()[uid]


def test_their_uids_never_change() -> None:
    assert list(boards()) == UIDS


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("uid", UIDS)
def test_each_keeps_to_each_rule(uid: str, rule: Callable[[Json], rules.Said]) -> None:
    assert list(rule(board(uid))) == []


@pytest.mark.parametrize("uid", UIDS)
def test_with_other_settings_too(uid: str, special: Settings) -> None:
    changed = boards(special)[uid]
    assert [said for rule in rules.RULES for said in rule(changed)] == []


@pytest.mark.parametrize("uid", UIDS)
def test_the_schema_of_the_pinned_sdk_knows_every_field(uid: str) -> None:
    register_default_plugins()
    read = Dashboard.from_json(copy.deepcopy(board(uid)))
    assert json.loads(json.dumps(read, cls=JSONEncoder)) == board(uid)


# -- each rule finds what it is there for


def _of_panel(**changes: Any) -> Callable[[Json], None]:
    return lambda spoilt: spoilt["panels"][0].update(changes)


def _of_query(**changes: Any) -> Callable[[Json], None]:
    return lambda spoilt: spoilt["panels"][0]["targets"][0].update(changes)


def _asking(expr: str) -> Callable[[Json], None]:
    return _of_query(expr=expr)


def _of_variable(which: str, **changes: Any) -> Callable[[Json], None]:
    return lambda spoilt: variables(spoilt)[which].update(changes)


OF = 'site=~"$site", queue=~"$queue"'
SPOILT: tuple[tuple[Callable[[Json], rules.Said], Callable[[Json], None]], ...] = (
    (rules.template_datasource_rule, _of_variable("datasource", name="source")),
    (rules.template_datasource_rule, _of_variable("datasource", current={"text": "mine", "value": "mine"})),
    (rules.template_required_variables_rule, _of_variable("queue", name="queues")),
    (rules.template_label_promql_rule, _of_variable("queue", query="label_values(callpulse_none, queue)")),
    (rules.template_label_promql_rule, _of_variable("queue", query="label_values(callpulse_build_info, queue)")),
    (rules.template_on_time_change_reload_rule, _of_variable("site", refresh=1)),
    (rules.template_unused_rule, _of_variable("window", name="windows")),
    (rules.template_used_but_unknown, _of_variable("window", name="windows")),
    (rules.panel_datasource_rule, _of_panel(datasource={"type": "prometheus", "uid": "P1"})),
    (rules.panel_datasource_rule, _of_query(datasource={"type": "prometheus", "uid": "P1"})),
    (rules.panel_title_description_rule, _of_panel(title="")),
    (rules.panel_title_description_rule, _of_panel(description="")),
    (rules.panel_units_rule, lambda spoilt: spoilt["panels"][0]["fieldConfig"]["defaults"].update(unit="seconds")),
    (rules.panel_no_targets_rule, _of_panel(targets=[])),
    (rules.target_promql_rule, _asking("sum(")),
    (rules.element_reference_rule, _asking(f"sum(callpulse_visits_wating{{{OF}}})")),
    (rules.element_reference_rule, _asking('sum(callpulse_visits_waiting{que="a"})')),
    (rules.element_reference_rule, _asking("sum by (state) (callpulse_visits_waiting)")),
    (rules.element_reference_rule, lambda spoilt: spoilt["panels"][7]["targets"][3].update(legendFormat="Aim")
     or spoilt["panels"][7]["transformations"].pop()),
    (rules.target_rate_interval_rule, _asking(f"sum(rate(callpulse_visits_offered_total{{{OF}}}[5m]))")),
    (rules.target_rate_interval_rule, _asking(f"sum(increase(callpulse_visits_offered_total{{{OF}}}[1h]))")),
    (rules.target_counter_agg_rule, _asking("sum(callpulse_events_read_total)")),
    (rules.target_histogram_rule, _asking("sum(rate(callpulse_visit_wait_seconds_bucket[$__rate_interval]))")),
    (rules.target_required_matchers_rule, _asking('sum(callpulse_visits_waiting{queue=~"$queue"})')),
    (rules.target_required_matchers_rule, _asking('sum(callpulse_visits_waiting{site="$site", queue=~"$queue"})')),
    (rules.legend_rule, _of_query(legendFormat="")),
    (rules.legend_rule, _of_query(legendFormat="{{queue}}")),
    (rules.uneditable_dashboard, lambda spoilt: spoilt.update(editable=True)),
    (rules.dashboard_refresh_interval, lambda spoilt: spoilt.update(refresh="1s")),
    (rules.unique_ids, _of_panel(id=2)),
    (rules.unique_ids, _of_panel(title="Abandoned")),
    (rules.unique_ids, lambda spoilt: spoilt["panels"][7]["targets"][1].update(refId="A")),
    (rules.no_overlap, _of_panel(gridPos={"x": 1, "y": 0, "w": 4, "h": 4})),
    (rules.no_overlap, _of_panel(gridPos={"x": 22, "y": 90, "w": 4, "h": 4})),
    (rules.first_screen, _of_panel(gridPos={"x": 0, "y": 20, "w": 24, "h": 4})),
    (rules.ratio_from_counts, _asking(f"avg(callpulse_service_level_ratio{{{OF}}})")),
    (rules.ratio_from_counts, _asking(f"sum(callpulse_asa_seconds{{{OF}}}) / count(callpulse_asa_seconds{{{OF}}})")),
    (rules.ratio_from_counts, _asking(f"avg_over_time(callpulse_asa_seconds{{{OF}}}[5m])")),
    (rules.nothing_is_not_zero, lambda spoilt: spoilt["panels"][0]["fieldConfig"]["defaults"].update(noValue="0")),
    (rules.nothing_is_not_zero, lambda s: s["panels"][8]["fieldConfig"]["defaults"]["custom"].update(spanNulls=True)),
    (rules.nothing_is_not_zero, _asking(f"sum(callpulse_visits_waiting{{{OF}}}) or vector(0)")),
    (rules.stale_is_not_fresh, _of_query(instant=False, range=True)),
    (rules.links_lead_somewhere, lambda spoilt: spoilt["links"].pop()),
)  # fmt: skip


@pytest.mark.parametrize(("rule", "spoil"), SPOILT)
def test_each_rule_finds_what_is_against_it(rule: Callable[[Json], rules.Said], spoil: Callable[[Json], None]) -> None:
    spoilt = copy.deepcopy(board("callpulse-service"))
    assert list(rule(spoilt)) == []
    spoil(spoilt)
    assert list(rule(spoilt))


def test_every_rule_has_been_seen_to_find_something() -> None:
    assert set(rules.RULES) == {rule for rule, _ in SPOILT}


# -- settings


def thresholds(of: Json, title: str) -> list[tuple[float | None, str]]:
    (panel,) = (panel for panel in panels(of) if panel["title"] == title)
    return [(step["value"], step["color"]) for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]]


def test_levels_are_those_of_the_alert_rules_and_of_t(special: Settings) -> None:
    plain, changed = board("callpulse-service"), boards(special)["callpulse-service"]
    assert thresholds(plain, "Service level") == [(None, "red"), (0.6, "orange"), (0.8, "green")]
    assert thresholds(changed, "Service level") == [(None, "red"), (0.8, "orange"), (0.9, "green")]
    assert thresholds(plain, "Abandoned") == [(None, "green"), (0.05, "yellow"), (0.1, "orange"), (0.15, "red")]
    assert thresholds(changed, "Abandoned")[1] == (0.035, "yellow")
    assert thresholds(plain, "Speed of answer") == [(None, "green"), (20, "orange"), (60, "red")]
    assert thresholds(changed, "Longest wait") == [(None, "green"), (90, "orange"), (270, "red")]


def test_where_no_rule_is_set_the_target_alone_is_a_level() -> None:
    quiet = load(None, {"CALLPULSE_ALERTS_DEFAULT_RULES": "false"})
    found = boards(quiet)["callpulse-service"]
    assert thresholds(found, "Service level") == [(None, "red"), (0.8, "green")]
    assert thresholds(found, "Abandoned") == [(None, "green")]


def test_the_day_begins_when_the_business_day_of_the_site_does(special: Settings) -> None:
    assert board("callpulse-supervisor")["time"]["from"] == "now/d"
    changed = boards(special)["callpulse-supervisor"]
    assert (changed["time"]["from"], changed["timezone"]) == ("now-390m/d+390m", "Europe/Amsterdam")


def test_intervals_are_as_long_as_those_of_the_site(special: Settings) -> None:
    for settings, length in ((Settings(), "15m"), (special, "30m")):
        (table,) = (each for each in panels(boards(settings)["callpulse-supervisor"]) if each["title"] == "Intervals")
        assert table["interval"] == length
        assert re.findall(r"offset (\w+)", table["targets"][0]["expr"]) == [length, length]


def test_the_wall_is_linked_where_its_address_is_set(special: Settings) -> None:
    assert [link["title"] for link in board("callpulse-queue")["links"]][-1] != "Wall"
    assert boards(special)["callpulse-queue"]["links"][-1]["url"] == "https://wall.example/b/floor"


def test_every_kpi_of_the_catalogue_is_defined_with_formula_version_unit_and_target(special: Settings) -> None:
    (words,) = (panel for panel in boards(special)["callpulse-definitions"]["panels"] if panel["title"] == "Every KPI")
    said = words["options"]["content"]
    for kpi in CATALOGUE:
        assert f"| `{kpi.id}` | {kpi.formula.replace('<', '&lt;')} | v{kpi.version} | {kpi.unit} |" in said
    assert "at least 90% within 30 s" in said
    assert "alerts above 3.5%, 10%, 15%" in said


def test_the_name_of_a_queue_is_no_markup(special: Settings) -> None:
    """Nor a variable of Grafana, which it would put its value in the place of."""
    queues = {"a|<b>x</b>": QueueSettings(), "$queue ${site} [x](y) *z*\n| w": QueueSettings()}
    found = policies(structs.replace(special, queues=queues))
    names = [row.split("|")[1].strip() for row in found.splitlines()[2:]]
    assert not re.search(r"[$|<>\[\]()*{}]", "".join(names))
    assert [html.unescape(name) for name in names] == ["all others", *(" ".join(name.split()) for name in queues)]


def test_the_first_screen_shows_what_the_board_is_for_and_rows_are_below() -> None:
    for each in boards().values():
        tops = [panel["gridPos"]["y"] for panel in each["panels"] if panel["type"] == "row"]
        assert all(top >= rules.SCREEN for top in tops)
        assert all(a["gridPos"]["y"] <= b["gridPos"]["y"] for a, b in pairwise(each["panels"]))


# -- provisioning: keys as Grafana's documentation has them

DATA_SOURCE = {"name", "uid", "type", "access", "url", "isDefault", "editable", "jsonData", "orgId"}
PROVIDER = {"name", "folder", "folderUid", "type", "disableDeletion", "allowUiUpdates", "updateIntervalSeconds",
            "options", "orgId"}  # fmt: skip


def provisioned(name: str) -> Any:
    return yaml.safe_load(files(Settings())[PROVISIONED.format(name)])


def test_data_sources_take_their_address_from_the_environment() -> None:
    told = provisioned("datasources")
    assert told["apiVersion"] == 1
    assert [(each["type"], each["url"]) for each in told["datasources"]] == [
        ("prometheus", "$PROMETHEUS_URL"),
        ("alertmanager", "$ALERTMANAGER_URL"),
    ]
    assert all(set(each) <= DATA_SOURCE for each in told["datasources"])
    assert sum(each.get("isDefault", False) for each in told["datasources"]) == 1


def test_dashboards_are_provided_in_a_folder_of_their_own() -> None:
    (provider,) = provisioned("dashboards")["providers"]
    assert set(provider) <= PROVIDER
    assert (provider["type"], provider["folder"]) == ("file", "callpulse")
    assert set(provider["options"]) == {"path"}


def test_the_contact_point_is_the_alertmanager_and_invents_no_address() -> None:
    (contact,) = provisioned("alerting")["contactPoints"]
    (receiver,) = contact["receivers"]
    assert (receiver["type"], receiver["settings"]) == ("prometheus-alertmanager", {"url": "$ALERTMANAGER_URL"})
    assert re.fullmatch(r"[\w-]{1,40}", receiver["uid"])


def test_no_file_holds_an_address_of_its_own() -> None:
    for path, text in files(Settings()).items():
        assert not re.search(r"https?://", text), path


def test_compose_gives_grafana_every_variable_and_shows_it_every_file() -> None:
    grafana = services()["grafana"]
    for path, text in files(Settings()).items():
        named = set(re.findall(r"\$(\w+)", text)) if "provisioning" in path else set()
        assert named <= set(grafana["environment"]), path
    (provider,) = provisioned("dashboards")["providers"]
    assert f"./grafana/dashboards:{provider['options']['path']}:ro" in grafana["volumes"]
    assert "./grafana/provisioning:/etc/grafana/provisioning:ro" in grafana["volumes"]
