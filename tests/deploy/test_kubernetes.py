"""The manifests of deploy/kubernetes: valid by the schemas of Kubernetes itself, and true of callpulse."""

import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from tests.deploy.calls import can_be_called
from tests.deploy.composed import ROOT, SECRETS, services
from tests.deploy.dockerfile import said
from tests.deploy.manifests import (
    FILES,
    FOLDER,
    MOUNTED,
    OF_OPERATOR,
    PORTS,
    Object,
    container,
    load_settings,
    matched,
    name_of,
    objects,
    pod,
    workloads,
)

KEPT_UP = ("1.29", "1.33", kubernetes_validate.latest_version())


# -- their form


@pytest.mark.parametrize("version", KEPT_UP)
@pytest.mark.parametrize("each", [each for each in objects() if each["kind"] not in OF_OPERATOR], ids=name_of)
def test_kubernetes_knows_all_of_it(each: Object, version: str) -> None:
    kubernetes_validate.validate(each, version, strict=True)


def test_a_key_that_is_misspelt_would_be_noticed() -> None:
    wrong = objects("Deployment")[0]
    pod(wrong)["automountServiceAccountTokens"] = False
    with pytest.raises(kubernetes_validate.ValidationError, match="automountServiceAccountTokens"):
        kubernetes_validate.validate(wrong, KEPT_UP[-1], strict=True)


def test_the_kustomization_has_every_file_and_the_version_of_this_one() -> None:
    found = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
    assert sorted(found["resources"]) == [path.name for path in FILES]
    (image,) = found["images"]
    assert image["newTag"] == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert {container(each)["image"] for each in workloads()} == {image["name"]}
    assert {each["metadata"].get("namespace", "callpulse") for each in objects()} == {found["namespace"]}


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="no kubectl here")
def test_kubectl_puts_it_together() -> None:
    done = subprocess.run(["kubectl", "kustomize", FOLDER], text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(list(yaml.safe_load_all(done.stdout))) == len(objects())


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="no kubectl here")
def test_rules_and_monitors_bear_the_label_that_a_prometheus_picks_them_by(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    file = tmp_path / "kustomization.yaml"
    file.write_text(re.sub(r"(?m)^# (labels:|  - pairs)", r"\1", file.read_text()))
    done = subprocess.run(["kubectl", "kustomize", tmp_path], text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    labelled = [each for each in yaml.safe_load_all(done.stdout) if each["kind"] in OF_OPERATOR]
    assert [each["metadata"]["labels"]["release"] for each in labelled] == ["kube-prometheus-stack"] * len(OF_OPERATOR)


def test_the_settings_of_the_rules_are_taken_out_of_the_manifest_as_the_document_says() -> None:
    (command,) = re.findall(r"(?m)^sed .*settings.yaml", (ROOT / "docs" / "DEPLOYING.md").read_text())
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, text=True, capture_output=True, check=True)
    (config,) = objects("ConfigMap")
    assert tomllib.loads(done.stdout) == tomllib.loads(config["data"]["callpulse.toml"])


def mounted(workload: Object) -> Iterator[str]:
    """Names of the files of the Secret."""
    for volume in pod(workload)["volumes"]:
        if "secret" in volume:
            assert volume["secret"]["secretName"] == "callpulse"
            yield from (item["path"] for item in volume["secret"]["items"])


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """What the Secret is made of, as the document says."""
    subprocess.run(["sh", SECRETS, tmp_path], check=True, capture_output=True)
    (tmp_path / "redis_url").write_text("redis://redis.redis:6379/0")
    return tmp_path


@pytest.mark.parametrize("workload", workloads(), ids=name_of)
def test_a_command_and_its_settings_hold_together(workload: Object, given: Path) -> None:
    runs = container(workload)
    assert can_be_called(runs["args"])
    variables = {each["name"]: each["value"] for each in runs.get("env", ())}
    files = {text.removeprefix(MOUNTED) for text in variables.values() if text.startswith(MOUNTED)}
    assert files == set(mounted(workload))
    found = load_settings({name: text.replace(MOUNTED, f"{given}/") for name, text in variables.items()}, given)
    assert found.kafka.partitions >= workload["spec"].get("replicas", 1) + 1
    if "redis_url" in files:
        assert found.redis.url == "redis://redis.redis:6379/0"


@pytest.mark.parametrize("workload", objects("Deployment"), ids=name_of)
def test_health_is_asked_where_it_is_served(workload: Object) -> None:
    runs, name = container(workload), container(workload)["name"]
    (port,) = runs["ports"]
    assert port["containerPort"] == PORTS[name]
    assert runs["livenessProbe"]["httpGet"] == {"path": "/livez", "port": port["name"]}
    assert runs["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": port["name"]}
    (service,) = [each for each in objects("Service") if each["metadata"]["name"] == workload["metadata"]["name"]]
    assert service["spec"]["ports"] == [{"name": port["name"], "port": PORTS[name], "targetPort": port["name"]}]


@pytest.mark.parametrize("workload", workloads(), ids=name_of)
def test_it_is_nobody_of_importance_and_may_write_nowhere(workload: Object) -> None:
    outer, inner = pod(workload)["securityContext"], container(workload)["securityContext"]
    assert said("", "USER") == [f"{outer['runAsUser']}:{outer['runAsGroup']}"]
    assert outer["runAsNonRoot"] is True
    assert outer["seccompProfile"] == {"type": "RuntimeDefault"}
    assert inner == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod(workload)["automountServiceAccountToken"] is False
    assert all(mount["readOnly"] for mount in container(workload)["volumeMounts"])


@pytest.mark.parametrize("workload", workloads(), ids=name_of)
def test_its_memory_is_that_of_compose(workload: Object) -> None:
    limits = container(workload)["resources"]["limits"]
    assert limits == {"memory": services()[container(workload)["name"]]["mem_limit"].upper() + "i"}


# -- who belongs to whom


@pytest.mark.parametrize("workload", objects("Deployment"), ids=name_of)
def test_its_pods_are_its_own_and_its_service_and_budget_mean_them(workload: Object) -> None:
    name = workload["metadata"]["name"]
    assert matched(workload["spec"]["selector"]) == [name]
    for kind in ("PodDisruptionBudget", "Service"):
        (each,) = [each for each in objects(kind) if each["metadata"]["name"] == name]
        assert matched(each["spec"]["selector"]) == [name]
    budget = next(each for each in objects("PodDisruptionBudget") if each["metadata"]["name"] == name)
    assert workload["spec"]["replicas"] > budget["spec"]["maxUnavailable"]


def test_who_may_come_in_is_prometheus_and_to_the_wall_what_has_browsers_behind_it() -> None:
    policies = {each["metadata"]["name"]: each["spec"] for each in objects("NetworkPolicy")}
    assert len(matched(policies["callpulse"]["podSelector"])) == len(workloads())
    assert policies["callpulse"]["policyTypes"] == ["Ingress", "Egress"]
    (scraped,) = policies["callpulse"]["ingress"]
    assert {each["port"] for each in scraped["ports"]} == set(PORTS.values())
    assert matched(policies["callpulse-wallboard"]["podSelector"]) == ["callpulse-wallboard"]
    (seen,) = policies["callpulse-wallboard"]["ingress"]
    assert [each["port"] for each in seen["ports"]] == [PORTS["wallboard"]]
    assert all(rule["from"] for spec in policies.values() for rule in spec.get("ingress", ()))


def test_the_document_makes_the_secret_of_every_file_that_is_mounted() -> None:
    text = (ROOT / "docs" / "DEPLOYING.md").read_text()
    told = set(re.findall(r"--from-file=(?:\S+/)?(\w+)", text))
    assert told == {name for workload in workloads() for name in mounted(workload)}
