"""`callpulse doctor` beside a real broker, a real Redis, a real Prometheus; each in good health and in bad."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from callpulse import clock
from callpulse.clock import now_ms
from callpulse.demo import children
from callpulse.monitoring.run import everything, write
from callpulse.stream.core.events import Enqueued
from tests.alertmanager import alertmanager, needs_alertmanager
from tests.commands import ran
from tests.line import Line
from tests.prometheus import Prometheus, needs_prometheus, scraping
from tests.waiting import until

REDIS = "redis-server"
CONFIG = """\
port {port}
bind 127.0.0.1
save ""
dir {folder}
maxmemory 100mb
maxmemory-policy allkeys-lru
aclfile {folder}/users
"""
USERS = """\
user default on >s3cret ~* &* +@all
user reader on >r3ad ~callpulse:* resetchannels +@read +@connection +time +info +acl|whoami +acl|dryrun
"""


@pytest.fixture
async def line(embedded_broker: str, valkey_url: str, tmp_path: Path) -> AsyncIterator[Line]:
    async with Line(embedded_broker, valkey_url, tmp_path, idempotent=False, settings={}) as line:
        yield line


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """One of this test alone: with a password, a user who may only read, and a policy that evicts."""
    if shutil.which(REDIS) is None:
        pytest.skip(f"{REDIS} is not installed. On Debian or Ubuntu: apt-get install {REDIS}")
    port = children.free_port()
    (tmp_path / "users").write_text(USERS)
    (tmp_path / "redis.conf").write_text(CONFIG.format(port=port, folder=tmp_path))
    child = children.start([REDIS, str(tmp_path / "redis.conf")], tmp_path / "redis.log")
    try:
        until(lambda: children.accepts(port), "Redis answers", said=(tmp_path / "redis.log").read_text)
        yield f"redis://default:s3cret@127.0.0.1:{port}/0"
    finally:
        children.stop(child)


async def doctor(line: Line, *arguments: str, exit_code: int | None = None) -> list[dict[str, str]]:
    """What it finds; no wall nor worker of another test is asked."""
    line.environment.setdefault("CALLPULSE_METRICS_PORT", str(children.free_port()))
    line.environment |= {"CALLPULSE_ALERTS_PORT": str(children.free_port()), "CALLPULSE_WALLBOARD_PORT": "1"}
    done = await ran(line, "doctor", "--json", *arguments)
    assert done.stderr == ""
    found: list[dict[str, str]] = json.loads(done.stdout)["findings"]
    assert done.returncode == (1 if any(each["level"] == "fail" for each in found) else 0)
    assert exit_code in (None, done.returncode), done.stdout
    return found


def said(found: list[dict[str, str]], level: str, about: str) -> list[str]:
    return [each["says"] for each in found if (each["level"], each["about"]) == (level, about)]


async def running(line: Line) -> None:
    """A worker with figures."""
    line.start_worker()
    at = now_ms()
    await line.send([Enqueued(at=at, queue="sales", contact_id="1")], at)
    await line.values(("sales",), at)


async def test_a_line_that_works_has_nothing_that_fails(line: Line) -> None:
    await running(line)
    line.environment["CALLPULSE_METRICS_PORT"] = str(line.ports[-1])
    found = await doctor(line, exit_code=0)
    assert said(found, "ok", "workers") == ["1 running"]
    assert said(found, "ok", "figures") == [f"1 queue of site '{line.name}', the newest is fresh"]
    assert said(found, "ok", "topics") == ["15 as they have to be"]
    assert said(found, "warn", "alerts") == ["no alerts worker is running, so that nobody is told of anything"]
    assert [each for each in said(found, "ok", "worker") if each.endswith("is ready")]
    plain = await ran(line, "doctor")
    assert plain.returncode == 0
    line.environment["CALLPULSE_SITE_NAME"] = "another"
    (not_ours,) = said(await doctor(line), "warn", "worker")
    assert f"is of site '{line.name}', not of 'another'" in not_ours
    assert "OK    workers: 1 running\n" in plain.stdout


async def test_before_the_first_day_it_says_what_to_start(line: Line) -> None:
    found = await doctor(line, exit_code=0)
    assert said(found, "warn", "workers") == ["none is running"]
    assert said(found, "warn", "figures") == [f"no queue of site '{line.name}' has figures"]
    line.environment["CALLPULSE_KAFKA_PREFIX"] = f"{line.name}-other"
    (missing,) = said(await doctor(line, exit_code=1), "fail", "topics")
    assert missing.startswith(f"{line.name}-other.calls, ")
    line.environment["CALLPULSE_KAFKA_PREFIX"] = line.name
    line.environment["CALLPULSE_KAFKA_PARTITIONS"] = "8"
    (other,) = said(await doctor(line, exit_code=1), "fail", "topics")
    assert "the number of partitions is 4, expected 8" in other


async def test_a_redis_that_evicts_or_lets_nobody_in_fails(line: Line, redis_url: str) -> None:
    line.environment["CALLPULSE_REDIS_URL"] = redis_url
    (evicts,) = said(await doctor(line, exit_code=1), "fail", "redis")
    assert evicts == "maxmemory-policy is allkeys-lru, which evicts figures that a board needs"
    line.environment["CALLPULSE_REDIS_URL"] = redis_url.replace("s3cret", "guessed")
    (away,) = said(await doctor(line, exit_code=1), "fail", "redis")
    assert "invalid username-password pair" in away
    assert "guessed" not in away


async def test_a_user_of_redis_who_lacks_rights_is_told_which(line: Line, redis_url: str) -> None:
    line.environment["CALLPULSE_REDIS_URL"] = redis_url.replace("default:s3cret", "reader:r3ad")
    as_worker = said(await doctor(line), "fail", "redis")
    assert [each for each in as_worker if each.startswith("this user, as a worker, may not use SCRIPT, EVALSHA, HSET")]
    as_board = await doctor(line, "--as", "wallboard")
    assert "this user may do all that a wallboard does" not in said(as_board, "ok", "redis")  # may not SUBSCRIBE
    assert "this user, as a wallboard, may not use SUBSCRIBE" in said(as_board, "fail", "redis")


async def test_where_nothing_answers_each_part_says_so_and_it_ends_soon(line: Line) -> None:
    nowhere = children.free_port()
    line.environment |= {
        "CALLPULSE_KAFKA_BROKERS": f"127.0.0.1:{nowhere}",
        "CALLPULSE_REDIS_URL": f"redis://127.0.0.1:{nowhere}/0",
        "CALLPULSE_MONITORING_PROMETHEUS_URL": f"http://127.0.0.1:{nowhere}",
        "CALLPULSE_WORKER_STATE_DIR": str(Path(__file__) / "state"),
    }
    began_s = clock.monotonic_s()
    found = await doctor(line, exit_code=1)
    assert clock.monotonic_s() - began_s < 30
    failing = [each["about"] for each in found if each["level"] == "fail"]
    assert failing == ["kafka", "redis", "prometheus", "state"]


async def test_what_listens_and_says_nothing_does_not_hold_it(line: Line) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    line.environment |= {
        "CALLPULSE_KAFKA_BROKERS": f"127.0.0.1:{port}",
        "CALLPULSE_REDIS_URL": f"redis://127.0.0.1:{port}/0",
        "CALLPULSE_MONITORING_PROMETHEUS_URL": f"http://127.0.0.1:{port}",
    }
    began_s = clock.monotonic_s()
    async with server:
        found = await doctor(line, exit_code=1)
    assert clock.monotonic_s() - began_s < 40
    assert [each["about"] for each in found if each["level"] == "fail"] == ["kafka", "redis", "prometheus"]


async def test_wrong_settings_are_told_with_their_own_exit_code(line: Line) -> None:
    line.environment["CALLPULSE_MONITORING_PROMETHEUS_URL"] = "prometheus:9090"
    done = await ran(line, "doctor")
    assert (done.returncode, "monitoring.prometheus_url" in done.stderr) == (2, True)


@needs_prometheus
async def test_prometheus_is_asked_whether_it_scrapes_us_and_has_our_rules(line: Line, tmp_path: Path) -> None:
    await running(line)
    write(everything(line.settings), tmp_path)
    rules = sorted(path for path in (tmp_path / "prometheus").glob("*.yml") if "groups:" in path.read_text())
    jobs: dict[str, Any] = {"callpulse-worker": [line.ports[-1]]}
    with Prometheus(tmp_path / "well", scraping(jobs, rules=rules)) as well:
        await well.scraped()
        found = await doctor(line, "--prometheus", well.url)
        assert said(found, "ok", "prometheus")[0] == f"{well.url} scrapes 1 process of callpulse"
        assert said(found, "ok", "prometheus")[1].startswith("all ")
        assert said(found, "warn", "prometheus") == ["it tells no Alertmanager, so that its alerts reach nobody"]
        well.follow(scraping({"callpulse-worker": [children.free_port()]}))
        until(lambda: not well.ask("sum(up) > 0"), "the worker is not scraped any more", 30)
        bad = await doctor(line, "--prometheus", well.url, exit_code=1)
    assert [each for each in said(bad, "fail", "prometheus") if "does not reach 127.0.0.1:" in each]
    assert [each for each in said(bad, "warn", "prometheus") if "rules are not loaded" in each]


@needs_alertmanager
async def test_an_alertmanager_that_a_channel_names_is_asked(line: Line, tmp_path: Path) -> None:
    config = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"
    async with ClientSession() as session, alertmanager(tmp_path, config, session) as url:
        (tmp_path / "callpulse.toml").write_text(
            f'[alerts.channels.desk]\nkind = "alertmanager"\nurls = ["{url}", "http://127.0.0.1:1"]\n'
        )
        found = await doctor(line, exit_code=1)
    assert said(found, "ok", "alertmanager") == [f"{url} of channel desk is ready"]
    (away,) = said(found, "fail", "alertmanager")
    assert away.startswith("http://127.0.0.1:1 of channel desk does not answer")
