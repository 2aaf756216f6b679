"""What is wrong with who may see the wall and act on it, beyond what types can say: every mistake, with its path."""

import re
from collections.abc import Iterator, Sequence
from ipaddress import IPv6Network

from callpulse.settings.fault import Fault, fault_at
from callpulse.settings.tables import Settings
from callpulse.settings.wallboard import Wallboard, network

NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")
HOST = re.compile(r"[A-Za-z0-9._-]{1,253}(:\d{1,5})?")
NOBODY_ASKED = (
    ": others can reach it there and nobody is asked who they are; expected keys ([wallboard.tokens.NAME], "
    "viewer_key, supervisor_key), or trusted_proxies, or open_to_all = true where everybody there may see the figures"
)
LEAST_PREFIX = {4: 8, 6: 32}  # 10.0.0.0/8, and of IPv6 what a provider is given: nobody has more of the world
OWN = IPv6Network("fc00::/7")  # what every house may take for itself, all of it
OF_BROWSERS = re.compile(  # headers that browsers, or a page in one, send by themselves
    r"(accept|access-control|content|if|sec)-.*|proxy-(authorization|connection)|upgrade(-insecure-requests)?|accept|"
    r"authorization|cache-control|connection|cookie|date|dnt|expect|host|keep-alive|last-event-id|origin|pragma|"
    r"priority|range|referer|te|trailer|transfer-encoding|user-agent|via|x-callpulse|x-requested-with"
)
OF_PROXIES = ("user_header", "groups_header", "supervisors", "supervisor_groups")


def access_faults(settings: Settings) -> Iterator[Fault]:
    """All of them."""
    wall, at = settings.wallboard, ("wallboard",)
    if not (wall.is_local or wall.asks or wall.open_to_all):
        yield fault_at((*at, "host"), f" = {wall.host!r}{NOBODY_ASKED}", ((*at, "tokens"), (*at, "trusted_proxies")))
    for place, host in enumerate(wall.allowed_hosts):
        if HOST.fullmatch(host) is None:
            yield fault_at((*at, "allowed_hosts", f"[{place}]"), f" = {host!r}: expected a name, or NAME:PORT")
    yield from _key_faults(wall)
    yield from _proxy_faults(wall)


def _key_faults(wall: Wallboard) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for name, token in wall.keys.items():
        where = ("wallboard", "tokens", name) if name in wall.tokens else ("wallboard", f"{name}_key")
        if NAME.fullmatch(name) is None:
            yield fault_at(where, ": no name; expected 1 to 60 letters, digits, _ and -")
        if name in wall.tokens and f"{name}_key" in Wallboard.__struct_fields__ and getattr(wall, f"{name}_key"):
            yield fault_at(where, f": {name}_key is of the same name; expected one of them")
        if token.key in seen:
            yield fault_at(where, f": has the key of {seen[token.key]}; expected one of its own")
        seen.setdefault(token.key, name)


def _proxy_faults(wall: Wallboard) -> Iterator[Fault]:
    at = ("wallboard",)
    for place, text in enumerate(wall.trusted_proxies):
        if (said := _of_address(text)) is not None:
            yield fault_at((*at, "trusted_proxies", f"[{place}]"), f" = {text!r}: {said}")
    if wall.trusted_proxies and not wall.user_header:
        yield fault_at((*at, "user_header"), ": missing; expected the header in which a trusted proxy names the user")
    for key in OF_PROXIES:
        if getattr(wall, key) and not wall.trusted_proxies:
            yield fault_at((*at, key), ": nobody is believed who says so; expected trusted_proxies too")
    yield from _header_faults(wall)
    for key in filter(lambda key: _has_no_name(getattr(wall, key)), ("supervisors", "supervisor_groups")):
        yield fault_at((*at, key), ": expected names, none of them empty or with spaces around it")
    if wall.supervisor_groups and not wall.groups_header:
        yield fault_at((*at, "supervisor_groups"), ": expected groups_header too, the header that names the groups")


def _header_faults(wall: Wallboard) -> Iterator[Fault]:
    at = ("wallboard",)
    for key in ("user_header", "groups_header"):
        header = getattr(wall, key)
        if OF_BROWSERS.fullmatch(header.lower()):
            said = f" = {header!r}: browsers send it; expected one that only the proxy sets, such as X-Forwarded-User"
            yield fault_at((*at, key), said)
    if wall.user_header and wall.user_header.lower() == wall.groups_header.lower():
        yield fault_at((*at, "groups_header"), ": is user_header too; expected another one")


def _has_no_name(names: Sequence[str]) -> bool:
    return any(not name or name != name.strip() for name in names)


def _of_address(text: str) -> str | None:
    try:
        found = network(text)
    except ValueError:
        return "expected an address, or a network such as 10.0.0.0/8"
    if found.prefixlen >= LEAST_PREFIX[found.version] or (isinstance(found, IPv6Network) and found.subnet_of(OWN)):
        return None
    return "a part of the world could say who they are; expected the addresses of proxies, or a network of yours"
