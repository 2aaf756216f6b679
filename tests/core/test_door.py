"""Who is let in at the wall, and as whom."""

from typing import Any

import msgspec
import pytest

from callpulse.settings.wallboard import Token, Wallboard
from callpulse.wallboard.door import Door, Knock, Person, Refusal, same_origin

KEY, OTHER = "kiosk-key-of-the-hall", "key-of-a-supervisor!"
NOW_S = 1_764_000_000
TOKENS = {"hall": Token(key=KEY), "ann": Token(key=OTHER, role="supervisor")}
PROXY: dict[str, Any] = {
    "trusted_proxies": ("10.1.0.0/16",), "user_header": "X-User", "groups_header": "X-Groups",
    "supervisors": ("ann",), "supervisor_groups": ("leads",),
}  # fmt: skip


def door(**settings: Any) -> Door:
    return Door(Wallboard(**settings), "me")


def knock(peer: str = "127.0.0.1", host: str = "127.0.0.1:9466", *headers: tuple[str, str], **more: Any) -> Knock:
    return Knock(peer=peer, host=host, headers=headers, now_s=more.pop("now_s", NOW_S), **more)


def test_who_sits_at_this_machine_may_act_where_nobody_is_asked() -> None:
    assert door().admitted(knock()) == Person("me", "supervisor", "local")
    assert door().admitted(knock("::1", "[::1]:9466")) == Person("me", "supervisor", "local")


@pytest.mark.parametrize("peer", ["10.1.2.3", "::ffff:10.1.2.3"])
@pytest.mark.parametrize("proxy", ["10.1.2.3", "10.1.0.0/16", "::ffff:10.1.2.3", "::ffff:10.1.0.0/112"])
def test_an_address_of_ipv4_is_the_same_one_as_a_socket_for_both_kinds_writes_it(peer: str, proxy: str) -> None:
    there = door(**{**PROXY, "trusted_proxies": (proxy,)})
    assert there.is_proxy(peer)
    assert not there.is_proxy("10.2.2.3")
    assert not there.is_proxy("::10.1.2.3")


@pytest.mark.parametrize("host", ["evil.example.org", "127.0.0.1.evil.org:9466", "", "localhost.evil.org"])
def test_a_name_that_is_not_ours_is_refused_where_nobody_is_asked(host: str) -> None:
    assert door().admitted(knock(host=host)) == Refusal(403, "host")
    assert door(host="0.0.0.0", open_to_all=True).admitted(knock("10.0.0.9", host)) == Refusal(403, "host")


@pytest.mark.parametrize("host", ["wall.example.org", "WALL.example.org:80", "10.0.0.5:9466", "[fe80::1]:9466"])
def test_a_name_that_is_allowed_or_an_address_is_ours(host: str) -> None:
    settings: dict[str, Any] = {"host": "0.0.0.0", "open_to_all": True, "allowed_hosts": ("wall.example.org",)}
    assert door(**settings).admitted(knock("10.0.0.9", host)) == Person("", "viewer", "open")


@pytest.mark.parametrize("sign", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP", "X-Forwarded-Host"])
def test_who_comes_through_a_proxy_nobody_told_of_may_see_and_not_act(sign: str) -> None:
    seen = door().admitted(knock("127.0.0.1", "localhost", (sign.lower(), "10.0.0.1")))
    assert seen == Person("", "viewer", "open")
    assert door().admitted(knock(is_http_10=True)) == Person("", "viewer", "open")


@pytest.mark.parametrize("host", ["wall.example.org", "wall.example.org:9466", "10.0.0.5:9466", "0.0.0.0"])
def test_who_asks_by_a_name_that_others_ask_by_may_see_and_not_act(host: str) -> None:
    assert door(allowed_hosts=("wall.example.org",)).admitted(knock(host=host)) == Person("", "viewer", "open")


@pytest.mark.parametrize("host", ["LOCALHOST:9466", "localhost", "127.8.0.1:1", "[::1]"])
def test_who_asks_by_a_name_of_this_machine_alone_may_act(host: str) -> None:
    assert door(allowed_hosts=("wall.example.org",)).admitted(knock(host=host)).way == "local"  # type: ignore[union-attr]


def test_with_keys_nobody_is_let_in_without_one_not_even_here() -> None:
    assert door(tokens=TOKENS).admitted(knock()) == Refusal(401, "no_key")
    assert door(tokens=TOKENS, host="0.0.0.0").admitted(knock("10.0.0.9")) == Refusal(401, "no_key")


def test_open_to_all_lets_see_and_a_key_lets_act() -> None:
    found = door(tokens=TOKENS, open_to_all=True, host="0.0.0.0")
    assert found.admitted(knock("10.0.0.9")) == Person("", "viewer", "open")
    assert found.admitted(knock()) == Person("", "viewer", "open")
    assert found.admitted(knock("10.0.0.9", bearer=OTHER)) == Person("ann", "supervisor", "key")


def test_a_key_says_whose_it_is_and_a_wrong_one_nothing() -> None:
    found = door(tokens=TOKENS)
    assert found.admitted(knock(bearer=KEY)) == Person("hall", "viewer", "key")
    for wrong in ("", KEY[:-1], KEY + "x", KEY.upper(), "\udcff", "x" * 10_000):
        assert found.admitted(knock(bearer=wrong)) == Refusal(401, "wrong_key")


def test_a_cookie_is_worth_its_key_for_a_while_and_no_longer_than_the_key() -> None:
    found = door(tokens=TOKENS)
    value, lasts_s = found.cookie("ann", NOW_S)
    assert KEY not in value
    assert OTHER not in value
    assert found.admitted(knock(cookie=value)) == Person("ann", "supervisor", "key")
    assert found.admitted(knock(cookie=value, now_s=NOW_S + lasts_s)) == Person("ann", "supervisor", "key")
    assert found.admitted(knock(cookie=value, now_s=NOW_S + lasts_s + 1)) == Refusal(401, "no_key")
    renewed = door(tokens={"ann": Token(key="another-key-of-ann", role="supervisor")})
    assert renewed.admitted(knock(cookie=value)) == Refusal(401, "no_key")


@pytest.mark.parametrize("change", ["hall", "2", "", "x", "é", "\udcff"])
def test_a_cookie_that_was_changed_is_none(change: str) -> None:
    found = door(tokens=TOKENS)
    name, issued, seal = found.cookie("ann", NOW_S)[0].split(".")
    for value in (f"{change}.{issued}.{seal}", f"{name}.{change}.{seal}", f"{name}.{issued}.{change}", change):
        assert found.admitted(knock(cookie=value)) == Refusal(401, "no_key")


@pytest.mark.parametrize(
    ("user", "groups", "role"),
    [("ann", "", "supervisor"), ("bob", "", "viewer"), ("bob", "x, leads", "supervisor"), ("bob", "leadsx", "viewer")],
)
def test_a_trusted_proxy_is_believed(user: str, groups: str, role: Any) -> None:
    said = knock("10.1.2.3", "wall", ("x-user", user), ("x-groups", groups))
    assert door(**PROXY).admitted(said) == Person(user, role, "proxy")
    mapped = said._replace(peer="::ffff:10.1.2.3")
    assert door(**PROXY).admitted(mapped) == Person(user, role, "proxy")


def test_nobody_else_is_believed() -> None:
    found, said = door(**PROXY), knock("10.2.0.1", "wall", ("x-user", "ann"))
    assert found.admitted(said) == Refusal(401, "no_key")
    assert found.pretends(said)
    assert not found.pretends(said._replace(peer="10.1.0.1"))
    assert door(**PROXY, open_to_all=True).admitted(said._replace(host="10.0.0.1")) == Person("", "viewer", "open")
    assert found.admitted(said._replace(peer="")) == Refusal(401, "no_key")


@pytest.mark.parametrize("users", [("ann", "bob"), ("a\nb",), ("\udcff",), ("x" * 101,)])
def test_a_name_that_is_none_is_refused(users: tuple[str, ...]) -> None:
    said = knock("10.1.2.3", "wall", *(("x-user", user) for user in users))
    assert door(**PROXY).admitted(said) == Refusal(401, "proxy_user")


def test_groups_that_are_said_twice_are_refused_as_users_are() -> None:
    for second in ("leads", "x", ""):
        said = knock("10.1.2.3", "wall", ("x-user", "bob"), ("x-groups", "x"), ("x-groups", second))
        assert door(**PROXY).admitted(said) == Refusal(401, "proxy_user")


def test_a_proxy_that_names_nobody_lets_nobody_in() -> None:
    for headers in ((), (("x-user", " "),)):
        assert door(**PROXY).admitted(knock("10.1.2.3", "wall", *headers)) == Refusal(401, "no_key")


def test_a_supervisors_key_is_worth_more_than_a_viewer_of_the_proxy() -> None:
    found = door(**PROXY, tokens=TOKENS)
    said = knock("10.1.2.3", "wall", ("x-user", "bob"), cookie=found.cookie("ann", NOW_S)[0])
    assert found.admitted(said) == Person("ann", "supervisor", "key")


@pytest.mark.parametrize(
    ("origin", "site", "same"),
    [
        (["http://wall:9466"], [], True),
        (["https://WALL:9466"], ["same-origin"], True),
        (["http://wall:9466"], ["cross-site"], False),
        (["http://wall:9466"], ["same-site"], False),
        (["http://wall:9467"], ["same-origin"], False),
        (["http://evil.org"], [], False),
        (["null"], ["same-origin"], False),
        ([], ["same-origin"], False),
        (["http://wall:9466", "http://wall:9466"], [], False),
        (["ftp://wall:9466"], [], False),
    ],
)
def test_only_a_page_of_ours_is_of_ours(origin: list[str], site: list[str], same: bool) -> None:
    assert same_origin(origin, site, ["wall:9466"]) is same


def test_no_key_is_shown_with_its_table() -> None:
    settings = Wallboard(tokens=TOKENS, supervisor_key=OTHER)
    assert KEY not in repr(settings) + repr(settings.keys)
    assert msgspec.structs.asdict(settings)["supervisor_key"] == OTHER


@pytest.mark.parametrize("groups", ["", " ", "a,,b", ","])
def test_nobody_is_of_a_group_without_a_name(groups: str) -> None:
    """An empty variable of an environment must not make supervisors of all."""
    said = (("x-user", "mallory"), ("x-groups", groups))
    found = door(**{**PROXY, "supervisor_groups": ("leads", "")}).admitted(knock("10.1.2.3", "wall", *said))
    assert found == Person("mallory", "viewer", "proxy")
