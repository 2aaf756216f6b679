"""Which settings a process takes over while it runs, and when it looks."""

import logging
import os
import re
import signal
import socket
import ssl
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpulse.edges.tls import Files, OwnCertificate
from callpulse.reloading import Reloads
from callpulse.settings import Settings, SettingsError, load
from callpulse.settings.live import OF_ALERTS, OF_WALLBOARD, OF_WORKER, Live, taken
from tests.certificates import Authority
from tests.shell.test_interrupts import Running
from tests.waiting import until

CHANGED = {
    "site": "name = 'other'\nlanguage = 'nl'",
    "kafka": "brokers = 'elsewhere:9092'\npassword = 'hidden'\nusername = 'u'\nsecurity_protocol = 'SASL_SSL'",
    "metrics": "port = 1",
    "queue_defaults": "target = 0.5",
    "queues.sales": "threshold_s = 60",
    "groups.all": "queues = ['*']",
    "monitoring": "runbook_url = 'https://wiki/runbook'",
    "alerts": "capacity = false\nport = 2",
    "boards.floor": "title = 'x'",
    "wallboard": "port = 3",
}
Sections = st.sets(st.sampled_from(sorted(CHANGED)))


def settings(folder: Path, *sections: str) -> Settings:
    file = folder / "callpulse.toml"
    file.write_text("".join(f"[{section}]\n{CHANGED[section]}\n" for section in sections))
    return load(file, {})


@pytest.mark.parametrize(
    ("live", "kept"),
    [
        (OF_WORKER, {"site.name", "site.language", "kafka.brokers", "metrics.port"}),
        (OF_ALERTS, {"site.name", "site.language", "kafka.brokers", "metrics.port", "alerts.port"}),
        (OF_WALLBOARD, {"site.name", "site.language", "kafka.brokers", "metrics.port", "wallboard.port"}),
    ],
)
def test_what_needs_a_restart_is_named_and_stays(live: Live, kept: set[str], tmp_path: Path) -> None:
    new, named = taken(Settings(), settings(tmp_path, *CHANGED), live)
    assert kept <= set(named)
    assert "hidden" not in " ".join(named)
    assert new.policy("sales").threshold_s == 60
    assert list(new.groups) == ["all"]
    assert (new.site, new.kafka, new.metrics) == (Settings().site, Settings().kafka, Settings().metrics)
    assert new.alerts.capacity == (live is not OF_ALERTS)
    assert new.monitoring.runbook_url == ("https://wiki/runbook" if live is OF_ALERTS else "")
    assert list(new.boards) == (["floor"] if live is OF_WALLBOARD else [])


@given(Sections, Sections, st.sampled_from([OF_WORKER, OF_ALERTS, OF_WALLBOARD]))
def test_what_is_taken_over_twice_is_the_same_and_back_again_is_back_again(
    tmp_path_factory: pytest.TempPathFactory, first: set[str], second: set[str], live: Live
) -> None:
    folder = tmp_path_factory.getbasetemp()
    one, other = settings(folder, *sorted(first)), settings(folder, *sorted(second))
    new, named = taken(one, other, live)
    assert taken(new, other, live) == (new, named)
    assert taken(new, one, live) == (one, ())


class Rig:
    def __init__(self, folder: Path) -> None:
        self.file = folder / "callpulse.toml"
        self.write("[queues.sales]\ntarget = 0.8\n")
        self.reloads = Reloads(load(self.file), self.file, OF_WORKER, logging.getLogger("callpulse.worker"))
        self.heard: list[float] = []
        self.reloads.follow(lambda settings: self.heard.append(settings.policy("sales").target))

    def write(self, text: str) -> None:
        self.file.write_text(text)


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_a_file_that_has_changed_is_read_a_look_after_it_has_come_to_rest(rig: Rig) -> None:
    rig.reloads.look()
    rig.write("[queues.sales]\ntarget = 0.75\n# being written")
    rig.reloads.look()
    rig.write("[queues.sales]\ntarget = 0.7\n")
    rig.reloads.look()
    assert rig.heard == []
    rig.reloads.look()
    rig.reloads.look()
    assert rig.heard == [0.7]
    rig.file.unlink()
    for _ in range(3):
        rig.reloads.look()  # an editor puts another in its place
    assert not rig.reloads.loaded.failed


def test_what_changed_while_a_process_started_is_read(rig: Rig) -> None:
    rig.write("[queues.sales]\ntarget = 0.75\n")
    rig.reloads.renew(None)
    rig.reloads.look()
    assert rig.heard == [0.75]


def test_every_mistake_is_said_once_and_what_holds_stays(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    before = rig.reloads.loaded
    rig.write("[queues.sales]\ntarget = 8\nthreshold_s = -1\n")
    for _ in range(4):
        rig.reloads.look()
    assert [message.partition("sales.")[2].split()[0] for message in caplog.messages] == ["target", "threshold_s"]
    assert (rig.reloads.loaded.failed, rig.reloads.loaded.at_ms, rig.heard) == (True, before.at_ms, [])
    rig.write("[queues.sales]\ntarget = 0.9\n")
    rig.reloads.reload()
    assert (rig.reloads.loaded.failed, rig.heard) == (False, [0.9])


def test_a_pipe_in_the_place_of_the_file_is_refused_and_not_waited_for(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.file.unlink()
    os.mkfifo(rig.file)
    rig.reloads.reload()
    assert [message.split(": ")[2] for message in caplog.messages] == [
        "is no file that can be read again; expected a TOML file with settings"
    ]
    assert rig.reloads.loaded.failed


def test_what_a_follower_refuses_is_refused(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    def refuses(_: Settings) -> None:
        raise SettingsError("boards.floor.logo: no picture")

    rig.reloads.follow(refuses)
    held = rig.reloads.settings
    rig.write("[queues.sales]\ntarget = 0.9\n")
    rig.reloads.reload()
    assert caplog.messages == ["not reloaded: boards.floor.logo: no picture"]
    assert (rig.reloads.loaded.failed, rig.reloads.settings) == (True, held)


def test_a_certificate_is_renewed_when_its_files_have_come_to_rest_and_a_broken_one_is_said(
    rig: Rig, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    ours = Authority(tmp_path)
    shown = ours.issue("here")
    rig.reloads.renew(OwnCertificate(Files("metrics", cert=str(shown.cert), key=str(shown.key))))

    def looks(count: int) -> list[str]:
        caplog.clear()
        for _ in range(count):
            rig.reloads.look()
        return caplog.messages

    assert looks(3) == []
    ours.issue("here")
    assert looks(1) == []
    assert looks(3) == ["metrics.cert_file is read again", "settings are read again"]
    shown.key.write_text("none")
    said, *others = looks(4)
    assert said.startswith(f"not reloaded: metrics.cert_file = '{shown.cert}': cannot be used with its key")
    assert others == ["settings are read again; the certificate is not: the former one is still shown"]
    assert rig.reloads.loaded.failed
    ours.issue("here", expired=True)
    said = looks(4)[0]
    assert re.search(r"cert_file = .*: expired on .*; expected one that is valid", said)
    shown.key.unlink()
    assert looks(3) == []
    ours.issue("here")
    rig.write("[queues.sales]\ntarget = 8\n")
    assert looks(3)[0] == "metrics.cert_file is read again"  # a mistake elsewhere does not hold it up
    assert "not reloaded: " in caplog.text
    rig.write("[queues.sales]\ntarget = 0.6\n")
    rig.reloads.reload()
    assert (rig.reloads.loaded.failed, rig.heard) == (False, [0.6])


@pytest.mark.parametrize("command", ["worker", "alerts", "wallboard"])
def test_who_connects_after_a_reload_sees_the_renewed_certificate_whatever_its_key(
    tmp_path: Path, command: str
) -> None:
    ours, section = Authority(tmp_path), "wallboard" if command == "wallboard" else "metrics"
    file = ours.issue("here", "127.0.0.1").both
    ports = {"CALLPULSE_ALERTS_PORT": "0", "CALLPULSE_WALLBOARD_PORT": "0"}
    running = Running(tmp_path, command, **ports, **{f"CALLPULSE_{section.upper()}_CERT_FILE": str(file)})
    try:
        running.until(lambda said: re.search(r" at https://\S+\n", said) is not None)
        port = int(re.findall(r" at https://127\.0\.0\.1:(\d+)", running.err.read_text())[0])

        def shown() -> str:
            with (
                socket.create_connection(("127.0.0.1", port), timeout=5) as plain,
                ssl.create_default_context(cafile=str(ours.ca_file)).wrap_socket(
                    plain, server_hostname="127.0.0.1"
                ) as met,
            ):
                return str((met.getpeercert() or {})["serialNumber"])

        seen = [shown()]
        for rsa in (True, False):
            ours.issue("here", "127.0.0.1", rsa=rsa)
            running.process.send_signal(signal.SIGHUP)
            seen.append(until(lambda: (now := shown()) not in seen and now, "the renewed certificate is shown"))
        file.write_text("none")
        running.process.send_signal(signal.SIGHUP)
        running.until(lambda said: f"not reloaded: {section}.cert_file = '{file}': cannot be used" in said)
        assert shown() == seen[-1]
    finally:
        code, _ = running.end(signal.SIGTERM)
    assert code == 0
