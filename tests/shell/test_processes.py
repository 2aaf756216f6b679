"""The supervisor of the demo: what it starts runs, is watched, and is gone afterwards, however it ends."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from callpulse import clock
from callpulse.demo import children
from callpulse.demo.processes import FOLDER_PREFIX, Program, Supervisor, callpulse
from tests.pids import alive, ended
from tests.waiting import until

SLEEPER = ("sh", "-c", "echo $$ > $HERE/$NAME.pid; exec sleep 60")
ENDS_WITHIN_S = 30  # with a grace of 1, on a machine that does much else
STUBBORN = (
    sys.executable,
    "-c",
    "import os, pathlib, signal, time\n"
    "file = pathlib.Path(os.environ['HERE'], os.environ['NAME'] + '.pid')\n"
    "signal.signal(signal.SIGTERM, lambda *_: file.with_suffix('.asked').touch())\n"
    "file.with_suffix('.tmp').write_text(str(os.getpid())); file.with_suffix('.tmp').rename(file)\n"
    "time.sleep(60)",
)


@pytest.fixture(autouse=True)
def within_a_minute():
    """A supervisor watches, and a pipe is read, for as long as it takes; nothing here takes so long."""

    def late(*_):
        raise TimeoutError("a minute has passed")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def program(here: Path, name: str, argv: tuple[str, ...] = SLEEPER, **options) -> Program:
    return Program(name, argv, {"HERE": str(here), "NAME": name}, **options)


def pid_of(here: Path, name: str) -> int:
    file = here / f"{name}.pid"
    return int(until(lambda: file.exists() and file.read_text().strip(), f"{name} tells its pid"))


def test_what_one_that_is_heard_prints_is_said_in_whole_lines_and_nothing_of_the_others(tmp_path):
    talks = ("sh", "-c", "echo one; printf two; sleep 0.3; echo ' three'; printf cut")
    said = []
    with Supervisor(said.append) as supervisor:
        supervisor.start(program(tmp_path, "quiet", talks))
        supervisor.start(program(tmp_path, "last", ("sh", "-c", "sleep 1; exit 1")))
        supervisor.start(program(tmp_path, "heard", talks, heard=True))
        assert supervisor.run() == 1
    assert [line for line in said if " " not in line or "three" in line] == ["one", "two three"]


def test_leaving_the_block_ends_all_and_removes_the_folder(tmp_path):
    with Supervisor(print) as supervisor:
        supervisor.start(program(tmp_path, "first"))
        supervisor.start(program(tmp_path, "second"))
        pids = [pid_of(tmp_path, name) for name in ("first", "second")]
        folder = supervisor.folder
        assert all(alive(pid) for pid in pids)
        assert folder.is_dir()
    assert not any(alive(pid) for pid in pids)
    assert not folder.exists()


def test_an_error_in_the_block_ends_all_too(tmp_path):
    with contextlib.suppress(ZeroDivisionError), Supervisor(print) as supervisor:
        supervisor.start(program(tmp_path, "first"))
        pid = pid_of(tmp_path, "first")
        raise ZeroDivisionError
    assert not alive(pid)
    assert not supervisor.folder.exists()


def test_they_end_in_reverse_order(tmp_path):
    ends = (
        "sh",
        "-c",
        "trap 'echo $NAME >> $HERE/ends; exit 0' TERM; echo $$ > $HERE/$NAME.pid; sleep 60 & wait",
    )
    with Supervisor(print) as supervisor:
        for name in ("broker", "worker", "board"):
            supervisor.start(program(tmp_path, name, ends))
            pid_of(tmp_path, name)
    assert (tmp_path / "ends").read_text().split() == ["board", "worker", "broker"]


def test_what_a_child_started_ends_with_it(tmp_path):
    forks = ("sh", "-c", "sleep 60 & echo $! > $HERE/$NAME.pid; exit 1")
    with Supervisor(print) as supervisor:
        supervisor.start(program(tmp_path, "worker", forks))
        pid = pid_of(tmp_path, "worker")
        assert supervisor.run() == 1
        assert alive(pid)
    assert ended(pid)


def test_one_that_ignores_term_is_killed(tmp_path):
    with Supervisor(print) as supervisor:
        child = supervisor.start(program(tmp_path, "stubborn", STUBBORN))
        pid = pid_of(tmp_path, "stubborn")
        before = clock.monotonic_s()
    assert children.ending(child) == "killed by SIGKILL"
    assert not alive(pid)
    assert 4.5 < clock.monotonic_s() - before < 9


def test_a_worker_that_dies_is_started_again_three_times_then_all_stops(tmp_path):
    said = []
    with Supervisor(said.append) as supervisor:
        supervisor.start(program(tmp_path, "broker"))
        supervisor.start(
            program(tmp_path, "worker", ("sh", "-c", "echo run >> $HERE/runs; echo bad luck; exit 4"), restarts=3)
        )
        assert supervisor.run() == 1
    assert (tmp_path / "runs").read_text().count("run") == 4
    assert [line.splitlines()[0] for line in said] == [
        "worker ended (exit code 4). Started again (1 of 3).",
        "worker ended (exit code 4). Started again (2 of 3).",
        "worker ended (exit code 4). Started again (3 of 3).",
        "worker ended (exit code 4). Everything stops.",
    ]
    assert all(line.endswith("bad luck") for line in said)


def test_one_that_dies_by_a_signal_is_named_with_it(tmp_path):
    said = []
    with Supervisor(said.append) as supervisor:
        supervisor.start(program(tmp_path, "worker", ("sh", "-c", "kill -9 $$")))
        assert supervisor.run() == 1
    assert said == ["worker ended (killed by SIGKILL). Everything stops."]


def test_an_adopted_part_that_dies_stops_all_with_the_end_of_its_log(tmp_path):
    said = []
    with Supervisor(said.append) as supervisor:
        log = supervisor.folder / "broker.log"
        child = children.start(["sh", "-c", "echo disk is full; exit 1"], log)
        supervisor.adopt("broker", child, log)
        assert supervisor.run() == 1
    assert said[0].startswith("broker ended (exit code 1). Everything stops.")
    assert said[0].endswith("disk is full")


def test_a_program_that_finishes_does_not_stop_the_others(tmp_path):
    said = []
    with Supervisor(said.append) as supervisor:
        supervisor.start(program(tmp_path, "recording", ("true",)))
        supervisor.start(program(tmp_path, "board", ("sh", "-c", "sleep 0.5"), foreground=True))
        assert supervisor.run() == 0
    assert said == ["recording has finished."]


@pytest.mark.parametrize(("argv", "code"), [(("true",), 0), (("false",), 1)])
def test_when_the_foreground_ends_all_ends_with_its_success(tmp_path, argv, code):
    with Supervisor(print) as supervisor:
        supervisor.start(program(tmp_path, "worker"))
        pid = pid_of(tmp_path, "worker")
        supervisor.start(program(tmp_path, "board", argv, foreground=True))
        assert supervisor.run() == code
    assert not alive(pid)


def test_the_foreground_has_the_terminal_and_the_others_write_logs(tmp_path, capfd):
    talk = ("sh", "-c", "echo I am $NAME")
    with Supervisor(print) as supervisor:
        supervisor.start(program(tmp_path, "worker", talk))
        log = supervisor.folder / "worker.log"
        until(lambda: log.exists() and log.read_text(), "a log")
        supervisor.start(program(tmp_path, "board", talk, foreground=True))
        supervisor.run()
        assert log.read_text() == "I am worker\n"
    out = capfd.readouterr().out
    assert "I am board" in out
    assert "I am worker" not in out


def test_our_own_commands_run_under_the_same_python():
    assert callpulse("worker", "--port", "1") == (sys.executable, "-m", "callpulse", "worker", "--port", "1")


def test_signal_handlers_are_given_back():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    with Supervisor(print):
        assert signal.getsignal(signal.SIGTERM) is not before[signal.SIGTERM]
    assert {number: signal.getsignal(number) for number in before} == before


class StoppedInside:
    """A lock during whose taking the user presses Ctrl-C."""

    def __init__(self):
        self._lock = threading.Lock()
        self.release = self._lock.release

    def acquire(self, *how):
        taken = self._lock.acquire(*how)
        signal.raise_signal(signal.SIGINT)
        return taken


def test_a_signal_in_the_middle_of_a_look_does_not_leave_a_child_that_nobody_can_wait_for(tmp_path):
    with Supervisor(print, grace_s=0.2) as supervisor:
        child = supervisor.start(program(tmp_path, "worker"))
        free, child._waitpid_lock = child._waitpid_lock, StoppedInside()
        assert supervisor.run() == 0
        still_held = child._waitpid_lock._lock.locked()
        child._waitpid_lock = free
    assert not still_held


@pytest.fixture
def whole_demo(tmp_path):
    """A supervisor in a process of its own, with a quick and a stubborn child: process, folder, pids."""
    script = tmp_path / "demo.py"
    script.write_text(
        textwrap.dedent(f"""
        import faulthandler, sys
        faulthandler.dump_traceback_later({ENDS_WITHIN_S - 5})  # a red test shows where it hangs
        from callpulse.demo.processes import Program, Supervisor
        with Supervisor(print, grace_s=1) as supervisor:
            for name, argv in {[("quick", SLEEPER), ("stubborn", STUBBORN)]!r}:
                supervisor.start(Program(name, argv, {{"HERE": {str(tmp_path)!r}, "NAME": name}}))
            print(supervisor.folder, flush=True)
            code = supervisor.run()
        sys.exit(code)
        """)
    )
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as demo:
        try:
            folder = Path(demo.stdout.readline().strip())
            yield demo, folder, [pid_of(tmp_path, name) for name in ("quick", "stubborn")]
            demo.terminate()
            demo.wait(ENDS_WITHIN_S)
        finally:
            demo.kill()  # a red test leaves nothing


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_demo_and_leaves_nothing(whole_demo, number):
    demo, folder, pids = whole_demo
    demo.send_signal(number)
    assert demo.wait(ENDS_WITHIN_S) == 0
    assert not any(alive(pid) for pid in pids)
    assert not folder.exists()


def test_a_second_signal_does_not_leave_half_of_it_behind(whole_demo, tmp_path):
    demo, folder, pids = whole_demo
    demo.send_signal(signal.SIGINT)
    until((tmp_path / "stubborn.asked").exists, "asked to end")
    demo.send_signal(signal.SIGINT)
    demo.send_signal(signal.SIGTERM)
    assert demo.wait(ENDS_WITHIN_S) == 0
    assert not any(alive(pid) for pid in pids)
    assert not folder.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_children_end_with_a_supervisor_that_is_killed_and_the_next_one_removes_its_folder(whole_demo):
    demo, folder, pids = whole_demo
    demo.kill()
    demo.wait(ENDS_WITHIN_S)
    outcomes = [ended(pid) for pid in pids]
    assert outcomes == [True, True]
    with Supervisor(print):
        assert not folder.exists()


def test_the_folder_of_a_living_supervisor_is_left_alone(whole_demo):
    _, folder, _ = whole_demo
    with Supervisor(print):
        assert folder.is_dir()
    assert folder.name.startswith(f"{FOLDER_PREFIX}")
    assert f"{os.getpid()}-" not in folder.name
