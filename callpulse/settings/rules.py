"""What no type of a setting can say by itself: values that must exist elsewhere, or agree with each other."""

from collections.abc import Iterator

from msgspec import Struct

from callpulse.current.fields import AMBER_MS
from callpulse.settings.tables import Settings
from callpulse.settings.values import UNIT_MS, is_zone, milliseconds
from callpulse.stream.core.windows import LIVE_MS

LONGEST_DAY_H = 25  # when clocks are put back


class Disagreement(Struct, frozen=True):
    """`keys` = the key that is told, as (section, key), and those it does not agree with."""

    keys: tuple[tuple[str, str], ...]
    expected: str


def disagreements(settings: Settings) -> Iterator[Disagreement]:
    """All of them."""
    if not is_zone(settings.site.zone):
        yield Disagreement((("site", "zone"),), "unknown; expected an IANA zone such as Europe/Amsterdam")
    limits = settings.limits()
    if max((limits.max_wait_ms, *limits.max_wait_by_channel_ms.values())) >= limits.horizon_ms:
        keys = (("worker", "visit_retention"), ("worker", "max_wait"), ("worker", "max_wait_by_channel"))
        yield Disagreement(keys, "expected more than max_wait, or a wait would be forgotten while it lasts")
    if 2 * milliseconds(settings.redis.cadence) > AMBER_MS:
        expected = f"expected at most {AMBER_MS // 2000}s: boards show what is older than {AMBER_MS // 1000}s as stale"
        yield Disagreement((("redis", "cadence"),), expected)
    if milliseconds(settings.redis.ttl) <= AMBER_MS:
        expected = f"expected more than {AMBER_MS // 1000}s, or figures vanish before a board shows them as stale"
        yield Disagreement((("redis", "ttl"),), expected)
    if limits.live_ms < UNIT_MS["h"] + LIVE_MS:
        expected = "expected at least 70m, the longest rolling window and one cell"
        yield Disagreement((("worker", "live_retention"),), expected)
    if limits.interval_ms < LONGEST_DAY_H * UNIT_MS["h"]:
        expected = f"expected at least {LONGEST_DAY_H}h, the longest day"
        yield Disagreement((("worker", "interval_retention"),), expected)
