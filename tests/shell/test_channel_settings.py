"""`[alerts.channels]` and `[alerts.heartbeat]`: every kind, secrets that are never shown, secrets from files."""

import os
from pathlib import Path

import msgspec
import pytest

from callpulse.alerts.channels.alertmanager import Alertmanager, Cluster
from callpulse.alerts.channels.apprise import Apprise
from callpulse.alerts.channels.channel import Address
from callpulse.alerts.channels.pagerduty import PagerDuty
from callpulse.alerts.channels.webhook import Webhook
from callpulse.alerts.tellers import audience, channels_of, words_of
from callpulse.settings import shown
from callpulse.settings.channels import CHANNELS
from tests.notices import notice
from tests.shell.settings_file import complaint, complaints, read

SECRET = "hunter2"
ADDRESSES: dict[str, type[Address]] = {
    "alertmanager": Alertmanager,
    "pagerduty": PagerDuty,
    "webhook": Webhook,
    "apprise": Apprise,
}
KEY = SECRET + 25 * "x"
ALL = f"""
[alerts.channels.prometheus]
kind = "alertmanager"
urls = ["http://a:9093", "https://u:{SECRET}@b/alert"]
resend_s = 20
[alerts.channels.duty]
kind = "pagerduty"
routing_key = "{KEY}"
audiences = ["supervisors"]
[alerts.channels.own]
kind = "webhook"
url = "https://hooks.example/{SECRET}"
secret = "{SECRET}"
timeout_s = 3
[alerts.channels.team]
kind = "apprise"
url = "slack://{SECRET}/b/c"
format = "html"
language = "nl"
[alerts.heartbeat]
url = "https://hc.example/{SECRET}"
every = "1m"
"""


def test_every_kind_becomes_the_channel_of_that_kind(file: Path) -> None:
    settings = read(file, ALL)
    found = channels_of(settings)
    cluster = found.pop("prometheus")
    assert isinstance(cluster, Cluster)
    assert cluster._address == Alertmanager(urls=("http://a:9093", f"https://u:{SECRET}@b/alert"), resend_s=20)
    assert found == {
        "duty": PagerDuty(routing_key=KEY),
        "own": Webhook(url=f"https://hooks.example/{SECRET}", secret=SECRET, timeout_s=3),
        "team": Apprise(url=f"slack://{SECRET}/b/c", format="html"),
    }
    assert audience(settings, "supervisors") == ("prometheus", "duty", "own", "team")
    assert audience(settings, "floor") == ("prometheus", "own", "team")


def test_the_language_of_a_channel_is_its_own_then_that_of_alerts_then_that_of_the_site(file: Path) -> None:
    own = '[site]\nlanguage = "{}"\n{}[alerts.channels.a]\nkind = "webhook"\nurl = "https://h"\n'
    for site, alerts, channel, word in (
        ("nl", "", "", "kritiek"),
        ("en", '[alerts]\nlanguage = "nl"\n', "", "kritiek"),
        ("nl", '[alerts]\nlanguage = "nl"\n', 'language = "en"\n', "critical"),
    ):
        settings = read(file, own.format(site, alerts) + channel)
        assert word in words_of(settings, "a")(notice()).subject.lower()


@pytest.mark.parametrize("kind", CHANNELS)
def test_the_settings_of_a_kind_are_the_fields_of_its_channel(kind: str) -> None:
    """But for how often rules are looked at, which is not for a file to say."""
    fields = {*ADDRESSES[kind].__struct_fields__} - {"evaluation_s"}
    own = {name for name in CHANNELS[kind].__struct_fields__ if not name.endswith("_file")} - {"audiences", "language"}
    assert own == fields
    defaults = {field.name: field.default for field in msgspec.structs.fields(ADDRESSES[kind])}
    for field in msgspec.structs.fields(CHANNELS[kind]):
        assert field.name not in own or field.default == defaults[field.name]


# -- secrets


def test_no_secret_of_a_channel_is_shown(file: Path) -> None:
    settings = read(file, ALL)
    plain = shown(settings)
    assert SECRET not in repr(plain)
    assert plain["alerts"]["channels"]["prometheus"]["urls"] == "***"
    assert plain["alerts"]["channels"]["duty"]["routing_key"] == "***"
    assert plain["alerts"]["channels"]["own"]["secret"] == plain["alerts"]["heartbeat"]["url"] == "***"
    assert plain["alerts"]["channels"]["team"]["format"] == "html"
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    "text",
    [
        f'[alerts.channels]\nhook = "https://hooks/{SECRET}"',
        f'[alerts]\nchannels = "https://hooks/{SECRET}"',
        f'[alerts]\nheartbeat = "https://hc/{SECRET}"',
        f'[alerts.heartbeat]\nurl = "{SECRET}"',
        f'[alerts.heartbeat]\nurl = "https://hc"\nevry = "{SECRET}"',
        f'[alerts.channels.a]\nkind = "webhook"\nurl = "{SECRET}"',
        f'[alerts.channels.a]\nkind = "webhook"\nurl = "https://[{SECRET}"',
        f'[alerts.channels.a]\nkind = "webhook"\nurl = ["{SECRET}"]',
        f'[alerts.channels.a]\nkind = "webhook"\nurl = "https://h"\nsecert = "{SECRET}"',
        f'[alerts.channels.a]\nkind = "pagerduty"\nrouting_key = "{SECRET}"',
        f'[alerts.channels.a]\nkind = "alertmanager"\nurls = ["{SECRET}"]',
        f'[alerts.channels.a]\nkind = "alertmanager"\nurls = "http://u:{SECRET}@h"',
        f'[alerts.channels.a]\nkind = "apprise"\nurl = "{SECRET}"',
        f'[alerts.channels.a]\nkind = "slack"\nurl = "{SECRET}"',
        f'[alerts.channels.a]\nurl = "{SECRET}"',
    ],
)
def test_no_error_shows_a_secret_of_a_channel(file: Path, text: str) -> None:
    (said,) = complaints(file, text)
    assert said.startswith("alerts.")
    assert SECRET not in said


def test_secrets_come_from_files(file: Path, tmp_path: Path) -> None:
    for name, value in (("key", KEY), ("url", "https://hooks.example/x"), ("secret", SECRET)):
        (tmp_path / name).write_text(value + "\n")
    found = read(
        file,
        f'[alerts.channels.duty]\nkind = "pagerduty"\nrouting_key_file = "{tmp_path}/key"\n'
        f'[alerts.channels.own]\nkind = "webhook"\nurl_file = "{tmp_path}/url"\nsecret_file = "{tmp_path}/secret"\n'
        f'[alerts.heartbeat]\nurl_file = "{tmp_path}/url"\n',
    )
    assert channels_of(found) == {
        "duty": PagerDuty(routing_key=KEY),
        "own": Webhook(url="https://hooks.example/x", secret=SECRET),
    }
    assert found.alerts.heartbeat is not None
    assert found.alerts.heartbeat.url == "https://hooks.example/x"
    assert SECRET not in repr(shown(found))


def test_a_file_that_holds_no_secret_is_named(file: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "bytes").write_bytes(b"\xff")
    (tmp_path / "odd").write_text(SECRET)
    os.mkfifo(tmp_path / "pipe")  # who waits for it waits for ever
    own = '[alerts.channels.own]\nkind = "webhook"\nurl_file = "{}"\n'
    for name, why in (
        ("none", "cannot be read (No such file or directory); expected a file with the url"),
        ("", "cannot be read (Is a directory); expected a file with the url"),
        ("bytes", "cannot be read (not UTF-8); expected a file with the url"),
        ("pipe", "cannot be read (not a regular file); expected a file with the url"),
        ("empty", "is empty; expected a file with the url"),
    ):
        path = tmp_path / name
        assert complaints(file, own.format(path)) == [f"alerts.channels.own.url_file = '{path}': {why}"]
    (twice,) = complaints(file, own.format(tmp_path / "odd") + f'url = "https://{SECRET}"\n')
    assert twice.endswith("url is given too; expected one of them")
    assert SECRET not in twice + complaint(file, own.format(tmp_path / "odd"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[alerts.channels.a]\nkind = "slack"',
            "alerts.channels.a.kind = 'slack': expected one of alertmanager, pagerduty, webhook, apprise; "
            "Slack, Teams, mail and SMS go by apprise",
        ),
        ('[alerts.channels.a]\nurl = "x"', "alerts.channels.a: kind is missing"),
        ('[alerts.channels.a]\nkind = "webhook"', "alerts.channels.a: url is missing"),
        (
            '[alerts.channels.a]\nkind = "webhook"\nurl = "ftp://h"',
            "alerts.channels.a.url: expected http:// or https:// and a host",
        ),
        (
            '[alerts.channels.a]\nkind = "webhook"\nurl = "https://h"\nformat = "html"',
            "alerts.channels.a.format: unknown; expected one of kind, audiences, language, timeout_s, url, url_file, ",
        ),
        (
            '[alerts.channels.a]\nkind = "pagerduty"\nrouting_key = "short"',
            "alerts.channels.a.routing_key: expected an integration key of 32 letters and digits",
        ),
        (
            '[alerts.channels.a]\nkind = "alertmanager"\nurls = []',
            "alerts.channels.a.urls: expected a list of length >= 1",
        ),
        (
            '[alerts.channels.a]\nkind = "alertmanager"\nurls = ["http://h"]\nresend_s = 5',
            "alerts.channels.a.resend_s = 5: expected a number >= 15.0",
        ),
        (
            '[alerts.channels.a]\nkind = "webhook"\nurl = "https://h"\naudiences = ["supervisor"]',
            "alerts.channels.a.audiences[0] = 'supervisor': no rule is for it; expected the name of an audience, the "
            "nearest is supervisors",
        ),
        (
            '[alerts.channels."a b"]\nkind = "webhook"\nurl = "https://h"',
            'alerts.channels."a b": no name; expected 1 to 60 letters, digits, _ and -',
        ),
        ('[alerts.heartbeat]\nurl = "https://h"\nevery = "1s"', "alerts.heartbeat.every = '1s': expected 5s to 1h"),
        ('[alerts.heartbeat]\nurl = "h"', "alerts.heartbeat.url: expected http:// or https:// and a host"),
        ('[alerts.heartbeat]\nevery = "1m"', "alerts.heartbeat: url is missing"),
        (
            '[alerts.heartbeat]\nurl = "https://h"\nevry = 1',
            "alerts.heartbeat.evry: unknown; expected one of url, url_file",
        ),
    ],
)
def test_a_mistake_in_a_channel_is_refused_with_its_path(file: Path, text: str, said: str) -> None:
    (found,) = complaints(file, text)
    assert found.startswith(said)
