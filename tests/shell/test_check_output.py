"""What `callpulse check` prints: on any width, in any encoding, into any pipe, with any name in the log."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import pytest
from rich.cells import cell_len
from rich.console import Console

from callpulse.check.compute import By
from callpulse.check.run import Report, Request, check
from callpulse.check.show import to_console
from callpulse.settings import Settings
from callpulse.sources.reading import SourceOptions
from tests.figures import ASTERISK
from tests.waiting import killed_after

T0 = 1_795_300_000


def report(path: Path, by: By = "all") -> Report:
    request = Request(path=path, source="queue_log", options=SourceOptions(), by=by)
    return check(request, Settings(), lambda _: None)


def printed(path: Path, width: int, by: By = "all") -> list[str]:
    file = io.StringIO()
    to_console(report(path, by), "UTC", Console(file=file, width=width))
    return file.getvalue().splitlines()


def log_of(folder: Path, *names: str) -> Path:
    """One caller waits in each queue."""
    path = folder / "log"
    lines = (f"{T0 + n}|{n}.1|{name}|NONE|ENTERQUEUE||1|1\n" for n, name in enumerate(names))
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
    return path


def callpulse(
    *arguments: str, environment: Mapping[str, str] | None = None, stdout: IO[bytes] | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "callpulse", *arguments],
        env={**os.environ, **(environment or {})},
        stdout=stdout or subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=30,
        check=False,
    )


# -- widths


@pytest.mark.parametrize("by", ["board", "day", "interval", "all"])
@pytest.mark.parametrize("width", [80, 100, 140])
def test_no_line_is_wider_than_the_terminal_and_no_figure_is_cut(by: By, width: int) -> None:
    lines = printed(ASTERISK, width, by)
    assert max(map(cell_len, lines)) <= width
    assert not any("…" in line for line in lines)
    columns = 11 if "exit" in lines[1] else 8
    assert columns == 11 or width < 140
    rows = [line.split() for line in lines if {*line.split()[1:2]} & {"sales", "support", "total"}]
    figures = [row[2:] for row in rows]
    assert all(len(row) == columns for row in figures)
    assert all(re.fullmatch(r"[\d,]+|\d+\.\d|–", cell) for row in figures for cell in row)


def test_intervals_have_their_whole_names_on_80_columns() -> None:
    names = {line.split()[0] for line in printed(ASTERISK, 80, "interval") if line.startswith("2026")}
    assert names == {"2026-11-21T22:45", "2026-11-21T23:00", "2026-11-21T23:15"}


def test_on_140_columns_the_columns_have_their_whole_names() -> None:
    assert " ".join(printed(ASTERISK, 140)[1].split()) == (
        "window queue offered answered aband. exited lost SL % ASA s ab. % P90 s AHT s occ. %"
    )


def test_a_terminal_too_narrow_for_the_figures_cuts_none_of_them() -> None:
    rows = [line.split() for line in printed(ASTERISK, 40) if line.startswith("all")]
    assert [row[2:4] for row in rows] == [["541", "266"], ["206", "113"], ["747", "379"]]
    assert [row[-5:] for row in rows] == [
        ["41.1", "12.0", "46.5", "36.0", "12.2"],
        ["43.9", "11.9", "37.1", "35.0", "12.1"],
        ["41.8", "12.0", "43.9", "36.0", "12.2"],
    ]


def test_a_long_name_gives_way_to_the_figures(tmp_path: Path) -> None:
    [row] = [line for line in printed(log_of(tmp_path, "q" * 200), 80) if line.startswith("all")]
    assert "qqqqqqqqq…" in row
    assert cell_len(row) <= 80
    assert row.split()[2:] == ["1", "0", "0", "–", "–", "–", "–", "–"]


# -- names come from outside


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("[red]x[/red]", "[red]x[/red]"),
        ("\\[bold]x", "\\[bold]x"),
        ("x\\", "x\\"),
        (":smile:", ":smile:"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
        ("\x1b[31mred\x07", "�[31mred�"),
        ("\u202edesrever", "�desrever"),
        ("عربي", "عربي"),
        ("📞 phone", "📞 phone"),
        ("a\tb", "a�b"),
    ],
)
def test_a_name_is_shown_as_it_is_and_does_nothing(tmp_path: Path, name: str, shown: str) -> None:
    lines = printed(log_of(tmp_path, name, "plain"), 80)
    assert any(shown in line for line in lines), lines
    assert max(map(cell_len, lines)) <= 80
    assert report(log_of(tmp_path, name)).queues.keys() == {name}


def test_a_name_of_10_000_characters_is_set_aside_with_its_line(tmp_path: Path) -> None:
    lines = printed(log_of(tmp_path, "sales", "q" * 10_000), 80)
    assert "line 2: bad_line (3 (queue)): no queue; expected a name of at most 200 " in lines
    assert "set aside: 1 × bad_line" in lines


# -- odd clocks


def test_a_log_from_the_future_is_a_log(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text(f"{32_000_000_000}|1.1|q|NONE|ENTERQUEUE||1|1\n{10**12}|1.2|q|NONE|ENTERQUEUE||1|1\n")
    lines = printed(path, 80)
    assert lines[0] == "As of 2984-01-15T08:53:20.000+00:00"
    assert "line 2: bad_line (1 (time)): out of range; expected seconds since 1970" in lines


def test_a_log_that_goes_backwards_gives_the_same_figures(tmp_path: Path) -> None:
    lines = ASTERISK.read_text().splitlines()
    end = next(number for number, line in enumerate(lines) if "|QUEUESTART|" in line and number > 10)
    before = [line for line in lines[:end] if line.split("|")[4] in ("ENTERQUEUE", "CONNECT", "ABANDON")]
    forth, back = tmp_path / "forth", tmp_path / "back"
    forth.write_text("\n".join(before))
    back.write_text("\n".join(reversed(before)))
    found = [report(path).queues for path in (forth, back)]
    for queue in ("sales", "support"):  # since when an agent is there is only told by the order of the lines
        one, other = ({k: v for k, v in each[queue]["all"].items() if k != "occupancy"} for each in found)
        assert one == other


# -- encodings and pipes


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"TERM": "dumb"},
    ],
    ids=lambda value: "-".join(value.values()),
)
def test_a_terminal_that_knows_no_letters_but_ascii(tmp_path: Path, environment: dict[str, str]) -> None:
    done = callpulse("check", str(log_of(tmp_path, "📞é")), environment=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"waiting at that moment: 1, longest 0.0 s" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [("check", str(ASTERISK)), ("check", str(ASTERISK), "--json"), ("simulate", "--to", "-", "--speed", "max")],
)
def test_a_reader_that_leaves_early_is_no_trouble(arguments: tuple[str, ...]) -> None:
    with (
        subprocess.Popen(
            [sys.executable, "-m", "callpulse", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
        ) as process,
        killed_after(60, process),
    ):
        assert process.stdout is not None
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.wait(20) in (0, 1)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's device that is always full")
@pytest.mark.parametrize(
    "arguments", [("check", str(ASTERISK)), ("check", str(ASTERISK), "--json"), ("config",), ("-h",)]
)
def test_a_full_disk_is_said_in_a_sentence(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = callpulse(*arguments, stdout=full)
    assert done.returncode == 1
    assert done.stderr == b"callpulse: reading or writing: No space left on device\n"


def test_without_any_standard_output_it_still_ends_well(tmp_path: Path) -> None:
    script = f'"{sys.executable}" -m callpulse check "{ASTERISK}" >&-'
    done = subprocess.run(["sh", "-c", script], capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_json_has_names_as_they_are(tmp_path: Path) -> None:
    name = "[red]\x1b📞\u202e"
    done = callpulse("check", str(log_of(tmp_path, name)), "--json")
    assert list(json.loads(done.stdout)["queues"]) == [name]
