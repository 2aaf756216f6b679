"""A queue from near by, made: by what the board itself makes of a day, long waits and agents."""

from callpulse.alerts.core.message import Brief
from callpulse.board.view import board
from callpulse.current.alerts import Alert, Alerts, Ended
from callpulse.current.fields import Reading
from callpulse.current.parts import Agent, Interval, Parts, Wait
from callpulse.wallboard.desk import desk
from callpulse.wallboard.desk_shown import Desk
from callpulse.wallboard.shown import State
from tests.core.readings import picture, reading
from tests.core.test_wall import ZONE
from tests.wall.figures import AT_MS, Language

HALF_MS = 1_800_000
RUNNING_MS = AT_MS - AT_MS % HALF_MS
STATES = ("not_ready", "talking", "hold", "ringing", "wrapup", "ready")
OUTCOMES = ("waiting", "answered", "abandoned", "exited", "lost")


def near(queue: str, state: State, language: Language) -> Desk:
    """Of this queue: in trouble, or without data."""
    seen = picture(
        {} if state == "no_data" else {queue: _reading()},
        now_ms=AT_MS,
        gone={queue: AT_MS - 1_680_000},
        alerts=_alerts(queue),
    )
    found = desk(board(seen), _parts(queue), queue, lambda _: True, language, ZONE)
    assert found is not None
    return found


def _reading() -> Reading:
    return reading(
        0.12, 17, now_ms=AT_MS, service_level_live=0.09, asa_s=69, abandonment_rate=0.47, aht_s=305, occupancy=0.86,
        now_contacts_waiting=6, now_longest_wait_start_ms=AT_MS - 200_000,
    )  # fmt: skip


def _parts(queue: str) -> Parts:
    return Parts(
        intervals={queue: tuple(_interval(at) for at in range(14))},
        worst={queue: tuple(_wait(at) for at in range(10))},
        agents={queue: tuple(_agent(at) for at in range(35))},
    )


def _wait(at: int) -> Wait:
    outcome, wait_ms = OUTCOMES[at % 5], 200_000 - at * 18_000
    return Wait(f"648{at}5762", wait_ms, outcome, AT_MS - wait_ms if outcome == "waiting" else AT_MS - at * 170_000)


def _interval(at: int) -> Interval:
    start_ms = RUNNING_MS - (13 - at) * HALF_MS
    if at == 13:
        return Interval(start_ms=start_ms, end_ms=start_ms + HALF_MS, offered=8, abandoned=2, provisional=True)
    offered = 15 + at * 7 % 30
    return Interval(
        start_ms=start_ms, end_ms=start_ms + HALF_MS, offered=offered, answered=offered - at % 4, abandoned=at % 4,
        answered_within_t=offered - at % 9 - at % 4, handled=offered, level=(offered - at % 9 - at % 4) / offered,
        level_n=offered, asa_s=2.0 + 3 * at, abandonment_rate=(at % 4) / offered, aht_s=230.0 + at,
    )  # fmt: skip


def _agent(at: int) -> Agent:
    state = STATES[at % 6]
    return Agent(
        f"a-{at * 7919 % 65536:08x}", state, AT_MS - 1000 * (7 + 61 * at), "softphone" if state == "not_ready" else None
    )


def _alerts(queue: str) -> Alerts:
    said = {"en": Brief("…", "12 % in time", ""), "nl": Brief("…", "12 % op tijd", "")}
    standing = Alert(queue=queue, severity="critical", onset_ms=AT_MS - 840_000, id="1", said=said, told=True)
    over = {
        "en": "over after 11 min, service level at worst 74 %",
        "nl": "over na 11 min, servicelevel op zijn ergst 74 %",
    }
    ended = Ended(id="2", queue="Service", onset_ms=AT_MS - 7_000_000, ended_ms=AT_MS - 6_300_000, said=over)
    return Alerts(rows={f"alert:{queue}": standing}, ended=(ended,))
