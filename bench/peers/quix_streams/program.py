"""Quix Streams: a tumbling window reduced to four counters, told as it is after every event (`.current()`)."""

from pathlib import Path
from typing import Any

from quixstreams import Application

from bench.peers.job import KINDS, WINDOW_MS, Job, answer, asked, began, counters, over


def start(event: dict[str, Any]) -> dict[str, int]:
    return counters(event["type"])


def add(counts: dict[str, int], event: dict[str, Any]) -> dict[str, int]:
    counts[event["type"]] += 1
    return counts


def serve(job: Job) -> None:
    """Count all events, then stop."""
    app = Application(
        broker_address=job.brokers,
        consumer_group=job.name,
        auto_offset_reset="earliest",
        state_dir=Path(job.folder) / "state",
        loglevel="ERROR",
    )
    events = app.dataframe(app.topic(job.topic, key_deserializer="str", value_deserializer="json"))
    windows = events.tumbling_window(duration_ms=WINDOW_MS).reduce(reducer=add, initializer=start).current()
    latest: dict[tuple[str, int], dict[str, int]] = {}
    told = 0

    def tell(window: dict[str, Any], queue: str, *_: Any) -> None:
        nonlocal told
        if not told:
            began()
        told += 1
        latest[queue, window["start"]] = window["value"]
        if told == job.events:
            over()

    windows.update(tell, metadata=True)
    app.run(count=job.events, collect=False)
    answer(job, [(queue, at, [counts[kind] for kind in KINDS]) for (queue, at), counts in latest.items()])


if __name__ == "__main__":
    serve(asked())
