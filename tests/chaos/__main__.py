"""`python -m tests.chaos --minutes 30 --seed 1 --workers 2`: rounds with one seed after the other, a summary, and one
line of JSON at the end. Exit code 1 when any cell differs."""

import argparse
import asyncio
import json
import logging
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from callpulse.clock import monotonic_s
from tests.chaos.changelogs import BROKER
from tests.chaos.guards import WITHOUT
from tests.chaos.round import RATE, Outcome, Plan, play
from tests.kafka.broker import ApacheKafka, MissingError

PER_ROUND = 14
SHOWN = 12


def say(text: str) -> None:
    print(text, flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30, help="begin no new round after so long")
    parser.add_argument("--seed", type=int, default=1, help="of the first round; the next one has the next")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--disturbances", type=int, default=PER_ROUND, help="in a round")
    parser.add_argument("--rate", type=int, default=RATE, help="events per second")
    parser.add_argument("--without", choices=["", *WITHOUT], default="", help="take one guard away")
    parser.add_argument("--keep", type=Path, help="a folder for the logs of the workers")
    return parser.parse_args()


async def rounds(told: argparse.Namespace, folder: Path) -> list[Outcome]:
    outcomes: list[Outcome] = []
    deadline = monotonic_s() + told.minutes * 60
    with ApacheKafka(BROKER) as broker:
        while not outcomes or monotonic_s() < deadline:
            seed = told.seed + len(outcomes)
            plan = Plan(seed, told.workers, told.disturbances, told.rate, told.without)
            outcomes.append(await play(plan, broker, folder, say))
            report(outcomes[-1])
    return outcomes


def report(outcome: Outcome) -> None:
    counts = ", ".join(f"{name}: {count:,}" for name, count in sorted(outcome.counts.items()))
    say(f"seed {outcome.seed}, {outcome.workers} workers: {len(outcome.wrong)} cells differ ({counts})")
    for line in outcome.said:
        say(f"  {line}")
    if outcome.wrong:
        say("  after " + "; ".join(outcome.done))
    for place, count in Counter(wrong.place for wrong in outcome.wrong).items():
        say(f"  {place}: {count}")
    for wrong in outcome.wrong[:SHOWN]:
        say(f"  {wrong}")


def summary(outcomes: list[Outcome], took_s: float) -> dict[str, Any]:
    """Of all rounds together, for the line of JSON."""
    counts = sum((outcome.counts for outcome in outcomes), Counter[str]())
    return {
        "rounds": len(outcomes),
        "seeds": [outcome.seed for outcome in outcomes],
        "workers": outcomes[0].workers,
        "disturbances": sum(len(outcome.done) for outcome in outcomes),
        "wrong": sum(len(outcome.wrong) for outcome in outcomes),
        "wrong_seeds": [outcome.seed for outcome in outcomes if outcome.wrong],
        "seconds": round(took_s),
        **counts,
    }


def main() -> int:
    told, began_s = arguments(), monotonic_s()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # that a killed broker is away is no news here
    try:
        with tempfile.TemporaryDirectory(prefix="callpulse-chaos-") as own:
            folder = told.keep or Path(own)
            folder.mkdir(parents=True, exist_ok=True)
            outcomes = asyncio.run(rounds(told, folder))
    except MissingError as lack:
        say(str(lack))
        return 2
    found = summary(outcomes, monotonic_s() - began_s)
    say(json.dumps(found))
    return int(bool(found["wrong"]))


if __name__ == "__main__":
    sys.exit(main())
