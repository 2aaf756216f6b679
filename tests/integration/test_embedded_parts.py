"""The embedded broker and Valkey: they start, serve, step aside for busy ports, and end with their parent."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import redis
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from callpulse.demo import children, parts
from tests.pids import ended
from tests.waiting import killed_after

STARTERS = [parts.start_broker, parts.start_valkey]


@contextlib.asynccontextmanager
async def topic(bootstrap: str, name: str, partitions: int):
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(name, num_partitions=partitions, replication_factor=1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        yield producer


async def test_the_broker_keeps_the_order_of_a_partition(embedded_broker):
    async with topic(embedded_broker, "parts-order", 8) as producer:
        for number in range(500):
            await producer.send("parts-order", b"%d" % number, partition=number % 8)
        await producer.flush()
    async with (
        asyncio.timeout(60),
        AIOKafkaConsumer("parts-order", bootstrap_servers=embedded_broker, auto_offset_reset="earliest") as consumer,
    ):
        read = {n: [] for n in range(8)}
        for _ in range(500):
            record = await consumer.getone()
            read[record.partition].append(int(record.value))
    assert read == {n: list(range(n, 500, 8)) for n in range(8)}


async def test_the_high_watermark_of_a_fetch_is_right_where_list_offsets_lags(embedded_broker):
    """docs/decisions/embedded-broker.md: recovery may trust the first, never the second."""
    async with topic(embedded_broker, "parts-end", 1) as producer:
        batch = producer.create_batch()
        for _ in range(10):
            batch.append(key=None, value=b"x", timestamp=None)
        await (await producer.send_batch(batch, "parts-end", partition=0))
    partition = TopicPartition("parts-end", 0)
    async with asyncio.timeout(60), AIOKafkaConsumer(bootstrap_servers=embedded_broker) as consumer:
        consumer.assign([partition])
        consumer.seek(partition, 0)
        await consumer.getone()
        assert consumer.highwater(partition) == 10
        assert (await consumer.end_offsets([partition]))[partition] == 1


def test_valkey_keeps_what_it_is_told(valkey_url):
    with contextlib.closing(redis.Redis.from_url(valkey_url)) as client:
        client.hset("parts:queue", "waiting", 3)
        assert client.hgetall("parts:queue") == {b"waiting": b"3"}


@pytest.mark.parametrize("start", STARTERS)
def test_a_busy_port_is_named_and_another_one_taken(start, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        taken = busy.getsockname()[1]
        part = start(tmp_path, taken)
        part.stop()
    assert part.port != taken
    assert part.note.startswith(f"Port {taken} is busy; ")
    assert str(part.port) in part.note


@pytest.mark.parametrize("start", STARTERS)
def test_a_preferred_port_that_is_free_is_used(start, tmp_path):
    port = children.free_port()
    part = start(tmp_path, port)
    part.stop()
    assert (part.port, part.note) == (port, "")


@pytest.mark.parametrize("start", STARTERS)
def test_parts_listen_on_this_machine_only(start, tmp_path):
    part = start(tmp_path)
    listening = _listening(part.child.pid)
    part.stop()
    assert listening == {f"127.0.0.1:{part.port}"}


@pytest.mark.parametrize("start", STARTERS)
def test_a_stopped_part_is_gone(start, tmp_path):
    part = start(tmp_path)
    part.stop()
    assert part.child.poll() is not None
    assert not children.accepts(part.port)


def test_a_start_that_never_ends_is_named_by_the_next_one(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "_ALONE_WITHIN_S", 0.1)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    lock = rf"has held {tmp_path}/callpulse-parts-\d+\.lock for 0\.1 s"
    with parts._alone(), pytest.raises(children.NotReadyError, match=lock):
        parts.start_valkey(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
@pytest.mark.parametrize("start", ["start_broker", "start_valkey"])
def test_a_part_dies_with_a_parent_that_is_killed(start, tmp_path):
    code = (
        "import pathlib, sys, time; from callpulse.demo import parts\n"
        f"print(parts.{start}(pathlib.Path(sys.argv[1])).child.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
    with parent.stdout, killed_after(60, parent):
        child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    assert ended(child)


def test_a_child_that_ends_at_once_is_reported_with_its_log(tmp_path):
    log = tmp_path / "log"
    child = children.start(["sh", "-c", "echo no memory left; exit 3"], log)
    with pytest.raises(children.NotReadyError, match=r"(?s)it ended at once \(exit code 3\).*no memory left"):
        children.wait_until(lambda: False, child, "it", log, 10)


def test_a_child_that_is_never_ready_is_reported_after_the_time_given(tmp_path):
    child = children.start(["sleep", "30"], tmp_path / "log")
    with pytest.raises(children.NotReadyError, match=r"it was not ready within 0\.1 s"):
        children.wait_until(lambda: False, child, "it", tmp_path / "log", 0.1)
    children.kill(child)
    assert children.ending(child) == "killed by SIGKILL"


def test_a_missing_wheel_says_how_to_install_it(tmp_path):
    with pytest.raises(parts.PartMissingError, match=r"pip install 'callpulse\[demo\]'"):
        parts._program("no_such_wheel", "bin/x", "The embedded broker", tmp_path)


def test_a_program_without_its_executable_bit_is_copied_and_runs(tmp_path, monkeypatch):
    wheel = tmp_path / "somewheel"
    wheel.mkdir()
    (wheel / "__init__.py").touch()
    (wheel / "run").write_text("#!/bin/sh\necho runs\n")
    monkeypatch.syspath_prepend(tmp_path)
    program = parts._program("somewheel", "run", "It", tmp_path)
    assert Path(program).parent == tmp_path
    assert subprocess.check_output([program]) == b"runs\n"


def _listening(pid: int) -> set[str]:
    """Local addresses of the listening sockets of a process, as /proc tells them."""
    links = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            links.append(os.readlink(link))
    inodes = {link[8:-1] for link in links if link.startswith("socket:[")}
    rows = [line.split() for name in ("tcp", "tcp6") for line in _rows(pid, name)]
    return {_address(row[1]) for row in rows if row[3] == "0A" and row[9] in inodes}


def _rows(pid: int, name: str) -> list[str]:
    table = Path(f"/proc/{pid}/net/{name}")
    return table.read_text().splitlines()[1:] if table.exists() else []


def _address(text: str) -> str:
    host, port = text.split(":")
    octets = [str(int(host[i : i + 2], 16)) for i in range(len(host) - 2, -2, -2)]
    return f"{'.'.join(octets)}:{int(port, 16)}"
