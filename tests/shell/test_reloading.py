"""Which settings a process takes over while it runs, and when it looks."""

import logging
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callpulse.reloading import Reloads
from callpulse.settings import Settings, SettingsError, load
from callpulse.settings.live import OF_ALERTS, OF_WALLBOARD, OF_WORKER, Live, taken

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
