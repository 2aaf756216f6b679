"""What holds for `callpulse rejected` on every broker. Needs a fixture `make_line`."""

import asyncio
import json
from collections.abc import Callable

from aiokafka import AIOKafkaProducer

from callpulse import clock, kafka
from callpulse.rejected.record import RETRIED_KEY, note
from callpulse.rejected.turns import FORGOTTEN_MS
from callpulse.stream.core.events import Abandoned, AgentState, Enqueued, Event
from callpulse.stream.core.wire import encode
from callpulse.stream.partitioning import partition_of
from tests.commands import ran
from tests.contracts.backtest_topics import send
from tests.line import Line, numbers
from tests.waiting import until_async

MakeLine = Callable[..., Line]
PARTITIONS = 4


async def send_wrongly(line: Line, *events: Event) -> None:
    """Each to the partition beside its own."""
    async with AIOKafkaProducer(**kafka.client(line.settings.kafka)) as producer:
        for event in events:
            short, owner = ("agents", event.agent) if isinstance(event, AgentState) else ("calls", event.queue)
            beside = (partition_of(owner, PARTITIONS) + 1) % PARTITIONS
            topic = kafka.topic(line.settings.kafka, short)
            await producer.send_and_wait(topic, encode(event), owner.encode(), partition=beside)


async def refused(line: Line, count: int) -> None:
    """So many have been set aside."""

    async def all_there() -> bool:
        return len(await line.records(f"{line.name}.rejected")) >= count

    await until_async(all_there, f"{count} refused records", 60, line.log)


async def test_wrongly_keyed_records_count_once_when_they_are_sent_again(make_line: MakeLine) -> None:
    at = clock.now_ms() - 60_000
    visits = [Enqueued(at=at + n, queue="sales", contact_id=str(n)) for n in range(6)]
    left = Abandoned(at=at + 5_000, queue="sales", contact_id="0")
    ready = AgentState(at=at, agent="7", state="ready", queues=("sales",))
    async with make_line(settings={}) as line:
        line.start_worker()
        await line.send(visits[:2], at)
        await send_wrongly(line, *visits, left, ready)
        await send(line, "calls", b"{", b'{"type": "enqueed"}')
        await refused(line, 10)
        said = await ran(line, "rejected", "retry")
        assert (said.returncode, said.stderr) == (0, "")
        assert said.stdout.splitlines()[0] == "would be sent again: 8 (wrong_partition 8)"
        assert "to be refused again: 2" in said.stdout
        assert said.stdout.splitlines()[-1] == "nothing was changed. To do it, the same with --apply"

        done = await ran(line, "rejected", "retry", "--apply", "--reason", "wrong_partition")
        assert (done.returncode, done.stdout, done.stderr) == (0, "sent again: 8 (wrong_partition 8)\n", "")
        once_more = await ran(line, "rejected", "retry", "--apply")
        assert once_more.stdout.splitlines()[0] == "sent again: 0"
        assert "sent again before: 8" in once_more.stdout

        await line.send([], at + 10_000)
        found = numbers((await line.values(("sales",), at + 10_000))["sales"])
        assert (found["offered"], found["abandoned"]) == (6, 1)
        values = await line.values(("sales",), at + 10_000)
        assert numbers(values["sales"], "now")["agents.ready"] == 1

        listed = json.loads((await ran(line, "rejected", "list", "--json")).stdout)
        assert [each["retried"] for each in listed["records"]].count(True) == 8


async def test_of_two_that_send_again_at_the_same_time_one_does(make_line: MakeLine) -> None:
    at = clock.now_ms() - 60_000
    visits = [Enqueued(at=at + n, queue="sales", contact_id=str(n)) for n in range(700)]
    async with make_line(settings={}) as line:
        line.start_worker()
        await send_wrongly(line, *visits)
        await refused(line, len(visits))
        both = await asyncio.gather(*(ran(line, "rejected", "retry", "--apply") for _ in range(2)))
        assert any(each.stdout.startswith("sent again: 700 ") for each in both), both
        other = next(each for each in both if not each.stdout.startswith("sent again: 700 "))
        assert "another one is at it (process " in other.stderr or "sent again before: 700" in other.stdout
        assert len(await line.records(f"{line.name}.calls")) == 2 * len(visits)


async def test_who_is_at_it_is_named_until_it_has_ended_or_is_heard_of_no_longer(make_line: MakeLine) -> None:
    async with make_line(settings={}) as line, AIOKafkaProducer(**kafka.client(line.settings.kafka)) as producer:
        topic = kafka.topic(line.settings.kafka, "rejected")

        async def heard(run: str, ago_ms: int, *, over: bool = False) -> None:
            said = note((), clock.now_ms() - ago_ms, run, f"process 7 on {run}", over=over)
            await producer.send_and_wait(topic, said, RETRIED_KEY)

        await heard("killed", FORGOTTEN_MS)
        await heard("with a wrong clock", -2 * FORGOTTEN_MS)
        assert (await ran(line, "rejected", "retry", "--apply")).returncode == 0
        await heard("elsewhere", 0)
        for options in ((), ("--since", "1s")):
            done = await ran(line, "rejected", "retry", "--apply", *options)
            assert (done.returncode, done.stdout) == (1, "")
            assert done.stderr.startswith(
                "callpulse: rejected: another one is at it (process 7 on elsewhere, last heard"
            )
            assert done.stderr.endswith("run it again when that one has ended, or 60 s after it was killed\n")
        assert (await ran(line, "rejected", "retry")).returncode == 0  # it sends nothing
        await heard("elsewhere", 0, over=True)
        assert (await ran(line, "rejected", "retry", "--apply")).returncode == 0


async def test_the_list_shows_the_newest_last_and_what_each_reason_is(make_line: MakeLine) -> None:
    now_ms = clock.now_ms()
    async with make_line(settings={}) as line:
        empty = await ran(line, "rejected", "list")
        assert (empty.returncode, empty.stdout) == (0, "no refused record\n")
        line.start_worker()
        await send(line, "calls", b"\xff", b'{"type": "enqueued", "caller": "31612345678"}')
        await send_wrongly(line, Enqueued(at=now_ms, queue="sales", contact_id="31612345678"))
        await refused(line, 3)
        listed = await ran(line, "rejected", "list", "--since", "1h")
        assert (listed.returncode, listed.stderr) == (0, "")
        assert sorted(line.split("  ")[1] for line in listed.stdout.splitlines()[:3]) == [
            "missing_field at", "not_json", "wrong_partition queue",
        ]  # fmt: skip
        assert "31612345678" not in listed.stdout
        assert listed.stdout.count("wrong_partition") == 2  # its line, and its sum
        raw = await ran(line, "rejected", "list", "--raw", "--limit", "2", "--reason", "missing_field")
        assert 'value {"type": "enqueued", "caller": "31612345678"}' in raw.stdout
        sums = await ran(line, "rejected", "list", "--sum", "--queue", "sales")
        assert sums.stdout.splitlines()[0].split("  ")[-3:-1] == ["wrong_partition", f"{line.name}.calls"]
        nothing = await ran(line, "rejected", "list", "--queue", "support")
        assert nothing.stdout == "no refused record of this kind\n"


async def test_a_wrong_call_and_a_topic_that_is_not_there_are_sentences(make_line: MakeLine) -> None:
    async with make_line() as line:
        wrong = await ran(line, "rejected", "list", "--since", "yesterday")
        assert (wrong.returncode, wrong.stderr) == (
            2, "callpulse: --since yesterday: expected a whole number with s, m, h or d, such as 2h\n",
        )  # fmt: skip
        line.environment["CALLPULSE_KAFKA_PARTITIONS"] = "8"
        moved = await ran(line, "rejected", "retry", "--apply")
        assert (moved.returncode, "kafka.partitions is 8" in moved.stderr) == (1, True)
        line.environment["CALLPULSE_KAFKA_PREFIX"] = "elsewhere"
        missing = await ran(line, "rejected", "retry")
        assert missing.returncode == 1
        assert missing.stderr.startswith("callpulse: rejected: no topic 'elsewhere.rejected' at 127.0.0.1:")
