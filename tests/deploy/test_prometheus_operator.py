"""What deploy/kubernetes gives to Prometheus Operator: who is scraped, and the rules."""

import json
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml

from callpulse.monitoring import prometheus
from tests.deploy.manifests import PORTS, load_settings, objects
from tests.prometheus import needs_prometheus, promtool

LARGEST_ANNOTATION = 256 * 1024  # kubectl apply keeps the object in one


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    """Of what is written here, as the API reference of Prometheus Operator has it (monitoring.coreos.com/v1): it is no
    part of Kubernetes, whose schemas do not know it."""


class Key(Shape):
    name: str
    key: str


class Authorization(Shape):
    credentials: Key
    type: str = "Bearer"


class Relabeling(Shape, rename="camel"):
    target_label: str
    replacement: str


class Watched(Shape):
    port: str
    interval: str
    relabelings: list[Relabeling]
    authorization: Authorization | None = None


class Selector(Shape, rename="camel"):
    match_labels: dict[str, str]


class MonitorSpec(Shape):
    selector: Selector
    endpoints: list[Watched]


class Named(Shape):
    name: str
    namespace: str
    labels: dict[str, str]


class ServiceMonitor(Shape, rename={"api_version": "apiVersion"}):
    api_version: Literal["monitoring.coreos.com/v1"]
    kind: Literal["ServiceMonitor"]
    metadata: Named
    spec: MonitorSpec


def test_what_is_scraped_is_there_and_is_shown_the_token() -> None:
    (each,) = objects("ServiceMonitor")
    found = msgspec.convert(each, ServiceMonitor)
    selected = [
        s for s in objects("Service") if found.spec.selector.match_labels.items() <= s["metadata"]["labels"].items()
    ]
    assert {s["metadata"]["name"] for s in selected} == {f"callpulse-{name}" for name in PORTS}
    assert {port["name"] for s in selected for port in s["spec"]["ports"]} == {e.port for e in found.spec.endpoints}
    token = Authorization(Key("callpulse", "metrics_token"))
    assert all(endpoint.authorization == token for endpoint in found.spec.endpoints)
    site = load_settings({}).site.name
    assert all(e.relabelings == [Relabeling("site", site)] for e in found.spec.endpoints)


class Recorded(Shape):
    record: str
    expr: str


class Alerting(Shape, rename={"for_": "for"}):
    alert: str
    expr: str
    labels: dict[str, str]
    annotations: dict[str, str]
    for_: str = ""
    keep_firing_for: str = ""


class Group(Shape):
    name: str
    rules: list[dict[str, Any]]
    interval: str = ""


class RuleSpec(Shape):
    groups: list[Group]


class PrometheusRule(Shape, rename={"api_version": "apiVersion"}):
    api_version: Literal["monitoring.coreos.com/v1"]
    kind: Literal["PrometheusRule"]
    metadata: Named
    spec: RuleSpec


def test_the_rules_are_those_of_the_files_for_prometheus_by_the_settings_here() -> None:
    (each,) = objects("PrometheusRule")
    found = msgspec.convert(each, PrometheusRule)
    for rule in (rule for group in found.spec.groups for rule in group.rules):
        msgspec.convert(rule, Alerting if "alert" in rule else Recorded)
    made = prometheus.files(load_settings({}))
    files = [yaml.safe_load(made[f"prometheus/{name}.yml"])["groups"] for name in ("recording", "alerts")]
    assert each["spec"]["groups"] == files[0] + files[1]
    assert found.metadata.labels == objects("ServiceMonitor")[0]["metadata"]["labels"]
    assert len(json.dumps(each)) < LARGEST_ANNOTATION


@needs_prometheus
def test_promtool_takes_the_rules(tmp_path: Path) -> None:
    (each,) = objects("PrometheusRule")
    (tmp_path / "rules.yml").write_text(json.dumps(each["spec"]))
    code, said = promtool("check", "rules", "--lint-fatal", str(tmp_path / "rules.yml"))
    assert code == 0, said
