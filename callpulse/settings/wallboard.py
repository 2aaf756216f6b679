"""`[wallboard]`: where the boards are served, and who may see them and act. docs/WALL.md has it all."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Any, Literal

from msgspec import Meta, field

from callpulse.settings.values import Port, Table

OF_IPV4 = 96  # bits before an IPv4 address in an IPv6 one
Role = Literal["viewer", "supervisor"]
Key = Annotated[str, Meta(pattern=r"^[!-~]{16,200}\Z", description="16 to 200 printable characters without a space")]
KeyOrNone = Annotated[
    str, Meta(pattern=r"^([!-~]{16,200})?\Z", description="16 to 200 printable characters without a space")
]
Header = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{0,60}\Z", description="the name of a header")]


class Token(Table, frozen=True, kw_only=True):
    """`[wallboard.tokens.NAME]`: who has this key is NAME. `key_file` names a file with the key."""

    key: Key
    key_file: str = ""
    role: Role = "viewer"

    def __repr__(self) -> str:
        return "Token(…)"

    def __rich_repr__(self) -> Any:
        yield "…"


class Wallboard(Table, frozen=True, kw_only=True):
    """`tokens`, `viewer_key`, `supervisor_key`: keys that let in, the last two those of `viewer` and `supervisor`.
    `trusted_proxies`: addresses whose `user_header` and `groups_header` are believed; of whom they name, `supervisors`
    and members of `supervisor_groups` may act. `allowed_hosts`: names by which browsers may ask for the boards.
    `open_to_all`: who comes without a key may see, also on an address that is not this machine's alone."""

    host: str = "127.0.0.1"
    port: Port = 9466
    cert_file: str = ""
    key_file: str = ""
    key_password: str = ""
    open_to_all: bool = False
    allowed_hosts: tuple[str, ...] = ()
    viewer_key: KeyOrNone = ""
    supervisor_key: KeyOrNone = ""
    tokens: dict[str, Token] = field(default_factory=dict)
    trusted_proxies: tuple[str, ...] = ()
    user_header: Header = ""
    groups_header: Header = ""
    supervisors: tuple[str, ...] = ()
    supervisor_groups: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "Wallboard(…)"

    @property
    def keys(self) -> dict[str, Token]:
        """Every key, by the name of who has it."""
        plain: tuple[tuple[Role, str], ...] = (("viewer", self.viewer_key), ("supervisor", self.supervisor_key))
        return {**{role: Token(key=key, role=role) for role, key in plain if key}, **self.tokens}

    @property
    def asks(self) -> bool:
        """Whether people are asked who they are."""
        return bool(self.tokens or self.viewer_key or self.supervisor_key or self.trusted_proxies)

    @property
    def is_local(self) -> bool:
        """Whether it listens to this machine alone."""
        return self.host == "localhost" or is_loopback(self.host)


def is_loopback(address: str) -> bool:
    """Whether it is an address, of this machine alone."""
    try:
        return ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


def network(text: str) -> IPv4Network | IPv6Network:
    """`10.0.0.0/8`, or one address; `::ffff:10.0.0.7`, as a socket for both kinds writes it, is `10.0.0.7`. Raises
    ValueError."""
    found = ip_network(text)
    mapped = found.network_address.ipv4_mapped if isinstance(found, IPv6Network) else None
    return found if mapped is None or found.prefixlen < OF_IPV4 else ip_network((mapped, found.prefixlen - OF_IPV4))
