"""`callpulse generate`: what is checked in is what the settings make, and a command says what differs."""

import errno
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from callpulse import cli
from callpulse.monitoring.as_yaml import HEAD
from callpulse.monitoring.run import differing, everything, left_over, write
from callpulse.settings import Settings

ROOT = Path(__file__).parents[2]
RECORDING = "prometheus/recording.yml"


def ran(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli.main, ["generate", *arguments])
    return done.exit_code, done.output


def test_what_is_checked_in_is_what_the_default_settings_make() -> None:
    assert differing(everything(Settings()), ROOT) == [], "run: callpulse generate"
    assert left_over(everything(Settings()), ROOT) == []


def test_what_is_written_does_not_differ_and_what_was_changed_does(tmp_path: Path) -> None:
    files = everything(Settings())
    assert differing(files, tmp_path) == list(files)
    write(files, tmp_path)
    assert differing(files, tmp_path) == []
    (tmp_path / RECORDING).write_text("groups: []\n")
    assert differing(files, tmp_path) == [RECORDING]


def test_the_command_writes_what_is_missing_and_says_how_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, said = ran("--to", "out")
    many = len(everything(Settings()))
    assert (code, said) == (0, f"{many} files below out: {many} written, 0 were so already\n")
    assert ran("--to", "out") == (0, f"{many} files below out: 0 written, {many} were so already\n")


def test_check_writes_nothing_and_names_what_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran()
    assert ran("--check")[0] == 0
    Path(RECORDING).unlink()
    code, said = ran("--check")
    assert code == 1
    assert f"{RECORDING} is not what the settings make of it" in said
    assert not Path(RECORDING).exists()


MADE_ONCE = ("prometheus/old.yml", "grafana/dashboards/callpulse-old.json", "alertmanager/old/old.yaml")


@pytest.fixture
def made_once(tmp_path: Path) -> Path:
    """All files, those of an earlier callpulse, and those of other people beside them."""
    write(everything(Settings()), tmp_path)
    write(dict.fromkeys(MADE_ONCE, HEAD + "groups: []\n"), tmp_path)
    write({"prometheus/ours.yml": "groups: []\n", "grafana/dashboards/ours.json": "{}", "old.yml": HEAD}, tmp_path)
    return tmp_path


def test_what_is_made_no_more_is_named_and_files_of_others_are_not(made_once: Path) -> None:
    assert sorted(left_over(everything(Settings()), made_once)) == sorted(MADE_ONCE)


def test_a_file_of_others_that_may_not_be_read_holds_up_nothing(
    made_once: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shut, read = made_once / "prometheus/ours.yml", Path.open

    def opened(path: Path, *options: str) -> Any:
        if path == shut:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return read(path, *options)

    monkeypatch.setattr(Path, "open", opened)  # root may read all
    assert sorted(left_over(everything(Settings()), made_once)) == sorted(MADE_ONCE)


def test_check_names_what_is_made_no_more(made_once: Path) -> None:
    code, said = ran("--check", "--to", str(made_once))
    many = len(everything(Settings()))
    first, *others = said.splitlines()
    assert code == 1
    assert first == f"callpulse: all {many} files are as the settings make them; to be deleted, because made no more: 3"
    assert sorted(others) == [
        f"{made_once / path} is made no more: delete it, and what reads it" for path in sorted(MADE_ONCE)
    ]
    (made_once / RECORDING).unlink()
    said = ran("--check", "--to", str(made_once))[1]
    assert f"1 of {many} files differ, 3 are left over; `callpulse generate` writes what differs" in said


def test_writing_deletes_nothing_and_names_what_is_made_no_more(made_once: Path) -> None:
    code, said = ran("--to", str(made_once))
    assert code == 0
    assert all((made_once / path).exists() for path in MADE_ONCE)
    told = [f"{made_once / path} is made no more: delete it, and what reads it" for path in MADE_ONCE]
    assert sorted(said.splitlines()[1:]) == sorted(told)


def test_a_directory_that_cannot_be_written_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("prometheus").write_text("a file")
    code, said = ran()
    assert code == 1
    assert said.startswith("callpulse: ")
    assert "prometheus" in said


def test_without_its_libraries_it_says_which_extra_has_them() -> None:
    without = "import sys; sys.modules['yaml'] = None; from callpulse.__main__ import run; run()"
    done = subprocess.run([sys.executable, "-c", without, "generate"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "generate needs yaml, which is not installed: pip install 'callpulse[dashboards]'" in done.stderr
