"""Silence on purpose: who asked for it, why, for what, and until when. A mute ends by itself and says what it hid."""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from callpulse.alerts.core.patterns import matches

MOST_HIDDEN = 1000


class Mute(Struct, frozen=True):
    """Of the alerts whose rule and queue match both patterns (`*` stands for anything), in [from_ms, until_ms).
    `hidden` names the notices it kept back."""

    id: str
    rule: str
    queue: str
    by: str
    why: str
    from_ms: int
    until_ms: int
    hidden: tuple[str, ...] = ()

    @property
    def is_of_all(self) -> bool:
        """Nothing at all is told."""
        return self.rule == self.queue == "*"

    def covers(self, rule: str, queue: str, now_ms: int) -> bool:
        """Is this alert muted now?"""
        if not self.from_ms <= now_ms < self.until_ms:
            return False
        return matches(self.rule, rule) and matches(self.queue, queue)


def covering(mutes: Iterable[Mute], rule: str, queue: str, now_ms: int) -> Mute | None:
    """The mute that lasts longest of those that cover the alert now."""
    found = [mute for mute in mutes if mute.covers(rule, queue, now_ms)]
    return max(found, key=lambda mute: (mute.until_ms, mute.id), default=None)


def hiding(mute: Mute, notice_id: str) -> Mute:
    """The same, and it has kept back this notice."""
    if notice_id in mute.hidden:
        return mute
    return replace(mute, hidden=(*mute.hidden, notice_id)[-MOST_HIDDEN:])


def over(mutes: Iterable[Mute], now_ms: int) -> list[Mute]:
    """Those that have ended by now, in the order of their ends: each says what it hid, and is dropped."""
    return sorted((mute for mute in mutes if mute.until_ms <= now_ms), key=lambda mute: (mute.until_ms, mute.id))


def lifted(mute: Mute, now_ms: int) -> Mute:
    """Ended by hand."""
    return replace(mute, until_ms=min(mute.until_ms, now_ms))
