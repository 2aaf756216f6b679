"""The simulated centre at one made moment, through the product's own words: the board of the picture in the README."""

import math
from collections.abc import Iterator
from random import Random
from zoneinfo import ZoneInfo

from msgspec import Struct

from callpulse.alerts.core.message import brief
from callpulse.alerts.core.notice import Advice
from callpulse.board.adding import MINUTE_MS
from callpulse.board.view import board
from callpulse.board.words import Language
from callpulse.current.alerts import Alert, Alerts
from callpulse.current.fields import Current, Number, Reading, from_hash, to_hash
from callpulse.current.parts import Agent, Interval, Minutes, Parts
from callpulse.current.reader import Picture
from callpulse.wallboard.boards import Board
from callpulse.wallboard.day import drawn
from callpulse.wallboard.shown import Wall
from callpulse.wallboard.wall import wall
from tests.notices import notice
from tests.wall.figures import AT_MS, DAY_MS, HALF_MS

ZONE = ZoneInfo("Europe/Amsterdam")
TROUBLE_MS = AT_MS - 14 * MINUTE_MS  # at the help desk people go away
SEED = 23  # of a day worth a picture
CLOSES_MS = DAY_MS + 19 * HALF_MS
BACK_MS = 45 * MINUTE_MS  # that the minutes of Redis reach


class Queue(Struct, frozen=True):
    """Callers an hour; `free`: the chance to be answered at once; agents by state."""

    per_hour: int
    free: float
    talk_s: float
    agents: dict[str, int]
    level: float = 0.8
    t_s: int = 20


QUEUES = {
    "sales": Queue(120, 0.9, 190, {"ready": 3, "ringing": 1, "talking": 7, "wrapup": 1, "not_ready": 2}),
    "helpdesk": Queue(150, 0.86, 240, {"ready": 0, "talking": 5, "hold": 1, "wrapup": 1, "not_ready": 6}),
    "billing": Queue(80, 0.88, 170, {"ready": 2, "talking": 4, "wrapup": 1, "not_ready": 1}),
    "emergency": Queue(40, 0.97, 120, {"ready": 3, "talking": 1, "not_ready": 0}, 0.9, 10),
}


class Visit(Struct, frozen=True):
    """One call; `answered` or given up after its wait; None: it waits still."""

    at_ms: int
    wait_ms: int
    answered: bool | None
    talk_ms: int

    @property
    def end_ms(self) -> int:
        """Of its wait."""
        return self.at_ms + self.wait_ms


def centre(language: Language = "en") -> Wall:
    """As `callpulse wallboard` shows it."""
    visits = {name: list(_visits(name, of)) for name, of in QUEUES.items()}
    every = [visit for each in visits.values() for visit in each]
    readings = {name: _reading(visits[name], of) for name, of in QUEUES.items()}
    whole = Queue(0, 0, 0, {state: sum(q.agents.get(state, 0) for q in QUEUES.values()) for state in _STATES})
    total = _reading(every, whole, hits=sum(_hits(visits[name], of) for name, of in QUEUES.items()))
    told = notice("firing", queue="helpdesk", minutes=9, value=_level(readings["helpdesk"]), n=40, advice=ADVICE)
    said = {language: brief(told, language)}
    helpdesk = Alert(
        queue="helpdesk", severity="critical", onset_ms=AT_MS - 9 * MINUTE_MS, rules=("capacity",), id="1" * 32,
        cause="agents_missing", told=True, said=said,
    )  # fmt: skip
    picture = Picture(
        redis_now_ms=AT_MS + 1_000, written_ms=dict.fromkeys(QUEUES, AT_MS), heartbeats_ms={}, queues=readings,
        total=total, alerts=Alerts(rows={"alert:helpdesk": helpdesk}),
    )  # fmt: skip
    state = board(picture)
    day = drawn(_parts(visits), state, ZONE, CLOSES_MS)
    return wall(Board("floor", "Customer service"), state, day, language, ZONE)


_STATES = ("ready", "ringing", "talking", "hold", "wrapup", "not_ready")
ADVICE = Advice(agents=7, level=0.41, abandonment=0.21, more=4, level_with_more=0.83, abandonment_with_more=0.04)


def _visits(name: str, of: Queue) -> Iterator[Visit]:
    """A day by chance, the same each time."""
    chance, at_ms = Random(f"{name} {SEED}"), float(DAY_MS)
    while True:
        busy = 0.55 + 0.45 * math.sin(math.pi * (at_ms - DAY_MS) / (CLOSES_MS - DAY_MS)) ** 0.5
        at_ms += chance.expovariate(of.per_hour * busy / 3_600_000)
        if at_ms >= AT_MS:
            return
        trouble = name == "helpdesk" and at_ms > TROUBLE_MS
        waits = chance.random() > (0.2 if trouble else of.free)
        wait_s = chance.expovariate(1 / (95 if trouble else 22)) if waits else chance.uniform(1, 6)
        gives_up = chance.random() < (0.3 if trouble else 0.12) and wait_s > 12
        over = at_ms + 1000 * wait_s < AT_MS
        talk_ms = int(1000 * of.talk_s * chance.uniform(0.4, 1.6))
        wait_ms = int(1000 * wait_s) if over else int(AT_MS - at_ms)
        yield Visit(int(at_ms), wait_ms, not gives_up if over else None, talk_ms)


def _hits(visits: list[Visit], of: Queue) -> int:
    return sum(v.answered is True and v.wait_ms <= 1000 * of.t_s for v in _done(visits))


def _done(visits: list[Visit], since_ms: int = AT_MS - 15 * MINUTE_MS) -> list[Visit]:
    return [v for v in visits if v.answered is not None and v.end_ms >= since_ms]


def _level(reading: Reading) -> float:
    found = reading.value("15m", "service_level")
    assert found is not None
    return found.value


def _reading(visits: list[Visit], of: Queue, hits: int | None = None) -> Reading:
    done, waiting = _done(visits), [v for v in visits if v.answered is None]
    answered = [v for v in done if v.answered]
    waits = sorted(v.wait_ms / 1000 for v in answered)
    met, late = _hits(visits, of) if hits is None else hits, sum(v.wait_ms > 1000 * of.t_s for v in waiting)
    today = _done(visits, 0)
    values: dict[str, Number | None] = {
        "15m.service_level": met / len(done), "15m.service_level.n": len(done), "15m.offered": len(done),
        "15m.service_level_live": met / (len(done) + late), "15m.service_level_live.n": len(done) + late,
        "15m.asa_s": sum(waits) / len(waits), "15m.asa_s.n": len(waits), "15m.answered": len(waits),
        "15m.abandonment_rate": 1 - len(answered) / len(done), "15m.abandonment_rate.n": len(done),
        "15m.wait_p50_s": waits[len(waits) // 2], "15m.wait_p90_s": waits[int(0.9 * len(waits))],
        "15m.wait_max_s": waits[-1], "15m.aht_s.n": len(waits), "15m.occupancy": 0.83,
        "15m.aht_s": sum(v.talk_ms for v in answered) / 1000 / len(answered),
        "now.contacts_waiting": len(waiting), "target.service_level": of.level, "target.threshold_s": of.t_s,
        "now.longest_wait_start_ms": min((v.at_ms for v in waiting), default=None),
        **{f"now.agents.{state}": of.agents.get(state, 0) for state in _STATES},
    }  # fmt: skip
    for window, since_ms in (("interval", AT_MS - AT_MS % HALF_MS), ("day", 0)):
        came = [v for v in today if v.at_ms >= since_ms]
        in_time = sum(v.answered is True and v.wait_ms <= 1000 * of.t_s for v in came)
        values |= {
            f"{window}.service_level": in_time / len(came) if came else None,
            f"{window}.service_level.n": len(came),
        }
    flat = to_hash(
        Current(
            kind="queue", name="", version=(1, 1), event_time_ms=AT_MS, written_at_ms=AT_MS, writer="w", source="pbx",
            clock="wall", fields=values,
        )
    )  # fmt: skip
    found = from_hash(dict(zip(flat[::2], flat[1::2], strict=True)))
    assert found is not None
    return found


def _parts(visits: dict[str, list[Visit]]) -> Parts:
    agents = {
        name: tuple(
            Agent(f"{name}-{state}-{at}", state, AT_MS - 1000 * (37 + 61 * at + 13 * len(state)))
            for state, number in of.agents.items()
            for at in range(number)
        )
        for name, of in QUEUES.items()
    }
    days = {name: tuple(_intervals(visits[name], of)) for name, of in QUEUES.items()}
    return Parts(
        intervals=days, minutes={name: _minutes(visits[name], of) for name, of in QUEUES.items()}, agents=agents
    )


def _intervals(visits: list[Visit], of: Queue) -> Iterator[Interval]:
    for start_ms in range(DAY_MS, AT_MS, HALF_MS):
        came = [v for v in visits if start_ms <= v.at_ms < start_ms + HALF_MS]
        done = [v for v in came if v.answered is not None]
        answered = [v for v in done if v.answered]
        met = sum(v.wait_ms <= 1000 * of.t_s for v in answered)
        yield Interval(
            start_ms=start_ms, end_ms=start_ms + HALF_MS, offered=len(came), answered=len(answered),
            answered_within_t=met, abandoned=len(done) - len(answered), handled=len(answered),
            level=met / len(done) if done else None, level_n=len(done), provisional=start_ms + HALF_MS > AT_MS,
        )  # fmt: skip


def _minutes(visits: list[Visit], of: Queue) -> Minutes:
    first = AT_MS - AT_MS % MINUTE_MS - BACK_MS
    starts = range(first, AT_MS, MINUTE_MS)
    ended = [[v for v in visits if v.answered is not None and at <= v.end_ms < at + MINUTE_MS] for at in starts]
    answered = [[v for v in each if v.answered] for each in ended]
    met = [sum(v.wait_ms <= 1000 * of.t_s for v in each) for each in answered]
    waiting = [sum(v.at_ms < at + MINUTE_MS and (v.answered is None or v.end_ms >= at + MINUTE_MS) for v in visits)
               for at in starts]  # fmt: skip
    n = tuple(len(each) for each in ended)
    return Minutes(
        start_ms=first, level=tuple(m / k if k else None for m, k in zip(met, n, strict=True)), level_n=n,
        contacts_waiting=tuple(waiting), answered=tuple(len(each) for each in answered),
        abandoned=tuple(k - len(each) for k, each in zip(n, answered, strict=True)), exited=(0,) * len(n),
        wait_ms=tuple(sum(v.wait_ms for v in each) for each in answered), handled=tuple(len(each) for each in answered),
        handle_ms=tuple(sum(v.talk_ms for v in each) for each in answered),
    )  # fmt: skip
