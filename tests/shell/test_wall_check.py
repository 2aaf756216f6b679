"""`callpulse wallboard --check`: what the settings make of the wall, or all that is wrong with them."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from callpulse import cli

GOOD = """
[site]
language = "nl"
[wallboard]
host = "::"
trusted_proxies = ["10.0.0.7"]
user_header = "X-User"
groups_header = "X-Groups"
supervisors = ["ann"]
supervisor_groups = ["leads"]
[wallboard.tokens.hall]
key = "the-key-of-the-hall"
[groups.s]
queues = ["sales", "vip*"]
[boards.floor]
title = "Customer service"
language = "en"
[boards.sales]
group = "s"
[boards.help]
queue = "helpdesk"
shape = "big"
tiles = ["asa_s", "contacts_waiting"]
[boards.hall]
title = "Hall"
rotate = ["floor", "help"]
every = "1m"
"""


def checked(folder: Path, text: str) -> Result:
    (folder / "callpulse.toml").write_text(text)
    return CliRunner().invoke(cli.main, ["--config", str(folder / "callpulse.toml"), "wallboard", "--check"])


def test_it_says_where_who_and_what(tmp_path: Path) -> None:
    done = checked(tmp_path, GOOD)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "served at http://[::]:9466/",
        "key hall: viewer",
        "users named in X-User by 10.0.0.7: see; act: ann, group leads",
        "/b/floor 'Customer service': all queues, en",
        "/b/sales: group s (sales, vip*), nl",
        "/b/help: queue helpdesk, nl, shape big, tiles asa_s, contacts_waiting",
        "/b/hall 'Hall': in turn floor, help, each for 1m",
    ]
    assert "the-key" not in done.output


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "without a key: who sits at this machine sees and acts"),
        ("[wallboard]\nopen_to_all = true", "without a key: everybody who reaches it sees, and nobody acts"),
        ('[wallboard]\nviewer_key = "0123456789abcdef"',
         "nobody may take or mute alerts: no key and no user has the role supervisor"),
    ],
)  # fmt: skip
def test_it_says_who_may_act(tmp_path: Path, text: str, line: str) -> None:
    done = checked(tmp_path, text)
    assert done.exit_code == 0
    assert line in done.stdout.splitlines()
    assert "/b/all: all queues, en" in done.stdout.splitlines()


def test_it_names_every_mistake_and_serves_nothing(tmp_path: Path) -> None:
    wrong = """
[wallboard]
host = "0.0.0.0"
allowed_hosts = ["a b"]
[boards."x y"]
group = "none"
[groups.s]
queues = "sales"
"""
    done = checked(tmp_path, wrong)
    assert (done.exit_code, done.stdout) == (2, "")
    said = [line.split(": ")[2] for line in done.stderr.splitlines()]
    assert said == [
        'boards."x y"',
        "groups.s.queues = 'sales'",
        "wallboard.allowed_hosts[0] = 'a b'",
        "wallboard.host = '0.0.0.0'",
    ]


def test_an_address_of_redis_that_is_none_is_told_too(tmp_path: Path) -> None:
    done = checked(tmp_path, '[redis]\nurl = "http://x"')
    assert done.exit_code == 2
    assert "the address of Redis cannot be used" in done.stderr
