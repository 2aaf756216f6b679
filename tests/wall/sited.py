"""An overview of sites, made by what the board itself makes of queues, groups and a day."""

from collections.abc import Callable

import msgspec

from callpulse.alerts.core.hours import Hours
from callpulse.alerts.core.message import Brief
from callpulse.board.sites import sites as added
from callpulse.board.view import board
from callpulse.current.alerts import Alert, Alerts
from callpulse.current.fields import Reading
from callpulse.current.parts import Interval, Parts
from callpulse.current.reader import Picture
from callpulse.settings.hours import OpeningHours, hours_of
from callpulse.wallboard.boards import Board, Place
from callpulse.wallboard.day import drawn
from callpulse.wallboard.shown import Wall
from callpulse.wallboard.sites import days_of, overview
from callpulse.wallboard.wall import wall
from tests.core.readings import picture, reading
from tests.core.test_wall import ZONE
from tests.wall.figures import AT_MS, Language
from tests.wall.walls import CRUEL

HALF_MS = 1_800_000
RUNNING_MS = AT_MS - AT_MS % HALF_MS
LEVELS = {"Amsterdam": 0.91, "Rotterdam": 0.78, "Den Haag": 0.88, "Utrecht": 0.93, "Groningen": 0.86, CRUEL[0]: 0.95}
SILENT, CLOSED = "Maastricht", "Paramaribo"


def sites(language: Language = "en", last: str = CRUEL[1]) -> Wall:
    """One in trouble by an alert, one off its target, one without data, one closed, and names that try to break the
    page. Each has six queues, and a board of its own but for the `last`."""
    names = (*LEVELS, SILENT, CLOSED, last)
    queues = {f"{name} {at}": _reading(LEVELS.get(name, 0.9), at, name != CLOSED) for name in names for at in range(6)}
    gone = {name: AT_MS - 1_680_000 for name in queues if name.startswith(SILENT)}
    read = {name: of for name, of in queues.items() if name not in gone}
    seen = picture(read, now_ms=AT_MS, gone=gone, total=_reading(0.88, 30), alerts=_alerts())
    groups = {name: _reading(LEVELS.get(name, 0.9), 4, name != CLOSED) for name in names if name != SILENT}
    places = {name: Place(name, _holds(name), "" if name == last else "team") for name in names}
    return _drawn(msgspec.structs.replace(seen, groups=groups), places, language)


def sites_at_night(language: Language = "en") -> Wall:
    """All are closed but one of which nothing was ever heard."""
    seen = picture(
        {f"{CLOSED} {at}": _reading(0.9, at, False) for at in range(3)}, now_ms=AT_MS, total=_reading(0.9, 3, False)
    )
    places = {name: Place(name, _holds(name), "team") for name in (CLOSED, "Nergens")}
    return _drawn(msgspec.structs.replace(seen, groups={CLOSED: _reading(0.9, 3, False)}), places, language)


def _drawn(seen: Picture, places: dict[str, Place], language: Language) -> Wall:
    state = board(seen, hours=_hours)
    found = added(seen, {name: place.holds for name, place in places.items()}, hours=_hours)
    parts = Parts(intervals={name: tuple(_interval(name, at) for at in range(14)) for name in seen.queues})
    day = drawn(parts, state, ZONE, RUNNING_MS + 7 * HALF_MS)
    day = day._replace(sites=days_of(found, parts, day.slots, ZONE))
    return overview(wall(Board("land", "Nederland"), state, day, language, ZONE), places, state, found, day, ZONE)


def _holds(site: str) -> Callable[[str], bool]:
    return lambda queue: queue.startswith(site)


def _hours(queue: str) -> Hours | None:
    nights = OpeningHours(**dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("22:00-23:00",)))  # type: ignore[arg-type]
    return hours_of(nights, "Europe/Amsterdam") if queue.startswith(CLOSED) else None


def _reading(level: float, at: int, called: bool = True) -> Reading:
    at_ms = AT_MS - 9_000 * at if at and called else None
    n = 12 + 9 * at
    waits = {"now_contacts_waiting": at * called, "now_longest_wait_start_ms": at_ms}
    people = {f"now_agents.{state}": 2 + at for state in ("ready", "talking")}
    of_day = {"day_service_level": level, "day_service_level.n": 40 * n}
    return reading(
        level, n, now_ms=AT_MS, service_level_live=level - 0.02, asa_s=120 * (1 - level), aht_s=245.0,
        abandonment_rate=(1 - level) / 4, offered=n * called, answered=(n - 1) * called, **of_day, **waits, **people,
    )  # fmt: skip


def _interval(queue: str, at: int) -> Interval:
    start_ms, n = RUNNING_MS - (13 - at) * HALF_MS, 20 + at
    met = round(n * (0.75 + 0.25 * ((at * 7 + len(queue)) % 9) / 9))
    return Interval(
        start_ms=start_ms, end_ms=start_ms + HALF_MS, offered=n, answered=n, answered_within_t=met, level=met / n,
        level_n=n, provisional=at == 13,
    )  # fmt: skip


def _alerts() -> Alerts:
    said = {"en": Brief("…", "61 % in time, n 33", "+2 agents until 15:00"),
            "nl": Brief("…", "61 % op tijd, n 33", "+2 agenten tot 15:00")}  # fmt: skip
    severe: dict[str, Alert] = {
        f"alert:{queue}": Alert(
            queue=queue, severity=severity, onset_ms=AT_MS - 840_000, id=queue, said=said, told=True
        )
        for queue, severity in (("Den Haag 2", "critical"), ("Den Haag 3", "warning"))
    }  # type: ignore[assignment]
    return Alerts(rows=severe)
