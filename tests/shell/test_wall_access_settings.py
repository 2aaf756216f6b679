"""Settings of who may see the wall, and act on it."""

from pathlib import Path

import pytest

from callpulse.settings import shown
from tests.shell.settings_file import complaint, complaints, read

KEY = "kiosk-key-of-the-hall"
OPEN = (
    "wallboard.host = '0.0.0.0': others can reach it there and nobody is asked who they are; expected keys "
    "([wallboard.tokens.NAME], viewer_key, supervisor_key), or trusted_proxies, or open_to_all = true where everybody "
    "there may see the figures"
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('host = "0.0.0.0"', OPEN),
        ('[wallboard.tokens.a]\nkey = "short"',
         "wallboard.tokens.a.key: expected 16 to 200 printable characters without a space"),
        ('[wallboard.tokens.a]\nrole = "viewer"', "wallboard.tokens.a: key is missing"),
        ('[wallboard.tokens.a]\nkey = "0123456789abcdef"\nrole = "boss"',
         "wallboard.tokens.a.role = 'boss': expected one of supervisor, viewer"),
        ('[wallboard.tokens.a]\nkye = "0123456789abcdef"',
         "wallboard.tokens.a.kye: unknown; expected one of key, key_file, role\nwallboard.tokens.a: key is missing"),
        ('viewer_key = "0123456789abcdef"\n[wallboard.tokens.a]\nkey = "0123456789abcdef"',
         "wallboard.tokens.a: has the key of viewer; expected one of its own"),
        ('[wallboard.tokens."a b"]\nkey = "0123456789abcdef"',
         'wallboard.tokens."a b": no name; expected 1 to 60 letters, digits, _ and -'),
        ('[wallboard.tokens.a]\nkey_file = "/none"',
         "wallboard.tokens.a.key_file = '/none': cannot be read (No such file or directory); expected a file "
         "with the key"),
        ('trusted_proxies = ["10.0.0.0/33"]\nuser_header = "X-User"',
         "wallboard.trusted_proxies[0] = '10.0.0.0/33': expected an address, or a network such as 10.0.0.0/8"),
        ('trusted_proxies = ["0.0.0.0/0"]\nuser_header = "X-User"',
         "wallboard.trusted_proxies[0] = '0.0.0.0/0': a part of the world could say who they are; expected the "
         "addresses of proxies, or a network of yours"),
        ('trusted_proxies = ["10.0.0.1"]',
         "wallboard.user_header: missing; expected the header in which a trusted proxy names the user"),
        ('supervisors = ["ann"]',
         "wallboard.supervisors: nobody is believed who says so; expected trusted_proxies too"),
        ('trusted_proxies = ["10.0.0.1"]\nuser_header = "X-User"\nsupervisor_groups = ["a"]',
         "wallboard.supervisor_groups: expected groups_header too, the header that names the groups"),
        ('trusted_proxies = ["10.0.0.1"]\nuser_header = "X-User"\nsupervisors = ["ann "]',
         "wallboard.supervisors: expected names, none of them empty or with spaces around it"),
        ('[wallboard.tokens.a]\nkey = "SECRETSECRETSECRET\\n"',
         "wallboard.tokens.a.key: expected 16 to 200 printable characters without a space"),
        ('allowed_hosts = ["http://wall/"]',
         "wallboard.allowed_hosts[0] = 'http://wall/': expected a name, or NAME:PORT"),
    ],
)  # fmt: skip
def test_a_mistake_about_who_may_see_is_refused_with_its_path(file: Path, text: str, said: str) -> None:
    assert complaints(file, f"[wallboard]\n{text}") == said.splitlines()


@pytest.mark.parametrize("network", ["2000::/7", "2001::/16", "::/7", "fc00::/6", "2001:db8::/31", "11.0.0.0/7"])
def test_a_part_of_the_world_is_no_proxy(file: Path, network: str) -> None:
    said = complaint(file, f'[wallboard]\ntrusted_proxies = ["{network}"]\nuser_header = "X-User"')
    assert "trusted_proxies[0]" in said


@pytest.mark.parametrize(
    "network", ["fc00::/7", "fd00::/8", "2001:db8::/32", "::1", "10.0.0.0/8", "::ffff:10.0.0.0/104"]
)
def test_a_network_of_your_own_may_hold_proxies(file: Path, network: str) -> None:
    found = read(file, f'[wallboard]\ntrusted_proxies = ["{network}"]\nuser_header = "X-User"')
    assert found.wallboard.trusted_proxies == (network,)


def test_keys_come_from_files_and_the_environment_and_are_shown_nowhere(file: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY + "\n")
    hall = f'[wallboard.tokens.hall]\nkey_file = "{tmp_path}/key"\nrole = "supervisor"'
    env = {
        "CALLPULSE_WALLBOARD_HOST": "0.0.0.0",
        "CALLPULSE_WALLBOARD_VIEWER_KEY_FILE": str(tmp_path / "key"),
        "CALLPULSE_WALLBOARD_TRUSTED_PROXIES": "10.0.0.1, 10.1.0.0/16",
        "CALLPULSE_WALLBOARD_USER_HEADER": "X-User",
    }
    assert "has the key of viewer" in complaint(file, hall, **env)
    (tmp_path / "other").write_text("another-key-of-viewers")
    found = read(file, hall, **{**env, "CALLPULSE_WALLBOARD_VIEWER_KEY_FILE": str(tmp_path / "other")})
    assert {name: (token.key, token.role) for name, token in found.wallboard.keys.items()} == {
        "viewer": ("another-key-of-viewers", "viewer"),
        "hall": (KEY, "supervisor"),
    }
    assert found.wallboard.trusted_proxies == ("10.0.0.1", "10.1.0.0/16")
    plain = shown(found)["wallboard"]
    assert (plain["tokens"]["hall"]["key"], plain["viewer_key"]) == ("***", "***")
    assert KEY not in repr(found)
