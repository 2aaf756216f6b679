"""Who is let in, and as whom: by a key, by what a trusted proxy says, or because nobody is asked. Pure.

A key travels once in an address (`?key=`) or in each request of a program (`Authorization: Bearer`). Browsers keep a
cookie that was made with it and is of no use elsewhere: the key cannot be found from it, and another key ends it.
"""

import hmac
from collections.abc import Iterable, Sequence
from hashlib import sha256
from ipaddress import ip_address
from typing import Literal, NamedTuple

from msgspec import Struct

from callpulse.settings.wallboard import Role, Wallboard, is_loopback, network

Way = Literal["local", "open", "key", "proxy"]
Reason = Literal["no_key", "wrong_key", "proxy_user", "host", "origin", "role", "form"]

LASTS_S: dict[Role, int] = {"viewer": 365 * 86_400, "supervisor": 12 * 3_600}  # a screen on the wall; a shift
LONGEST_NAME = 100
SIGNS_OF_A_PROXY = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


class Person(Struct, frozen=True):
    """Who asks, and how that is known. `name` "": nobody knows, who may see."""

    name: str
    role: Role
    way: Way

    @property
    def may_act(self) -> bool:
        """Take and mute alerts."""
        return self.role == "supervisor"


class Refusal(Struct, frozen=True):
    """Why somebody is not let in, or may not do it."""

    status: Literal[400, 401, 403]
    reason: Reason


class Knock(NamedTuple):
    """What a request says of who sends it. `peer`: the address it comes from; `headers`: names in small letters, as
    often as they were sent; `bearer`: the key of a program; `cookie`: that of the wall."""

    peer: str
    host: str
    headers: Sequence[tuple[str, str]]
    now_s: int
    bearer: str | None = None
    cookie: str | None = None
    is_http_10: bool = False

    def said(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for each, value in self.headers if each == name.lower()]


class Door:
    """Of one wallboard. `local_name`: who it is that sits at this machine."""

    def __init__(self, settings: Wallboard, local_name: str) -> None:
        self._settings, self._local_name = settings, local_name
        self._keys = settings.keys
        self._proxies = [network(text) for text in settings.trusted_proxies]
        self._hosts = frozenset(host.lower() for host in settings.allowed_hosts)

    def admitted(self, knock: Knock) -> Person | Refusal:
        """The one with the larger role, where it is known in several ways."""
        if knock.bearer is not None:
            name = self.owner(knock.bearer)
            return Refusal(401, "wrong_key") if name is None else self._of_key(name)
        found = [self._of_cookie(knock), self._of_proxy(knock)]
        known = [each for each in found if isinstance(each, Person)]
        if known:
            return max(known, key=lambda person: person.may_act)
        refused = next((each for each in found if isinstance(each, Refusal)), None)
        return refused or self._unasked(knock)

    def owner(self, key: str) -> str | None:
        """Whose key it is. Takes as long for any: hashes are compared, all of them, to their ends."""
        given, found = sha256(key.encode("utf-8", "surrogateescape")).digest(), None
        for name, token in self._keys.items():
            if hmac.compare_digest(given, sha256(token.key.encode()).digest()):
                found = name
        return found

    def cookie(self, name: str, now_s: int) -> tuple[str, int]:
        """What the browser of who has this key keeps, and for how many seconds."""
        return f"{name}.{now_s}.{self._seal(name, now_s)}", LASTS_S[self._keys[name].role]

    def is_proxy(self, peer: str) -> bool:
        """Whether what comes from there is believed."""
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in each for each in self._proxies)

    def pretends(self, knock: Knock) -> bool:
        """Whether somebody says who they are as only a trusted proxy may."""
        headers = (self._settings.user_header, self._settings.groups_header)
        return not self.is_proxy(knock.peer) and any(name and knock.said(name) for name in headers)

    def is_ours(self, host: str) -> bool:
        """Whether this is a name of ours. Other pages of a browser can give our address another name (DNS rebinding),
        never an address in figures."""
        name = _without_port(host).lower()
        known = {"localhost", self._settings.host.lower()}
        return name in known or _is_address(name) or not self._hosts.isdisjoint({name, host.lower()})

    def _of_key(self, name: str) -> Person:
        return Person(name, self._keys[name].role, "key")

    def _of_cookie(self, knock: Knock) -> Person | None:
        name, _, rest = (knock.cookie or "").partition(".")
        issued, _, seal = rest.partition(".")
        if name not in self._keys or not (issued.isascii() and issued.isdigit() and len(issued) <= 12):
            return None
        sealed = hmac.compare_digest(seal.encode("utf-8", "surrogateescape"), self._seal(name, int(issued)).encode())
        lasts = -300 <= knock.now_s - int(issued) <= LASTS_S[self._keys[name].role]
        return self._of_key(name) if sealed and lasts else None

    def _seal(self, name: str, issued_s: int) -> str:
        return hmac.new(self._keys[name].key.encode(), f"callpulse wall {name} {issued_s}".encode(), sha256).hexdigest()

    def _of_proxy(self, knock: Knock) -> Person | Refusal | None:
        if not self.is_proxy(knock.peer):
            return None
        users = knock.said(self._settings.user_header)
        if not users or not users[0].strip():
            return None
        user = users[0].strip()
        lines = knock.said(self._settings.groups_header)
        if len(users) > 1 or len(lines) > 1 or not _is_name(user):
            return Refusal(401, "proxy_user")
        groups = {group.strip() for line in lines for group in line.split(",")} - {""}
        acts = user in self._settings.supervisors or not groups.isdisjoint(self._settings.supervisor_groups)
        return Person(user, "supervisor" if acts else "viewer", "proxy")

    def _unasked(self, knock: Knock) -> Person | Refusal:
        """One who has no key. Who sits at this machine may act where nobody is asked; one behind a proxy does not,
        told by its headers or by a name that others ask by."""
        settings = self._settings
        if (settings.asks and not settings.open_to_all) or not (settings.is_local or settings.open_to_all):
            return Refusal(401, "no_key")
        if not self.is_ours(knock.host):
            return Refusal(403, "host")
        behind = knock.is_http_10 or not _is_here(knock.host) or any(knock.said(name) for name in SIGNS_OF_A_PROXY)
        if settings.asks or not settings.is_local or not is_loopback(knock.peer) or behind:
            return Person("", "viewer", "open")
        return Person(self._local_name, "supervisor", "local")


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0] if host.count(":") == 1 else host


def _is_here(host: str) -> bool:
    """Whether only who sits at this machine asks by it."""
    name = _without_port(host).lower()
    return name == "localhost" or is_loopback(name)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_name(user: str) -> bool:
    """Something that can be shown and written."""
    return user.isprintable() and len(user) <= LONGEST_NAME


def same_origin(origin: Iterable[str], site: Iterable[str], hosts: Iterable[str]) -> bool:
    """Whether a page of ours sent it: `Origin` names one of our `hosts`, and `Sec-Fetch-Site`, where there is one, says
    the same."""
    origins, sites = list(origin), list(site)
    known = {host.lower() for host in hosts}
    if len(origins) != 1 or any(each != "same-origin" for each in sites):
        return False
    scheme, found, host = origins[0].lower().partition("://")
    return bool(found) and scheme in ("http", "https") and host in known
