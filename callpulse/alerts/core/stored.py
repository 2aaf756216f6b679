"""What of the alerts is stored, each under its key, and what people ask of them. The newest record of a key *is* the
state: one write, so that nothing is half known after a kill.

Keys: `alert:QUEUE`, `site:RULE`, `mute:ID`; `watched:QUEUE` and `profile:QUEUE` are memory that may be a minute old.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from callpulse.alerts.core.incident import Incident
from callpulse.alerts.core.lifecycle import START, State
from callpulse.alerts.core.mute import Mute
from callpulse.alerts.core.notice import Notice
from callpulse.alerts.core.profile import Profile
from callpulse.alerts.core.queue_alert import QueueAlert
from callpulse.alerts.core.watched import Watched

DAY_MS = 86_400_000
EARLIEST_MS, LATEST_MS = 946_684_800_000, 4_102_444_800_000  # 2000 to 2100
LONGEST_MUTE_MS = 366 * DAY_MS
LONGEST = {"id": 64, "by": 100, "why": 500, "alert": 64, "rule": 200, "queue": 200, "mute": 64}
ALERT, SITE, MUTE, WATCHED, PROFILE = "alert:", "site:", "mute:", "watched:", "profile:"


class OfQueue(Struct, frozen=True, kw_only=True):
    """The alert of a queue. `latest`: what was told last of its trouble; `undelivered`: channel -> what it has not been
    told yet."""

    alert: QueueAlert
    latest: Notice | None = None
    undelivered: Mapping[str, Notice] = {}

    @property
    def incident(self) -> Incident | None:
        """Its trouble."""
        return self.alert.incident

    @property
    def states(self) -> Mapping[str, State]:
        """By rule, but for those at rest."""
        return self.alert.states

    def with_incident(self, incident: Incident | None) -> "OfQueue":
        """The same with its trouble so."""
        return replace(self, alert=replace(self.alert, incident=incident))


class OfSite(Struct, frozen=True, kw_only=True):
    """A rule of the site; `queues`: whom its trouble concerns; `sources`: which of them are silent in it; `told_of`:
    the queues of which people have been told by it."""

    rule: str
    state: State = START
    incident: Incident | None = None
    queues: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    told_of: tuple[str, ...] = ()
    latest: Notice | None = None
    undelivered: Mapping[str, Notice] = {}

    @property
    def states(self) -> Mapping[str, State]:
        """Of its one rule."""
        return {self.rule: self.state}

    def with_incident(self, incident: Incident | None) -> "OfSite":
        """The same with its trouble so."""
        return replace(self, incident=incident)


Stored = OfQueue | OfSite | Mute | Watched | Profile


class Command(Struct, frozen=True, kw_only=True):
    """What somebody asks for. `alert`: an alert's id, or how it begins, for `ack`. `rule`, `queue`: patterns of a mute;
    `mute`: its id, for `unmute`. `id` is the asker's: what is asked twice is done once."""

    kind: Literal["ack", "mute", "unmute"]
    id: str
    by: str
    at_ms: int
    why: str = ""
    alert: str = ""
    rule: str = "*"
    queue: str = "*"
    mute: str = ""
    until_ms: int = 0
    v: int = 1

    def fault(self) -> str | None:
        """Why it cannot be done, or None."""
        if self.v != 1:
            return f"v: {self.v}, expected 1; a later callpulse asked for it"
        if not EARLIEST_MS <= self.at_ms < LATEST_MS:
            return f"at_ms: {self.at_ms} is no time of this century"
        if self.kind == "mute" and not 0 < self.until_ms - self.at_ms <= LONGEST_MUTE_MS:
            return f"until_ms: {self.until_ms}, expected after at_ms and within {LONGEST_MUTE_MS // DAY_MS} days of it"
        for name, most in LONGEST.items():
            text = getattr(self, name)
            if len(text) > most:
                return f"{name}: longer than {most} characters"
            if any("\ud800" <= letter <= "\udfff" for letter in text):
                return f"{name}: expected UTF-8"  # bytes of no letters, as a terminal hands them over
        return None


def owed(undelivered: Mapping[str, Notice], channels: Iterable[str], notice: Notice | None) -> Mapping[str, Notice]:
    """What the channels have not been told yet, with this notice; of each alert a channel waits for the newest."""
    return undelivered if notice is None else {**undelivered, **dict.fromkeys(channels, notice)}


def kind_of(key: str) -> tuple[type[Struct] | None, str]:
    """The type stored under a key, None for one that is not ours, and what the key names."""
    kinds: dict[str, type[Struct]] = {ALERT: OfQueue, SITE: OfSite, MUTE: Mute, WATCHED: Watched, PROFILE: Profile}
    prefix, colon, name = key.partition(":")
    return kinds.get(prefix + colon), name
