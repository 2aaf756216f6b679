"""The manifests of deploy/kubernetes, as they are read."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec
import yaml

from callpulse.settings import Settings, load
from tests.deploy.composed import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
FILES = sorted(path for path in FOLDER.glob("*.yaml") if path.name != "kustomization.yaml")
MOUNTED = "/run/secrets/callpulse/"
PORTS = {"worker": Settings().metrics.port, "alerts": Settings().alerts.port, "wallboard": Settings().wallboard.port}
OF_OPERATOR = ("ServiceMonitor", "PrometheusRule")
Object = dict[str, Any]


def objects(kind: str = "") -> list[Object]:
    """All of that kind."""
    found = [each for path in FILES for each in yaml.safe_load_all(path.read_text())]
    return [each for each in found if not kind or each["kind"] == kind]


def name_of(each: Object) -> str:
    return f"{each['kind']}-{each['metadata']['name']}"


def workloads() -> list[Object]:
    return [*objects("Deployment"), *objects("Job")]


def pod(workload: Object) -> Object:
    found: Object = workload["spec"]["template"]["spec"]
    return found


def container(workload: Object) -> Object:
    (found,) = pod(workload)["containers"]
    assert isinstance(found, dict)
    return found


def matched(selector: Object) -> list[str]:
    """Names of the workloads whose pods have these labels."""
    wanted = selector.get("matchLabels", selector).items()
    return [
        each["metadata"]["name"]
        for each in workloads()
        if wanted <= each["spec"]["template"]["metadata"]["labels"].items()
    ]


# -- what they run


def load_settings(variables: dict[str, str], folder: Path | None = None) -> Settings:
    (config,) = objects("ConfigMap")
    file = (folder or Path("/nonexistent")) / "callpulse.toml"
    if folder is None:
        return msgspec.convert(tomllib.loads(config["data"]["callpulse.toml"]), Settings)
    file.write_text(config["data"]["callpulse.toml"])
    return load(file, variables)
