"""What `callpulse backtest` prints, and the page that it writes: of any log, with any name in it."""

import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests import made_log
from tests.figures import ASTERISK

NOWHERE = {"CALLPULSE_KAFKA_BROKERS": "127.0.0.1:9"}  # nobody listens there
NASTY = '<script>alert("1")</script>&\x1b[31m'


def callpulse(folder: Path, *arguments: str, columns: int = 140) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "callpulse", "backtest", *arguments],
        cwd=folder,
        env={"COLUMNS": str(columns), "PYTHONPATH": str(Path(__file__).parents[2]), **NOWHERE},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def page(folder: Path, *arguments: str) -> tuple[str, ElementTree.Element]:
    done = callpulse(folder, *arguments, "--html", "out.html")
    assert (done.returncode, done.stderr) == (0, "")
    text = (folder / "out.html").read_text(encoding="utf-8")
    head, _, body = text.partition("\n")
    assert head == "<!DOCTYPE html>"
    return text, ElementTree.fromstring(body)


def texts(root: ElementTree.Element, tag: str) -> list[str]:
    return ["".join(each.itertext()) for each in root.iter(tag)]


@pytest.mark.parametrize("columns", [80, 100, 140])
def test_a_recorded_log_is_a_table_that_fits(tmp_path: Path, columns: int) -> None:
    done = callpulse(tmp_path, str(ASTERISK), columns=columns)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= columns
    assert lines[0] == "2026-11-21 22:58:50 to 23:21:50, times in UTC"
    assert [line.split()[2:4] for line in lines if " still " in line] == [
        ["support", "critical"],
        ["sales", "critical"],
    ]
    assert any(line.split() == ["abandonment_severe", "2", "31.7", "18.5", "0"] for line in lines)


def test_json_says_it_all(tmp_path: Path) -> None:
    made_log.written(tmp_path / "log")
    done = callpulse(tmp_path, "log", "--json", "--timezone", "Europe/Amsterdam")
    found = json.loads(done.stdout)
    assert found.keys() == {"from", "to", "looks", "rules", "lines"}
    assert found["from"] == "2026-11-22T10:00:10.000+01:00"
    (rules,) = found["rules"]
    assert rules.keys() == {"name", "alerts", "changes", "totals"}
    (alert,) = rules["alerts"]
    assert alert["queue"] == "help"
    assert alert["told"][0].keys() == {"at", "kind", "severity"}
    assert rules["changes"][0].keys() == {"at", "queue", "rule", "old", "new", "reason"}
    assert rules["totals"]["harm"].keys() == {"onsets", "firing_s", "longest_s", "flaps"}
    assert found["lines"]["events"] == found["lines"]["read"]


def test_the_page_is_valid_and_needs_nobody_elses_site(tmp_path: Path) -> None:
    made_log.written(tmp_path / "log")
    text, root = page(tmp_path, "log")
    assert not re.search(r"https?:|src=|href=|@import|url\((?!#)", text)
    assert "script" not in {each.tag for each in root.iter()}
    assert "prefers-color-scheme: dark" in text
    assert texts(root, "h3") == ["fine", "help"]
    fine, trouble = [each for each in root.iter("svg") if each.get("role") == "img"]
    assert not [each for each in fine.iter("rect") if "band" in each.get("class", "")]
    bands = [each.get("class") for each in trouble.iter("rect") if "band" in each.get("class", "")]
    assert bands == ["band warning", "band critical"]
    assert {"service level, 15m", "abandonment, 15m", "alerts", "09:30", "10:00"} <= set(texts(trouble, "text"))
    assert {"80 % warning", "60 % critical", "15 % critical"} <= set(texts(trouble, "text"))
    assert "C" in texts(trouble, "text")
    _, recorded = page(tmp_path, str(ASTERISK))
    assert {"W", "C"} <= set(texts(recorded, "text"))


def test_names_are_shown_as_they_are_and_do_nothing(tmp_path: Path) -> None:
    made_log.written(tmp_path / "log", "fine", NASTY)
    _, root = page(tmp_path, "log")
    assert "script" not in {each.tag for each in root.iter()}
    assert '<script>alert("1")</script>&�[31m' in texts(root, "h3")
    done = callpulse(tmp_path, "log")
    assert "\x1b" not in done.stdout
    assert "<script>" in done.stdout


def test_two_sets_of_rules_have_a_lane_each(tmp_path: Path) -> None:
    made_log.written(tmp_path / "log")
    (tmp_path / "a.toml").touch()
    (tmp_path / "<b>.toml").write_text(
        '[alerts.rules.slow]\nkpi = "asa_s"\nside = "above"\nwarning = {enter=9,clear=9}\n'
    )
    _, root = page(tmp_path, "log", "--rules", "a.toml", "--rules", "<b>.toml")
    for picture in (each for each in root.iter("svg") if each.get("role") == "img"):
        assert {"alerts A", "alerts B", "average speed of answer, 15m"} <= set(texts(picture, "text"))
        assert not [each for each in picture.iter("rect") if "shade" in each.get("class", "")]
    printed = callpulse(tmp_path, "log", "--rules", "a.toml", "--rules", "<b>.toml", columns=80).stdout
    assert max(map(len, printed.splitlines())) <= 80
    assert [line.split()[0] for line in printed.splitlines() if " help " in line] == ["A", "B"]


def test_what_was_only_shown_is_a_low_band_with_a_broken_edge(tmp_path: Path) -> None:
    made_log.written(tmp_path / "log")
    rules = "[alerts]\ncapacity = false\ndefault_rules = false\n"
    rules += '[alerts.rules.gone]\nkpi = "abandonment_rate"\nside = "above"\nwarning = {enter=0.1,clear=0.1}\n'
    heights = {}
    for name, late in (("told", "0s"), ("shown", "2h")):
        (tmp_path / name).write_text(f'{rules}alone_after = "{late}"\n')
        _, root = page(tmp_path, "log", "--rules", name)
        (band,) = [each for each in root.iter("rect") if "band" in each.get("class", "")]
        assert ("quiet" in band.get("class", "")) == (name == "shown")
        heights[name] = float(band.get("height", ""))
    assert heights["shown"] == heights["told"] / 2


def test_trouble_of_the_whole_site_is_a_picture_above_the_queues_that_names_them(tmp_path: Path) -> None:
    log, nasty = tmp_path / "log", NASTY.replace("\x1b", "")
    made = (made_log.written(log, f"fine{n}", f"help{n}{nasty}").read_bytes() for n in range(3))
    log.write_bytes(b"".join(list(made)))
    _, root = page(tmp_path, "log")
    concerned = ", ".join(f"help{n}{nasty}" for n in range(3))
    assert texts(root, "h3")[0] == "The whole site"
    site, *queues = [each for each in root.iter("svg") if each.get("role") == "img"]
    assert len(queues) == 6
    assert [each.get("class") for each in site.iter("rect")] == ["band critical"]
    (mark,) = [each for each in texts(site, "text") if each.startswith("C")]
    assert mark.startswith("C: help0<script>")
    assert mark.endswith("…")
    (said,) = texts(root, "li")
    assert said == f"09:26:20 to 10:14:10, critical: {concerned}"
    assert {"alerts", "09:30"} <= set(texts(site, "text"))


def test_a_band_too_short_for_names_has_its_letter_alone(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"".join([made_log.written(log, f"fine{n}", f"help{n}").read_bytes() for n in range(3)]))
    found = {}
    for end in ("09:28", "09:29", "10:30"):
        _, root = page(tmp_path, "log", "--until", f"2026-11-22T{end}")
        site = next(each for each in root.iter("svg") if each.get("role") == "img")
        found[end] = [each for each in texts(site, "text") if each.startswith("C")]
    assert found == {"09:28": ["C"], "09:29": ["C: help…"], "10:30": ["C: help0, help1, help2"]}


# -- faults


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nowhere"], 1, "nowhere"),
        ([str(ASTERISK), "--rules", "nowhere.toml"], 2, "callpulse: nowhere.toml: no such file"),
        ([str(ASTERISK), "--source", "csv"], 2, "callpulse: --source csv needs to know"),
        ([str(ASTERISK), "--html", "no/such/folder.html"], 1, "callpulse: no/such/folder.html: No such file"),
        ([str(ASTERISK), "--source", "events"], 1, "none of its lines could be read"),
        ([], 2, "callpulse: expected either a FILE or --from-topic"),
        ([str(ASTERISK), "--from-topic"], 2, "callpulse: expected either a FILE or --from-topic"),
        (["--from-topic", "--source", "events"], 2, "callpulse: --source and --mapping are for a FILE"),
        (["--from-topic", "--mapping", "m.toml"], 2, "callpulse: --source and --mapping are for a FILE"),
        ([str(ASTERISK), "--since", "soon"], 2, "callpulse: --since 'soon': expected a time such as"),
        ([str(ASTERISK), "--since", "2026-11-22", "--until", "2026-11-22"], 2, "expected a time before the other"),
        (["--from-topic"], 1, "callpulse: no Kafka answers at 127.0.0.1:9 ("),
    ],
)
def test_what_is_wrong_is_a_sentence_and_an_exit_code(
    tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    done = callpulse(tmp_path, *arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_line_that_cannot_be_read_is_named_and_the_rest_counts(tmp_path: Path) -> None:
    path = made_log.written(tmp_path / "log")
    path.write_bytes(path.read_bytes() + b'{"type": "enqueued"}\n')
    done = callpulse(tmp_path, "log")
    assert done.returncode == 0
    assert re.search(r"log, line 1637: missing_field", done.stdout)
    assert " help " in done.stdout
