"""What happens to whom and when: a pure function of the seed."""

import enum
import random
from dataclasses import dataclass


class Kind(enum.StrEnum):
    """What can happen to a site."""

    KILL = "kill -9"
    TERM = "SIGTERM"
    FREEZE = "SIGSTOP beyond the session"
    NAP = "SIGSTOP within the session"
    JOIN = "one more worker"
    LEAVE = "one worker fewer"
    PAIR = "SIGSTOP one, kill -9 another"
    ALL = "kill -9 all workers"
    BROKER = "kill -9 the broker"
    VALKEY = "kill -9 Valkey"
    FROZEN_BROKER = "SIGSTOP a worker, kill -9 the broker"


class Aim(enum.StrEnum):
    """What has to be seen right before."""

    ANYWHEN = "at once"
    COMMIT = "after a commit"
    CHANGELOG = "as a changelog grows"


WEIGHTS = {
    Kind.KILL: 10, Kind.TERM: 4, Kind.FREEZE: 8, Kind.NAP: 3, Kind.JOIN: 2, Kind.LEAVE: 2, Kind.PAIR: 3, Kind.ALL: 1,
    Kind.BROKER: 2, Kind.VALKEY: 1, Kind.FROZEN_BROKER: 2,
}  # fmt: skip
TABLES = (
    "tallies_live", "tallies_interval", "tallies_total", "contacts",
    "agents", "agents_by_queue", "tallies_agents_live", "tallies_agents_interval",
)  # fmt: skip
GAP = (1_500, 7_000)  # events between two disturbances
FREEZE_S = (6.5, 11.0)  # the session times out after 6 s
NAP_S = (1.0, 5.5)  # the fence falls after 4.2 s


@dataclass(frozen=True)
class Disturbance:
    """`after` = events sent before it; `slot` of the worker concerned; `settled`: not before every partition has been
    committed anew since the last one; `delay_ms` after what is aimed at; `seconds` = how long whoever is gone stays
    away; `slow`: a worker that starts then waits up to so many ms before each write of a cut."""

    number: int
    after: int
    kind: Kind
    slot: int
    aim: Aim
    settled: bool
    delay_ms: int
    seconds: float
    slow_ms: int
    table: str
    partition: int

    def __str__(self) -> str:
        aim = self.aim if self.aim is Aim.ANYWHEN else f"{self.aim} ({self.table}/{self.partition})"
        early = "" if self.settled else ", before the last one is over"
        return f"#{self.number} {self.kind}, worker {self.slot}, {aim} + {self.delay_ms} ms, {self.seconds} s{early}"


def schedule(seed: int, workers: int, count: int) -> list[Disturbance]:
    """`count` disturbances of a site that starts with `workers` workers and never has more than one more or fewer."""
    chance, after, running = random.Random(f"chaos {seed}"), 0, workers
    found = []
    for number in range(1, count + 1):
        after += chance.randrange(*GAP)
        kind = _kind(chance, running, workers)
        running += (kind is Kind.JOIN) - (kind is Kind.LEAVE)
        found.append(_disturbance(chance, number, after, kind, running))
    return found


def _kind(chance: random.Random, running: int, workers: int) -> Kind:
    allowed = dict(WEIGHTS)
    if running > workers:
        del allowed[Kind.JOIN]
    if running < max(2, workers):
        del allowed[Kind.LEAVE], allowed[Kind.PAIR]
    return chance.choices(list(allowed), list(allowed.values()))[0]


def _disturbance(chance: random.Random, number: int, after: int, kind: Kind, running: int) -> Disturbance:
    aim = chance.choices(list(Aim), (3, 3, 6))[0]
    return Disturbance(
        number=number,
        after=after,
        kind=kind,
        slot=chance.randrange(running),
        aim=aim,
        settled=chance.random() < 0.7,
        delay_ms=chance.randrange(0, 300 if aim is Aim.COMMIT else 60),
        seconds=_seconds(chance, kind),
        slow_ms=chance.choice((0, 0, 30, 100)),
        table=chance.choice(TABLES),
        partition=chance.randrange(4),
    )


def _seconds(chance: random.Random, kind: Kind) -> float:
    if kind in (Kind.FREEZE, Kind.PAIR, Kind.FROZEN_BROKER):
        return round(chance.uniform(*FREEZE_S), 1)
    if kind is Kind.NAP:
        return round(chance.uniform(*NAP_S), 1)
    if kind is Kind.KILL:
        return chance.choice((0.0, 0.0, 2.0, 8.0))
    return chance.choice((0.0, 1.0, 3.0))
