"""`callpulse wallboard --check`: what the settings make of the wall, or all that is wrong with them."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from callpulse import cli

FIVE = "service_level, asa_s, abandonment_rate, contacts_waiting, aht_s"
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
[boards.land]
shape = "sites"
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
        "/b/floor 'Customer service': all queues, en, shape wall, tiles " + FIVE,
        "/b/sales: group s (sales, vip*), nl, shape wall, tiles " + FIVE,
        "/b/help: queue helpdesk, nl, shape big, tiles asa_s, contacts_waiting",
        "/b/land: all queues, a row for each of the groups s, nl, shape sites, tiles " + FIVE,
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
    assert f"/b/all: all queues, en, shape wall, tiles {FIVE}" in done.stdout.splitlines()


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


@pytest.mark.parametrize(
    "url",
    ["http://x", "", "redis://", "redis:/x", "redis://:6379", "redis://u:swordfish/x@h:1/0", "redis://h:65536",
     "redis://h:0", "redis://h/x", "redis://h/0/1", "redis://h/-1", "redis://h 1", "redis://[::1", "unix://",
     "redis://u:swordfish#x@h/0"],
)  # fmt: skip
def test_an_address_of_redis_that_is_none_is_told_too(tmp_path: Path, url: str) -> None:
    done = checked(tmp_path, f'[redis]\nurl = "{url}"')
    assert (done.exit_code, done.stdout) == (2, "")
    assert "callpulse.toml: redis.url: cannot be used; expected redis://HOST:PORT/0" in done.stderr
    assert "swordfish" not in done.stderr


@pytest.mark.parametrize("option", ["db=x", "colour=red", "socket_timeout=soon"])
def test_nor_is_an_option_that_redis_does_not_know_believed(tmp_path: Path, option: str) -> None:
    done = checked(tmp_path, f'[redis]\nurl = "redis://h:1/0?{option}"')
    assert (done.exit_code, done.stdout) == (2, "")
    assert "the address of Redis cannot be used" in done.stderr


@pytest.mark.parametrize(
    "url",
    ["redis://h", "rediss://u:p%2Fw@h:6380/3", "redis://[::1]:6379/0", "unix:///run/redis.sock",
     "unix://u:p@/r.sock?db=1", "redis://h:1/0?health_check_interval=5"],
)  # fmt: skip
def test_every_address_that_redis_can_have_is_taken(tmp_path: Path, url: str) -> None:
    assert checked(tmp_path, f'[redis]\nurl = "{url}"').exit_code == 0


PROXY = '[wallboard]\ntrusted_proxies = ["10.0.0.7"]\nuser_header = '
PARTS_OF_THE_WORLD = (
    "0.0.0.0/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "10.0.0.0/7",
    "::/0",
    "::/1",
    "2000::/3",
    "::ffff:0:0/96",
)
SENT = ("Host", "Cookie", "USER-AGENT", "Accept-Language", "Sec-Fetch-Site", "Origin", "If-None-Match")
TOO_MANY = "a part of the world could say who they are; expected the addresses of proxies, or a network of yours"
NOT_OF_A_PROXY = "browsers send it; expected one that only the proxy sets, such as X-Forwarded-User"
REFUSED = [
    *(
        (f'[wallboard]\nuser_header = "X-User"\ntrusted_proxies = ["{wide}"]',
         f"wallboard.trusted_proxies[0] = '{wide}': {TOO_MANY}")
        for wide in PARTS_OF_THE_WORLD
    ),
    *((f'{PROXY}"{name}"', f"wallboard.user_header = '{name}': {NOT_OF_A_PROXY}") for name in SENT),
    (f'{PROXY}"X-User"\ngroups_header = "Referer"', f"wallboard.groups_header = 'Referer': {NOT_OF_A_PROXY}"),
    (f'{PROXY}"X-User"\ngroups_header = "x-user"', "wallboard.groups_header: is user_header too; expected another one"),
    ('[wallboard]\nhost = "[::1]"', "wallboard.host = '[::1]': expected ::1, without brackets"),
    ('[metrics]\nhost = "[::]"', "metrics.host = '[::]': expected ::, without brackets"),
    ('[alerts]\nhost = "[::1]"', "alerts.host = '[::1]': expected ::1, without brackets"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_what_would_trust_too_many_or_be_served_nowhere_is_refused(tmp_path: Path, text: str, said: str) -> None:
    done = checked(tmp_path, text)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [f"callpulse: {tmp_path / 'callpulse.toml'}: {said}"]


@pytest.mark.parametrize("network", ["10.0.0.0/8", "fc00::/7", "::ffff:10.0.0.7", "::ffff:10.0.0.0/104"])
def test_the_networks_of_a_house_are_trusted(tmp_path: Path, network: str) -> None:
    assert checked(tmp_path, f'[wallboard]\nuser_header = "X-User"\ntrusted_proxies = ["{network}"]').exit_code == 0
