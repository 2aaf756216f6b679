"""The short version of `make chaos`: one seed, two workers, every cell."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.changelogs import BROKER
from tests.chaos.round import Plan, play
from tests.chaos.schedule import Kind, schedule
from tests.kafka.broker import ApacheKafka

SEED, WORKERS, DISTURBANCES = 2, 2, 12


@pytest.fixture
def broker() -> Iterator[ApacheKafka]:
    """One whose cleaner does not rest."""
    with ApacheKafka(BROKER) as own:
        yield own


async def test_twelve_disturbances_of_one_seed_change_no_cell(broker: ApacheKafka, tmp_path: Path) -> None:
    outcome = await play(Plan(SEED, WORKERS, DISTURBANCES), broker, tmp_path, print)
    assert not outcome.wrong, [str(wrong) for wrong in outcome.wrong[:20]]
    assert len(outcome.done) == DISTURBANCES
    assert outcome.counts["changelog records compacted"] > 0, "the changelogs were compacted meanwhile"


def test_a_seed_is_a_schedule() -> None:
    tell = f"from tests.chaos.schedule import schedule; print(*schedule({SEED}, {WORKERS}, {DISTURBANCES}), sep='\\n')"
    elsewhere = [
        subprocess.run(
            [sys.executable, "-c", tell],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout.splitlines()
        for seed in ("1", "2")
    ]
    assert elsewhere == [[str(what) for what in schedule(SEED, WORKERS, DISTURBANCES)]] * 2
    seen = {what.kind for seed in range(30) for what in schedule(seed, WORKERS, DISTURBANCES)}
    assert seen == set(Kind)
