"""Alerts as they stand in Redis: what the alerts worker shows, read by boards and by `callpulse alert`."""

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from callpulse.alerts.core.message import Brief
from callpulse.alerts.core.mute import Mute
from callpulse.alerts.core.notice import Acknowledgement
from callpulse.alerts.core.stored import MUTE
from callpulse.current.fields import LATEST_MS
from callpulse.undecodable import UNDECODABLE

ABOUT, ENDED = "about", "ended"


class About(Struct, frozen=True):
    """Of the writing itself, by the alerts worker's clock."""

    written_at_ms: int


class Alert(Struct, frozen=True, kw_only=True):
    """One queue's alert, or one of the whole site (`queue` = "", `queues` = whom it concerns). `severity` "none": it
    no longer fires, or only has rules that failed (`parked`: rule -> error). `id` is None before it is a trouble that
    can be taken. `said`: what was told last, by language, {} where nothing was; `told`: whether anybody was."""

    queue: str = ""
    severity: Literal["none", "warning", "critical"]
    onset_ms: int | None = None
    rules: tuple[str, ...] = ()
    reasons: dict[str, str] = {}
    id: str | None = None
    cause: str = ""
    told: bool = False
    acknowledged: Acknowledgement | None = None
    flapping: bool = False
    parked: dict[str, str] = {}
    said: dict[str, Brief] = {}
    queues: tuple[str, ...] | UnsetType = UNSET


class Ended(Struct, frozen=True, kw_only=True):
    """An alert that was told, and is over. `said`: after how long, how bad it was, by language."""

    id: str
    queue: str
    onset_ms: int
    ended_ms: int
    said: dict[str, str] = {}


class Alerts(Struct, frozen=True, kw_only=True):
    """All that the alerts worker shows. `rows`: by their field in Redis, `alert:QUEUE` or `site:RULE`; `mutes`: in
    force, by their id. `unread`: how many rows another version of callpulse wrote in a way that is not known here.
    `ended`: the last that are over, the newest first, as far as the worker that writes has seen it."""

    about: About | None = None
    rows: dict[str, Alert] = {}
    mutes: dict[str, Mute] = {}
    ended: tuple[Ended, ...] = ()
    unread: int = 0

    @property
    def standing(self) -> list[Alert]:
        """Those that fire, the worst first; of equals the one that began first."""
        firing = [row for row in self.rows.values() if row.severity != "none"]
        return sorted(firing, key=lambda row: (row.severity != "critical", row.onset_ms or 0, row.queue))

    @property
    def fields(self) -> dict[str, Struct | tuple[Ended, ...]]:
        """As they stand in Redis."""
        mutes = {MUTE + id_: mute for id_, mute in self.mutes.items()}
        return {
            **self.rows,
            **mutes,
            **({ABOUT: self.about} if self.about else {}),
            **({ENDED: self.ended} if self.ended else {}),
        }


def from_hash(found: Mapping[bytes, bytes]) -> Alerts | None:
    """None for an empty hash: no alerts worker has written for as long as its hash lives."""
    found, of_ended = (
        {name: value for name, value in found.items() if name != ENDED.encode()},
        found.get(ENDED.encode()),
    )
    fields = [_read(name.decode("utf-8", "replace"), value) for name, value in found.items()]
    about = next((value for _, value in fields if isinstance(value, About)), None)
    return (
        None
        if not fields
        else Alerts(
            about=about,
            rows={name: value for name, value in fields if isinstance(value, Alert)},
            mutes={value.id: value for _, value in fields if isinstance(value, Mute)},
            ended=() if of_ended is None else _read_ended(of_ended),
            unread=sum(value is None for _, value in fields),
        )
    )


def _read(name: str, value: bytes) -> tuple[str, About | Alert | Mute | None]:
    kind: type[About | Alert | Mute] = About if name == ABOUT else Mute if name.startswith(MUTE) else Alert
    try:
        found = msgspec.json.decode(value, type=kind)
    except UNDECODABLE:
        return name, None
    return name, found if all(0 <= at_ms <= LATEST_MS for at_ms in _times(found)) else None


def _times(of: About | Alert | Mute | Ended) -> Iterator[int]:
    match of:
        case About():
            yield of.written_at_ms
        case Alert():
            yield of.onset_ms or 0
            yield of.acknowledged.at_ms if of.acknowledged else 0
        case Mute():
            yield from (of.from_ms, of.until_ms)
        case Ended():
            yield from (of.onset_ms, of.ended_ms)


def _read_ended(value: bytes) -> tuple[Ended, ...]:
    """None of them where another version wrote it: they are over."""
    try:
        found = msgspec.json.decode(value, type=tuple[Ended, ...])
    except UNDECODABLE:
        return ()
    return tuple(each for each in found if all(0 <= at_ms <= LATEST_MS for at_ms in _times(each)))
