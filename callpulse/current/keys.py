"""Names of the keys in Redis: one place for everyone who writes or reads them.

Every key starts with `callpulse:{site}:`, so one site lives in one cluster slot; no other braces occur. A
queue's or group's name is from outside and may hold anything: `%`, `:`, `{` and `}` in it are written as
`%25`, `%3A`, `%7B` and `%7D`, so no name can look like another key. Everywhere else (sorted sets, messages)
names stand as they are.
"""

from typing import Literal

from msgspec import Struct

Kind = Literal["queue", "total", "group"]
Part = Literal["intervals", "spark", "worst", "agents"]

PARTS: tuple[Part, ...] = ("intervals", "spark", "worst", "agents")
TOTAL: Literal["total"] = "total"

_ESCAPES = str.maketrans({"%": "%25", ":": "%3A", "{": "%7B", "}": "%7D"})


class Keys(Struct, frozen=True):
    """The keys of one site. Raises ValueError for a site that is empty or holds a brace."""

    site: str

    def __post_init__(self) -> None:
        if not self.site or "{" in self.site or "}" in self.site:
            raise ValueError(f"site = {self.site!r}; expected a name without braces")

    def of(self, kind: Kind, name: str, part: Part | None = None) -> str:
        """The hash with the values of a queue, a group or the total, or one of its parts (JSON)."""
        key = f"{self.prefix}total" if kind == "total" else f"{self.prefix}{kind}:{name.translate(_ESCAPES)}"
        return f"{key}:{part}" if part else key

    @property
    def queues(self) -> str:
        """Sorted set: name of each queue ever seen, with its last `written_at_ms`. It has no TTL."""
        return f"{self.prefix}queues"

    @property
    def sources(self) -> str:
        """Sorted set: name of each source, with the time of its last heartbeat (ms). It has no TTL."""
        return f"{self.prefix}sources"

    @property
    def alerts(self) -> str:
        """Hash: alert key, with its state as JSON."""
        return f"{self.prefix}alerts"

    @property
    def transitions(self) -> str:
        """Capped stream: transitions of alerts."""
        return f"{self.prefix}transitions"

    @property
    def changes(self) -> str:
        """Channel: a `Change` as JSON for everything written."""
        return f"{self.prefix}changes"

    @property
    def prefix(self) -> str:
        """What every key of the site begins with."""
        return f"callpulse:{{{self.site}}}:"


class Change(Struct, frozen=True):
    """What is published after a write. `version` = "generation-counter"."""

    kind: Kind
    name: str
    version: str
    event_time_ms: int
