"""Which channel tells whom, as the settings have it."""

from pathlib import Path

import pytest

from callpulse.alerts.tellers import audience, check_channels, unheard
from callpulse.settings import Settings, SettingsError, load

WEBHOOK = '[alerts.channels.{name}]\nkind = "webhook"\nurl = "http://127.0.0.1:1/"\naudiences = {audiences}\n'


def settings(folder: Path, text: str) -> Settings:
    file = folder / "callpulse.toml"
    file.write_text(text)
    return load(file, {})


def test_a_channel_without_audiences_tells_everything(tmp_path: Path) -> None:
    both = WEBHOOK.format(name="desk", audiences="[]") + WEBHOOK.format(name="floor", audiences='["supervisors"]')
    found = settings(tmp_path, both)
    assert audience(found, "supervisors") == ("desk", "floor")
    assert audience(found, "anybody") == ("desk",)
    assert unheard(found) is None


def test_who_is_told_by_nobody_is_said(tmp_path: Path) -> None:
    assert unheard(settings(tmp_path, "")) == "no channel is set: alerts are shown, and nobody is told"
    rule = '[alerts.rules.service_level]\naudience = "floor"\n'
    found = settings(tmp_path, rule + WEBHOOK.format(name="floor", audiences='["floor"]'))
    assert unheard(found) == "no channel tells the audience supervisors: their alerts are only shown"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the library's own plugins
def test_a_url_that_apprise_does_not_know_is_refused_at_the_start(tmp_path: Path) -> None:
    pytest.importorskip("apprise")
    found = settings(tmp_path, '[alerts.channels.mail]\nkind = "apprise"\nurl = "nonsense://x"\n')
    with pytest.raises(SettingsError, match=r"alerts\.channels\.mail: apprise does not know"):
        check_channels(found)
