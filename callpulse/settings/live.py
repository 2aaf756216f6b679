"""Which settings a process takes over while it runs, and which it reads at its start only."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from callpulse.settings.tables import Settings

OF_QUEUES = ("queue_defaults", "queues", "groups")


class Live(Struct, frozen=True):
    """By section. `whole`: taken over as they are; `keys`: of these sections only so many; `others`: what this process
    does not look at. All else needs a restart."""

    whole: tuple[str, ...] = OF_QUEUES
    keys: tuple[tuple[str, str], ...] = ()
    others: tuple[str, ...] = ()


OF_WORKER = Live(others=("source", "alerts", "wallboard", "boards", "monitoring"))
_JUDGED_BY = (
    "default_rules",
    "capacity",
    "rules",
    "no_data_after",
    "blind_after",
    "site_share",
    "site_queues",
    "wall_url",
)
OF_ALERTS = Live(
    keys=(*(("alerts", key) for key in _JUDGED_BY), ("monitoring", "runbook_url")),
    others=("source", "wallboard", "boards", "monitoring"),
)
OF_WALLBOARD = Live(whole=(*OF_QUEUES, "boards"), others=("source", "alerts", "monitoring", "worker"))


def taken(held: Settings, asked: Settings, live: Live) -> tuple[Settings, tuple[str, ...]]:
    """`held` with what of `asked` can be taken over; and the names of what else has changed."""
    new = replace(held, **{section: getattr(asked, section) for section in live.whole})
    for section, key in live.keys:
        new = replace(new, **{section: replace(getattr(new, section), **{key: getattr(getattr(asked, section), key)})})
    return new, tuple(_differing(new, asked, live.others))


def _differing(held: Settings, asked: Settings, but: tuple[str, ...]) -> Iterator[str]:
    for section in Settings.__struct_fields__:
        one: Any = getattr(held, section)
        other: Any = getattr(asked, section)
        if section not in but and one != other:
            yield from (f"{section}.{key}" for key in one.__struct_fields__ if getattr(one, key) != getattr(other, key))
