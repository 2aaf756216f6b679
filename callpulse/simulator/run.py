"""Plays a simulated contact centre to a sink, in real time, faster, or as fast as it goes."""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from callpulse.simulator.faults import dead_feed, deliveries, with_heartbeats
from callpulse.simulator.load import load
from callpulse.simulator.scenario import Faults, Scenario, ScenarioError
from callpulse.simulator.traffic import simulate
from callpulse.sources.play import Clock, Delivery, Played, Sleep, play
from callpulse.sources.sinks import open_sink
from callpulse.stream.core.wire import parse_time

DEFAULT_DATE = "2026-11-23"  # a Monday; the scenario's clock is then read as UTC
EARLIEST_MS, LATEST_MS = 946_684_800_000, 4_102_444_800_000  # 2000 to 2100: room for any day before and after


class Plan(Struct, frozen=True, kw_only=True):
    """What to simulate, and where to. `speed` None: as fast as it goes. `rebase`: "now", an RFC 3339 time at which
    the scenario starts, or None: now at speed 1, else the scenario's own time on a fixed date. `since_ms`, instead:
    when the same plan was begun before; what it has delivered since is delivered again, at once, copies of the same
    events, and it goes on from now. `late`, `double` (shares), `dead_feed` ("120:30") and `warmup_s` replace what the
    scenario says, None and () leave it. `client`, `idempotent`: as EventProducer wants them."""

    scenario: str = "demo"
    seed: int = 1
    speed: float | None = 1.0
    to: str = "kafka"
    rebase: str | None = None
    since_ms: int | None = None
    duration_s: float | None = None
    warmup_s: float | None = None
    late: float | None = None
    double: float | None = None
    dead_feed: tuple[str, ...] = ()
    client: dict[str, Any] = {}
    idempotent: bool = True
    calls_topic: str = "callpulse.calls"
    agents_topic: str = "callpulse.agents"


async def run(plan: Plan, *, now_ms: Clock, sleep: Sleep) -> Played:
    """Plays the plan to its end, if it has one. Raises ScenarioError for a plan that makes no sense, SinkError for a
    file that cannot be written, ProduceError when Kafka does not take the events."""
    scenario = planned(plan)
    starts_at(plan, scenario, now_ms())  # what is wrong with the plan is said before anything is connected
    async with open_sink(
        plan.to,
        plan.client,
        source=scenario.source,
        calls_topic=plan.calls_topic,
        agents_topic=plan.agents_topic,
        idempotent=plan.idempotent,
    ) as sink:
        start_ms = starts_at(plan, scenario, now_ms())  # now, not when we began to connect: events must not be late
        delivered = feed(scenario, start_ms, plan.seed, plan.duration_s)
        begun_ms = start_ms if plan.since_ms is None else now_ms()
        return await play(delivered, sink, start_ms=begun_ms, speed=plan.speed, now_ms=now_ms, sleep=sleep)


def feed(scenario: Scenario, start_ms: int, seed: int, duration_s: float | None = None) -> Iterable[Delivery]:
    """What a scenario's feed delivers, heartbeats included, with the faults that the scenario asks for."""
    events = simulate(scenario, start_ms, seed, duration_s)
    until_ms = None if duration_s is None else start_ms + round(duration_s * 1000)
    return with_heartbeats(
        deliveries(events, scenario.faults, start_ms, seed),
        scenario.faults.dead_feeds,
        start_ms,
        scenario.source,
        until_ms,
    )


def planned(plan: Plan) -> Scenario:
    """The plan's scenario with what the plan replaces. Raises ScenarioError."""
    if plan.speed is not None and not 0 < plan.speed < 1e6:
        raise ScenarioError(f"speed {plan.speed}: expected more than 0, for example 1 or 60")
    for name, length_s in (("duration", plan.duration_s), ("warm-up", plan.warmup_s)):
        if length_s is not None and not 0 <= length_s < 1e9:
            raise ScenarioError(f"{name} {length_s}: expected seconds, 0 or more")
    scenario = load(plan.scenario)
    warmup_s = scenario.warmup_s if plan.warmup_s is None else plan.warmup_s
    return replace(scenario, warmup_s=warmup_s, faults=_faults(plan, scenario.faults))


def starts_at(plan: Plan, scenario: Scenario, now_ms: int) -> int:
    """Milliseconds UTC of the simulation's start. Raises ScenarioError."""
    if plan.since_ms is not None:
        return _since(plan, plan.since_ms, now_ms)
    if plan.rebase == "now" or (plan.rebase is None and plan.speed == 1):
        return now_ms
    text = plan.rebase or f"{DEFAULT_DATE}T{scenario.starts_at}:00Z"
    try:
        start_ms = parse_time(text)
    except (ValueError, OverflowError):
        start_ms = -1
    if not EARLIEST_MS <= start_ms <= LATEST_MS:
        raise ScenarioError(
            f"rebase {text!r}: expected now, or a time with its offset such as 2026-11-23T09:00:00+01:00"
        )
    return start_ms


def _since(plan: Plan, since_ms: int, now_ms: int) -> int:
    if plan.speed != 1 or plan.rebase is not None:
        raise ScenarioError(f"since {since_ms}: expected speed 1 and no rebase, or now is not where it goes on")
    if not EARLIEST_MS <= since_ms <= now_ms:
        raise ScenarioError(f"since {since_ms}: expected milliseconds since the epoch, not in the future")
    return since_ms


def _faults(plan: Plan, faults: Faults) -> Faults:
    for name, share in (("late", plan.late), ("double", plan.double)):
        if share is not None and not 0 <= share <= 1:
            raise ScenarioError(f"{name} {share}: expected a share from 0 to 1, for example 0.02")
    return replace(
        faults,
        late_share=faults.late_share if plan.late is None else plan.late,
        double_share=faults.double_share if plan.double is None else plan.double,
        dead_feeds=tuple(dead_feed(text) for text in plan.dead_feed) or faults.dead_feeds,
    )
