"""Where each peer lives: a virtual environment of its own, or jars; made once, and again when its versions change."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.figures import say

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SECONDS_TO_INSTALL = 600.0


class UnavailableError(Exception):
    """This machine cannot run a peer; the message says what is missing."""


def python_for(folder: str, newest: tuple[int, int] | None = None) -> list[str]:
    """The start of a command that runs a module with what `requirements.txt` in that folder names. `newest`: the last
    Python it has wheels for. Raises UnavailableError."""
    home, wanted = HERE / folder / ".venv", (HERE / folder / "requirements.txt").read_bytes()
    mark = home / "requirements.txt"
    if not mark.exists() or mark.read_bytes() != wanted:
        say(f"installing {folder} (once)")
        shutil.rmtree(home, ignore_errors=True)
        _quietly([_interpreter(newest), "-m", "venv", str(home)], folder)
        pip = [str(home / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _quietly([*pip, "-r", str(HERE / folder / "requirements.txt")], folder)
        mark.write_bytes(wanted)  # whole from here on
    return [str(home / "bin/python"), "-m"]


def java_for(folder: str) -> list[str]:
    """The start of a command that runs a class of the program in that folder. Raises UnavailableError."""
    home = HERE / folder
    sources = b"".join(path.read_bytes() for path in [home / "pom.xml", *sorted(home.glob("src/**/*.java"))])
    mark = home / "target/sources"
    if not mark.exists() or mark.read_bytes() != sources:
        say(f"building {folder} (once)")
        goals = ["clean", "package", "dependency:copy-dependencies"]
        _quietly(["mvn", "-q", "-B", "-f", str(home / "pom.xml"), *goals], folder)
        mark.write_bytes(sources)
    return ["java", "-cp", os.pathsep.join([f"{home}/target/classes", f"{home}/target/dependency/*"])]


def _quietly(argv: list[str], folder: str) -> None:
    with tempfile.TemporaryFile() as said:
        try:
            done = subprocess.run(argv, stdout=said, stderr=subprocess.STDOUT, timeout=SECONDS_TO_INSTALL, check=False)
        except FileNotFoundError:
            raise UnavailableError(f"{folder}: {argv[0]} is not installed") from None
        except subprocess.TimeoutExpired:
            raise UnavailableError(f"{folder}: {argv[0]} took more than {SECONDS_TO_INSTALL:.0f} s") from None
        said.seek(0)
        last = said.read().decode(errors="replace").strip()[-500:]
    if done.returncode:
        raise UnavailableError(f"{folder} could not be installed: {last}")


def _interpreter(newest: tuple[int, int] | None) -> str:
    """This Python, or an older one beside it."""
    if newest is None or sys.version_info[:2] <= newest:
        return sys.executable
    found = (shutil.which(f"python{newest[0]}.{minor}") for minor in range(newest[1], 10, -1))
    for path in filter(None, found):
        if subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0:
            return path
    raise UnavailableError(f"no Python up to {newest[0]}.{newest[1]} is installed")
