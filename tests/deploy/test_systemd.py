"""The units of deploy/systemd, as systemd itself reads them, and as callpulse has to be called."""

import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from callpulse.settings import load
from tests.deploy.calls import can_be_called
from tests.deploy.composed import ROOT, services

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
PROGRAM = "/opt/callpulse/bin/callpulse"
SYSTEMD = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
MOST_EXPOSED = "20"  # of 100, by `systemd-analyze security`: 10 to 20 is what it calls OK
DOCUMENT = ROOT / "docs" / "DEPLOYING.md"


def service_of(unit: Path) -> dict[str, list[str]]:
    """Key of [Service] -> all its values."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in unit.read_text().partition("[Service]\n")[2].partition("[Install]")[0].splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found[key].append(value)
    return found


def installed(unit: Path, folder: Path, *, said: str = "") -> Path:
    """A copy for an instance whose program is there, with a line more."""
    copy = folder / unit.name.replace("@", "@9464")
    text = unit.read_text().replace(PROGRAM, str(Path(sys.executable).parent / "callpulse"))
    copy.write_text(text.replace("[Install]", f"{said}\n[Install]"))
    return copy


def verified(unit: Path) -> str:
    """What systemd has to say of it; nothing is well."""
    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", unit], text=True, capture_output=True, check=False
    )
    return done.stdout + done.stderr


def test_there_is_one_for_each_part_that_runs() -> None:
    assert {unit.stem for unit in UNITS} == {
        f"callpulse-{each}" for each in ("worker@", "alerts", "wallboard", "source")
    }


@SYSTEMD
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_understands_all_of_it(unit: Path, tmp_path: Path) -> None:
    assert verified(installed(unit, tmp_path)) == ""


@SYSTEMD
def test_systemd_would_say_what_it_does_not_know(tmp_path: Path) -> None:
    assert "'MemoryMost'" in verified(installed(UNITS[0], tmp_path, said="MemoryMost=1G"))


@SYSTEMD
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_it_is_locked_in(unit: Path, tmp_path: Path) -> None:
    copy = installed(unit, tmp_path)
    argv = ["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSED}", copy]
    done = subprocess.run(argv, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    assert service_of(unit)["DynamicUser"] == ["yes"]


@SYSTEMD
def test_a_secret_can_be_given_as_the_document_says(tmp_path: Path) -> None:
    (told,) = re.findall(r"```ini\n\[Service\]\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert verified(installed(UNITS[0], tmp_path, said=told)) == ""
    (tmp_path / "redis_url").write_text("rediss://callpulse:word@redis:6380/0\n")
    variables = dict(text.split("=", 1) for text in re.findall(r"^Environment=(.*)$", told, re.MULTILINE))
    given = {name: text.replace("%d", str(tmp_path)) for name, text in variables.items()}
    assert load(None, given).redis.url == "rediss://callpulse:word@redis:6380/0"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_it_calls_a_command_with_settings_that_are_read(unit: Path, tmp_path: Path) -> None:
    service = service_of(unit)
    program, *words = service["ExecStart"][0].split()
    assert program == PROGRAM
    assert can_be_called(words)
    (tmp_path / "none.toml").touch()
    variables = dict(text.replace("%i", "9474").split("=", 1) for text in service["Environment"])
    found = load(tmp_path / "none.toml", variables)
    if "worker@" in unit.name:
        assert found.metrics.port == 9474
    if "source" in unit.name:
        assert found.worker.state_dir == f"/var/lib/{service['StateDirectory'][0]}"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_its_memory_is_that_of_its_container(unit: Path) -> None:
    name = unit.stem.removeprefix("callpulse-").removesuffix("@")
    assert service_of(unit)["MemoryMax"] == [services()[name]["mem_limit"].upper()]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_it_is_started_again_unless_its_settings_are_wrong(unit: Path) -> None:
    service = service_of(unit)
    assert service["Restart"] == ["always"]
    assert service["RestartPreventExitStatus"] == ["2"]
    assert "StartLimitIntervalSec=0" in unit.read_text()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_settings_are_read_again_by_those_that_can(unit: Path) -> None:
    expected = [] if "source" in unit.name else ["kill -HUP $MAINPID"]  # which would end it
    assert service_of(unit)["ExecReload"] == expected
