"""Real parts for every test: a Kafka-protocol broker and a Valkey, started when first asked for."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from callpulse.demo import parts

pytest.register_assert_rewrite("tests.kafka.toy_rig")  # its assertions say what differs

_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
settings.register_profile("ci", _PATIENT, max_examples=100, derandomize=True, database=None)
settings.register_profile("deep", _PATIENT, max_examples=5_000)


def pytest_configure(config: pytest.Config) -> None:
    """The same examples every time, unless `--hypothesis-profile=deep` asks for many. And a shell starts what runs in
    the background with Ctrl-C ignored, and children inherit that: tests of Ctrl-C would wait for ever."""
    os.environ["CALLPULSE_LOGS_FORMAT"] = "text"  # of all children; what they write is read by people, if by anybody
    settings.load_profile(config.getoption("--hypothesis-profile", default=None) or "ci")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def embedded_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Bootstrap address of a broker in memory, shared by the session: take your own topics and groups."""
    yield from _running(parts.start_broker(_folder(tmp_path_factory)), "address")


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a Valkey in memory, shared by the session: take a key prefix of your own, or flush it first."""
    yield from _running(parts.start_valkey(_folder(tmp_path_factory)), "url")


def _folder(factory: pytest.TempPathFactory) -> Path:
    return factory.mktemp("parts")


def _running(part: parts.Part, told: str) -> Iterator[str]:
    yield getattr(part, told)
    part.stop()
