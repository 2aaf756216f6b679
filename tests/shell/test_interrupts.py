"""Ctrl-C and SIGTERM in the middle of anything: it ends soon, leaves nothing, and shows no traceback."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from redis import Redis

from callpulse.current.keys import Keys
from callpulse.demo.children import free_port
from callpulse.demo.receiver import LISTENS
from tests.figures import ASTERISK
from tests.pids import ended
from tests.waiting import until

SOON_S = 30.0


class Running:
    """A command as a process, in a folder of its own, with neither Kafka nor Redis unless `environment` says so. Its
    coverage is not measured: an interrupt that hits the measuring while it holds its own lock stops it for ever."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.out, self.err = folder / "out", folder / "err"
        nowhere = {
            "CALLPULSE_KAFKA_BROKERS": f"127.0.0.1:{free_port()}",
            "CALLPULSE_REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        }
        here = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "callpulse", *arguments],
                cwd=folder,
                env={**here, **nowhere, "CALLPULSE_METRICS_PORT": "0", **environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )

    def until(self, seen: Callable[[str], bool]) -> None:
        """What it has printed, on either stream, is as wanted."""

        def look() -> bool:
            found = seen(self.out.read_text() + self.err.read_text())
            assert found or self.process.poll() is None, self.err.read_text()
            return found

        until(look, "as wanted", 30, self.err.read_text)

    def end(self, how: int) -> tuple[int, str]:
        """Exit code and what it said on standard error; it must be gone soon."""
        try:
            self.process.send_signal(how)
            code = self.process.wait(SOON_S)
        finally:
            self.process.kill()
            self.process.wait()
        said = self.err.read_text()
        assert "Traceback" not in said
        assert "Exception ignored" not in said
        return code, said


def has_open(pid: int, file: Path) -> bool:
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):  # closed meanwhile
            if os.readlink(each) == str(file):
                return True
    return False


def test_a_check_stops_at_ctrl_c(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_text("1795300000|1.1|sales|NONE|ENTERQUEUE||1|1\n" * 1_000_000)
    running = Running(tmp_path, "check", str(log))
    running.until(lambda _: has_open(running.process.pid, log))
    code, said = running.end(signal.SIGINT)
    assert (code, said) == (130, "")
    assert running.out.read_text() == ""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("worker",), 0),
        (("replay", str(ASTERISK)), 130),
        (("simulate",), 0),
        (("source", "queue_log", str(ASTERISK)), 0),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_while_kafka_is_away_it_says_so_once_and_stops_when_told(
    tmp_path: Path, arguments: tuple[str, ...], code: int, how: int
) -> None:
    running = Running(tmp_path, *arguments)
    running.until(lambda said: "no Kafka" in said)
    found, said = running.end(how)
    assert found in (code, -how)
    assert len([line for line in said.splitlines() if "no Kafka" in line]) == 1
    assert "Unable connect to" in said  # the reason is in the sentence
    assert len(said.splitlines()) <= 2


def test_ctrl_c_while_the_program_is_still_being_loaded_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    running = Running(tmp_path, "config", PYTHONPATH=str(tmp_path))
    assert (running.process.wait(20), running.err.read_text()) == (130, "")


@pytest.mark.parametrize("command", ["worker", "alerts", "wallboard"])
def test_who_reads_settings_again_at_sighup_does_not_end_by_one_while_it_is_being_loaded(
    tmp_path: Path, command: str
) -> None:
    running = Running(tmp_path, command, CALLPULSE_ALERTS_PORT="0", CALLPULSE_WALLBOARD_PORT="0")
    status = Path(f"/proc/{running.process.pid}/status")
    bit = 1 << (signal.SIGHUP - 1)
    running.until(lambda _: bool(int(re.findall(r"SigIgn:\s+(\w+)", status.read_text())[0], 16) & bit))
    for _ in range(100):
        running.process.send_signal(signal.SIGHUP)
    running.until(lambda said: " at http://" in said)
    assert running.end(signal.SIGTERM)[0] == 0


def test_a_worker_that_waits_for_kafka_is_alive_not_ready_and_says_why(tmp_path: Path) -> None:
    running = Running(tmp_path, "worker")
    try:
        running.until(lambda said: "no Kafka" in said)
        news, warning = running.err.read_text().splitlines()
        assert " INFO callpulse.worker: metrics, livez and readyz at " in news
        assert " WARNING callpulse.worker: no Kafka answers at " in warning
        url = news.rpartition(" ")[2]
        assert answers(f"{url}/livez")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{url}/readyz", timeout=5)
        reason = refused.value.read().decode()
        assert refused.value.code == 503
        assert re.fullmatch(r"waiting for Kafka at 127\.0\.0\.1:\d+ since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n", reason)
        with urllib.request.urlopen(f"{url}/metrics", timeout=5) as metrics:
            assert b"callpulse_build_info" in metrics.read()
    finally:
        code, _ = running.end(signal.SIGTERM)
    assert code == 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_simulation_stops_and_what_it_wrote_are_whole_lines(tmp_path: Path, how: int) -> None:
    running = Running(tmp_path, "simulate", "--to", "events.json")
    events = tmp_path / "events.json"
    running.until(lambda _: events.exists() and events.stat().st_size > 1000)
    code, said = running.end(how)
    assert code in (0, -how)
    assert said == ""
    if how == signal.SIGINT:
        assert events.read_bytes().endswith(b"}\n")


def test_two_demos_run_beside_each_other_and_leave_nothing(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    demos = [Running(tmp_path / name, "demo") for name in ("one", "other")]
    try:
        for demo in demos:
            demo.until(lambda said: LISTENS in said)  # the last that is said
        told = [re.findall(r"127\.0\.0\.1:\d+", demo.out.read_text()) for demo in demos]
        assert len({*told[0], *told[1]}) == 10, told  # broker, Redis, metrics, wall and receiver of alerts of each
        for _, _, _, redis, metrics, *_ in told:
            assert answers(f"http://{metrics}/livez")
            with Redis.from_url(f"redis://{redis}/0") as client:
                until(lambda client=client: client.exists(Keys("demo").alerts), "the alerts are judged", 60)
        pids = [pid for demo in demos for pid in children_of(demo.process.pid)]
        assert len(pids) == 14, pids  # broker, Valkey, receiver, worker, feed, alerts and wall of each
    finally:
        ends = []
        with contextlib.ExitStack() as both:  # also where one of them does not end
            for demo, how in zip(demos, (signal.SIGINT, signal.SIGTERM), strict=True):
                both.callback(lambda demo=demo, how=how: ends.append(demo.end(how)))
    assert ends == [(0, ""), (0, "")]
    assert all(ended(pid) for pid in pids)


def test_a_demo_of_a_recording_that_is_not_here_says_so(tmp_path: Path) -> None:
    running = Running(tmp_path, "demo", "--feed", "recording")
    assert running.process.wait(20) == 1
    assert running.err.read_text().startswith("callpulse: examples/asterisk/queue_log is not here; start it in the")


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except urllib.error.URLError:
        return False


def children_of(pid: int) -> list[int]:
    """Who was started by it and lives."""
    if sys.platform != "linux":
        pytest.skip("looks into /proc")
    found: list[int] = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # ended meanwhile
            stat = path.read_text()
            if int(stat.rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.split()[0]))
    return found
