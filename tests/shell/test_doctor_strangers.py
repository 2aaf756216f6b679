"""`callpulse doctor` where something else listens than should: it says so, never fails, and shows no secret."""

import json
import subprocess
import sys
from typing import Any

import pytest

from callpulse.demo.children import free_port
from callpulse.doctor import here
from callpulse.doctor.finding import Level
from callpulse.doctor.http import ask, session
from callpulse.doctor.prometheus import look_at_prometheus, prometheus_findings
from callpulse.doctor.redis_look import look_at_redis
from callpulse.settings.tables import Redis
from tests.stranger import NO_REDIS, answering


def page(body: bytes, status: str = "200 OK", head: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode() + body


@pytest.mark.parametrize("answer", NO_REDIS.values(), ids=NO_REDIS)
async def test_what_is_no_redis_is_said_to_be_none(answer: bytes) -> None:
    async with answering(answer) as port:
        found = await look_at_redis(Redis(url=f"redis://:s3cret@127.0.0.1:{port}/0"), "main", "worker")
    assert f"127.0.0.1:{port}" in found.trouble
    assert "s3cret" not in found.trouble


@pytest.mark.parametrize(
    "data",
    [
        [1],
        {"result": [1]},
        {"result": [{"metric": None, "value": []}]},
        {"result": [{"metric": {}, "value": None}], "groups": [1]},
        {"result": [], "groups": [{"rules": None}]},
        {"result": [], "groups": [{"rules": [5]}], "activeAlertmanagers": {}},
    ],
)
async def test_what_is_no_prometheus_is_said_to_have_nothing_of_us(data: Any) -> None:
    async with answering(page(json.dumps({"data": data}).encode())) as port:
        seen = await look_at_prometheus(f"http://127.0.0.1:{port}")
    (first, *_) = prometheus_findings(seen, {"Down": "prometheus/alerts.yml"})
    assert first.says.endswith(("has nothing of callpulse", "answers, but not as Prometheus does"))


STRANGE = [
    (b"SSH-2.0-OpenSSH_9\r\n", "Bad status line"),
    (page(b"", "302 Found", "Location: /again\r\n"), "it sends us round in a circle"),
    (page(b"", "302 Found", "Location: http://[::bad\r\n"), "it is, or sends us to, an address that is none"),
    (page(b"no gzip", head="Content-Encoding: gzip\r\n"), "Can not decode content-encoding"),
]
STRANGE_IDS = ["ssh", "circle", "nowhere", "no_gzip"]


@pytest.mark.parametrize(("answer", "said"), STRANGE, ids=STRANGE_IDS)
async def test_who_listens_and_does_not_answer_is_not_taken_for_nobody(answer: bytes, said: str) -> None:
    async with answering(answer) as port, session() as one:
        found = here.process("worker", "http://here", await ask(one, f"http://127.0.0.1:{port}/", ours=True), "main")
    assert found.level is Level.WARN
    assert ("answers 302" if "sends us" in said else said) in found.says


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_where_nobody_listens_nothing_is_wrong(scheme: str) -> None:
    async with session() as one:
        found = await ask(one, f"{scheme}://127.0.0.1:{free_port()}/", ours=True)
    assert here.process("worker", "http://here", found, "main").level is Level.SKIP


async def test_of_a_site_that_is_none_a_line_is_shown() -> None:
    async with answering(page(b"ready", head="Callpulse-Site: " + "x" * 8_000 + "\r\n")) as port, session() as one:
        found = await ask(one, f"http://127.0.0.1:{port}/", ours=True)
    assert len(here.process("worker", "http://here", found, "main").says) < 200


async def test_who_has_no_certificate_is_there_too() -> None:
    async with answering(page(b"ready")) as port, session() as one:
        found = await ask(one, f"https://127.0.0.1:{port}/", ours=True)
    assert (found.status, found.listens) == (0, True)


@pytest.mark.parametrize(("answer", "said"), STRANGE, ids=STRANGE_IDS)
async def test_why_an_answer_is_none_is_said_without_the_address(answer: bytes, said: str) -> None:
    async with answering(answer) as port, session() as one:
        found = await ask(one, f"http://user:s3cret@127.0.0.1:{port}/wall?key=s3cret")
    assert found.status == 0
    assert said in found.said
    assert "s3cret" not in found.said


@pytest.mark.parametrize("address", ["http://user:s3cret@[::1/api", "ftp://user:s3cret@here/"])
async def test_an_address_that_is_none_is_not_repeated(address: str) -> None:
    async with session() as one:
        found = await ask(one, address)
    assert (found.status, "s3cret" in found.said) == (0, False)


def test_the_doctor_needs_no_extra() -> None:
    without = (
        "import sys; sys.modules |= dict.fromkeys(('grafana_foundation_sdk', 'yaml')); import callpulse.doctor.run"
    )
    subprocess.run([sys.executable, "-c", without], check=True, timeout=60)
