"""Playing a simulated centre: to the second, to a file, and with errors that say what was expected."""

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import pytest

from callpulse.simulator.load import load
from callpulse.simulator.run import Plan, feed, planned, run, starts_at
from callpulse.simulator.scenario import DeadFeed, ScenarioError
from callpulse.simulator.traffic import simulate
from callpulse.sources.play import play
from callpulse.sources.sinks import FileSink, SinkError
from callpulse.stream.core.events import Event, Heartbeat
from callpulse.stream.core.wire import decode_agent, decode_call

START = 1_795_428_000_000


class SimulatedClock:
    """A clock that moves when somebody sleeps."""

    def __init__(self, at_ms: float = START) -> None:
        self.at_ms = at_ms

    def now_ms(self) -> int:
        return int(self.at_ms)

    async def sleep(self, seconds: float) -> None:
        self.at_ms += seconds * 1000


class Notebook:
    """A sink that writes down when it got what."""

    def __init__(self, clock: SimulatedClock) -> None:
        self.clock = clock
        self.got: list[tuple[int, Event]] = []
        self.flushed = 0

    async def send(self, event: Event) -> None:
        self.got.append((self.clock.now_ms(), event))

    async def heartbeat(self, at_ms: int) -> None:
        self.got.append((self.clock.now_ms(), Heartbeat(at=at_ms)))

    async def flush(self) -> None:
        self.flushed += 1


async def played(plan: Plan, clock: SimulatedClock, start_ms: int = START) -> Notebook:
    notebook = Notebook(clock)
    scenario = planned(plan)
    delivered = feed(scenario, start_ms, plan.seed, plan.duration_s)
    told = await play(delivered, notebook, start_ms=start_ms, speed=plan.speed, now_ms=clock.now_ms, sleep=clock.sleep)
    beats = sum(isinstance(event, Heartbeat) for _, event in notebook.got)
    assert (told.events, told.heartbeats) == (len(notebook.got) - beats, beats)
    return notebook


async def test_at_speed_one_every_event_comes_at_its_time_and_never_before() -> None:
    notebook = await played(Plan(duration_s=20), SimulatedClock())
    live = [(at, event) for at, event in notebook.got if event.at >= START]
    assert all(0 <= at - event.at <= 1 for at, event in live)
    assert {at for at, event in notebook.got if event.at < START} == {START}
    assert notebook.flushed >= 20


async def test_one_that_is_started_again_sends_copies_at_once_and_goes_on_where_it_would_have_been(
    tmp_path: Path,
) -> None:
    async def sent(name: str, now_ms: int, duration_s: float) -> tuple[list[str], int]:
        clock, plan = SimulatedClock(now_ms), Plan(since_ms=START, to=str(tmp_path / name), duration_s=duration_s)
        await run(plan, now_ms=clock.now_ms, sleep=clock.sleep)
        return (tmp_path / name).read_text().splitlines(), clock.now_ms()

    whole, ended_ms = await sent("whole", START, 60)
    killed, _ = await sent("killed", START, 20)
    again, ended_again_ms = await sent("again", START + 30_000, 60)
    assert again == whole
    assert set(killed) <= set(again)
    assert abs(ended_again_ms - ended_ms) <= 1


async def test_at_speed_sixty_a_minute_takes_a_second() -> None:
    clock = SimulatedClock()
    await played(Plan(duration_s=60, speed=60), clock)
    assert clock.at_ms - START == pytest.approx(1000, abs=2)


async def test_without_a_speed_nothing_waits() -> None:
    clock = SimulatedClock()
    notebook = await played(Plan(duration_s=60, speed=None), clock)
    assert clock.now_ms() == START
    assert notebook.flushed == 1


async def test_heartbeats_come_every_second_but_not_while_the_feed_is_dead() -> None:
    notebook = await played(Plan(duration_s=30, dead_feed=("10:5",)), SimulatedClock())
    beats = [(event.at - START) // 1000 for _, event in notebook.got if isinstance(event, Heartbeat)]
    assert beats == [*range(10), *range(15, 31)]
    assert not [at for at, _ in notebook.got if START + 10_000 <= at < START + 15_000]


def test_the_plan_replaces_what_the_scenario_says() -> None:
    scenario = planned(Plan(scenario="demo", late=0.02, double=0.01, dead_feed=("120:30",), warmup_s=0))
    assert scenario.faults.late_share == 0.02
    assert scenario.faults.double_share == 0.01
    assert scenario.faults.dead_feeds == (DeadFeed(120, 30),)
    assert scenario.warmup_s == 0
    assert planned(Plan(scenario="demo")) == load("demo")


@pytest.mark.parametrize(
    ("plan", "start"),
    [
        (Plan(), START),
        (Plan(speed=60, rebase="now"), START),
        (Plan(speed=60), "2026-11-23T11:00:00Z"),
        (Plan(speed=None, scenario="day"), "2026-11-23T07:45:00Z"),
        (Plan(rebase="2026-11-23T11:00:00+01:00"), "2026-11-23T10:00:00Z"),
    ],
)
def test_a_simulation_starts_now_or_at_its_own_time(plan: Plan, start: int | str) -> None:
    found = starts_at(plan, load(plan.scenario), START)
    assert found == (start if isinstance(start, int) else milliseconds(start))


def milliseconds(text: str) -> int:
    event = decode_call(json.dumps({"type": "heartbeat", "at": text}).encode())
    assert isinstance(event, Heartbeat)
    return event.at


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"scenario": "nothing"}, "nothing: No such file or directory; expected day, demo or a TOML file"),
        ({"speed": 0.0}, "speed 0.0: expected more than 0"),
        ({"speed": float("nan")}, "speed nan: expected more than 0"),
        ({"late": 2.0}, "late 2.0: expected a share from 0 to 1"),
        ({"double": -0.1}, "double -0.1: expected a share from 0 to 1"),
        ({"duration_s": -1.0}, "duration -1.0: expected seconds"),
        ({"warmup_s": float("inf")}, "warm-up inf: expected seconds"),
        ({"dead_feed": ("x",)}, "dead feed 'x': expected START:SECONDS"),
        ({"since_ms": START + 1}, f"since {START + 1}: expected milliseconds since the epoch, not in the future"),
        ({"since_ms": START, "speed": 60.0}, f"since {START}: expected speed 1 and no rebase"),
        ({"since_ms": START, "rebase": "now"}, f"since {START}: expected speed 1 and no rebase"),
        ({"rebase": "yesterday"}, "rebase 'yesterday': expected now, or a time"),
        ({"rebase": "2026-11-23T11:00:00"}, "rebase '2026-11-23T11:00:00': expected now, or a time with its offset"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_before_anything_is_written(
    fields: dict[str, Any], message: str, tmp_path: Path
) -> None:
    clock = SimulatedClock()
    with pytest.raises(ScenarioError, match=message):
        asyncio.run(run(Plan(to=str(tmp_path / "events"), **fields), now_ms=clock.now_ms, sleep=clock.sleep))
    assert not list(tmp_path.iterdir())


async def test_a_file_holds_a_line_for_every_record_with_its_topic_and_key(tmp_path: Path) -> None:
    clock, path = SimulatedClock(), tmp_path / "events.jsonl"
    told = await run(
        Plan(to=str(path), duration_s=30, speed=None, rebase="now"), now_ms=clock.now_ms, sleep=clock.sleep
    )
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(lines) == told.events + told.heartbeats
    expected = list(simulate(load("demo"), START, 1, 30))
    found = []
    for line in lines:
        calls = line["topic"] == "callpulse.calls"
        event: Any = (decode_call if calls else decode_agent)(json.dumps(line["value"]).encode())
        if isinstance(event, Heartbeat):
            assert line["key"] == "simulator"
        else:
            assert line["key"] == (event.queue if calls else event.agent)
            found.append(event)
    assert found == expected


async def test_a_heartbeat_makes_a_file_readable_up_to_it(tmp_path: Path) -> None:
    with (tmp_path / "events").open("wb") as file:
        sink = FileSink(file, source="sim", calls_topic="c", agents_topic="a")
        await sink.heartbeat(5)
        line = json.loads((tmp_path / "events").read_text())
        assert line == {"topic": "c", "key": "sim", "value": {"type": "heartbeat", "at": 5, "source": "sim"}}


async def test_standard_output_gets_the_same_lines(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    clock = SimulatedClock()
    told = await run(Plan(to="-", duration_s=1, warmup_s=0), now_ms=clock.now_ms, sleep=clock.sleep)
    lines = io.BytesIO(capsysbinary.readouterr().out).readlines()
    assert len(lines) == told.events + told.heartbeats


async def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    clock = SimulatedClock()
    with pytest.raises(SinkError, match=r"nowhere/x: cannot write events: No such file or directory"):
        await run(Plan(to=str(tmp_path / "nowhere/x"), duration_s=1), now_ms=clock.now_ms, sleep=clock.sleep)
