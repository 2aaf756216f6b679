"""What the whole line must answer on every broker; each broker's own test file takes these over with its `line`."""

import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from callpulse import kafka
from callpulse.stream import codecs
from callpulse.stream.core import kpis, tally, windows
from callpulse.stream.core.kpis import Part, Policy
from callpulse.stream.core.windows import Calendar
from tests import figures
from tests.line import Line, numbers
from tests.waiting import until_async

MakeLine = Callable[..., Line]
BANK_QUEUES = ("IN", "NE", "NW", "PE", "PS", "TT")


def shuffled_and_doubled(events: list[Any], seed: int) -> list[Any]:
    chance = random.Random(seed)
    mixed = [*events, *events]
    chance.shuffle(mixed)
    return mixed


async def test_the_bank_s_month_agrees_to_the_last_call(make_line: MakeLine) -> None:
    events = figures.events_of(figures.bank(), figures.BANK_BY_TYPE)
    until = max(event.at for event in events) + 1000
    async with make_line() as line:
        line.start_worker()
        await line.send(events, until)
        found = await line.values(BANK_QUEUES, until)
        expected = figures.bank_expected()
        for queue in BANK_QUEUES:
            figures.assert_bank(numbers(found[queue]), expected["by_type"][queue])
        total = await line.total({name: expected["all"][name] for name in ("offered", "answered", "abandoned")})
        figures.assert_bank(numbers(total), expected["all"])
        await assert_days(line, events)


async def assert_days(line: Line, events: list[Any]) -> None:
    """Every day of every queue, from the stored intervals, against a plain count of the rows."""
    calendar = Calendar("Asia/Jerusalem")
    truth: dict[tuple[str, str], list[int]] = {}
    for event in events:
        kind = type(event).__name__
        if kind in ("Connected", "Abandoned"):
            arrival = event.at - round(event.wait_s * 1000)
            counts = truth.setdefault((event.queue, windows.day_name(arrival, calendar)), [0, 0, 0])
            counts[kind == "Abandoned"] += 1
            counts[2] += kind == "Connected" and event.wait_s <= 20
    days: dict[tuple[str, str], list[dict[int, int]]] = {}
    for (queue, start), cell in (await line.changelog("tallies_interval", codecs.INTERVALS)).items():
        days.setdefault((queue, windows.day_name(start, calendar)), []).append(cell.tally)
    found = {key: kpis.figures([Part(tally.merge(cells), Policy(), 0, 0)]) for key, cells in days.items()}
    counted = {
        key: [f["answered"].value, f["abandoned"].value, f["answered_within_t"].value] for key, f in found.items()
    }
    assert {key: counts for key, counts in counted.items() if any(counts)} == truth
    assert all(each["ledger_residual"].value == 0 for each in found.values())


async def test_a_recorded_asterisk_agrees_and_its_crash_loses_eleven(make_line: MakeLine) -> None:
    events = figures.events_of(figures.ASTERISK)
    until = max(event.at for event in events) + 1000
    async with make_line() as line:
        line.start_worker()
        await line.send(events, until)
        found = await line.values(("sales", "support"), until)
        for queue in ("sales", "support"):
            figures.assert_asterisk(numbers(found[queue]), queue)
        total = await line.total({"offered": 747, "lost": 11})
        assert total.number("all", "lost.restart") == 11
        assert total.number("now", "agents.ready") is not None


async def test_the_help_desk_has_two_calls_open_at_the_end(make_line: MakeLine) -> None:
    events = figures.events_of(figures.help_desk())
    until = max(event.at for event in events)
    async with make_line() as line:
        line.start_worker()
        await line.send(events, until)
        reading = (await line.values(("IT",), until))["IT"]
        expected = figures.help_desk_expected()["all"]
        found = numbers(reading)
        assert [found[name] for name in ("offered", "answered", "abandoned", "exited.timeout")] == [108, 93, 12, 1]
        assert found["asa_s"] == pytest.approx(expected["asa_mean"], abs=6e-7)
        assert reading.number("now", "contacts_waiting") == expected["still_open"]


async def test_order_and_copies_change_nothing(make_line: MakeLine) -> None:
    events = figures.events_of(figures.ASTERISK)
    until = max(event.at for event in events) + 1000
    async with make_line() as line:
        line.start_worker()
        await line.send(shuffled_and_doubled(events, seed=7), until)
        found = await line.values(("sales", "support"), until)
        for queue in ("sales", "support"):
            figures.assert_asterisk(numbers(found[queue]), queue)


async def test_refused_records_are_set_aside_with_their_place(make_line: MakeLine) -> None:
    bad = [b"{truncated", b'{"type":"enqueued","at":1}', b'{"type":"what"}', b"\xff\xfe", b"x" * 100_000]
    async with make_line() as line:
        line.start_worker()
        calls = kafka.topic(line.settings.kafka, "calls")
        async with AIOKafkaProducer(**kafka.client(line.settings.kafka)) as producer:
            for value in bad:
                await producer.send_and_wait(calls, value, partition=2)
        events = figures.events_of(figures.ASTERISK)
        until = max(event.at for event in events) + 1000
        await line.send(events, until)
        found = await line.values(("sales", "support"), until)
        figures.assert_asterisk(numbers(found["sales"]), "sales")

        async def all_kept() -> list[Any] | None:
            kept = [msgspec.json.decode(r.value) for r in await line.records(f"{line.name}.rejected")]
            return kept if len(kept) >= len(bad) else None

        kept = await until_async(all_kept, "the refused records are set aside", 60, line.log)
        assert [(k["topic"], k["partition"], k["offset"]) for k in kept] == [(calls, 2, i) for i in range(len(bad))]
        reasons = [k["reason"] for k in kept]
        assert reasons == ["not_json", "missing_field", "unknown_type", "not_json", "too_large"]
        status, metrics = line.get("/metrics")
        assert status == 200
        labels = f'reason="not_json",topic="{calls}"'
        assert f"callpulse_events_rejected_total{{{labels}}} 2.0" in metrics
        assert line.get("/readyz") == (200, "ready\n")
