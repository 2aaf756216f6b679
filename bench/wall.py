"""The wall: from an event to a changed pixel, what a page costs its browser, what many browsers cost the server.

`event_to_pixel_…`: a caller comes to a queue; from the moment the event is due to be handed to the Kafka producer until
the frame after the page's own change of that figure. They hold producer, broker, worker, Redis, wallboard and browser,
which all share this machine; other queues have `--rate` events a second meanwhile.

`update_…`: time in the page's own handler of a change, on a board of 200 queues of which 20 changed; `long_tasks`:
tasks of more than 50 ms meanwhile; `heap_growth`: of the page, after a collection, between the first and the last
quarter of its updates, as a share. `hour_…`: the same board for `--minutes` of a clock that the measurement puts
forward: four updates a second, alerts that come and go, all of the board each minute; what the page holds after a
collection at the end of each minute, the last quarter of them against the third. `page_kb`: all of the page as it
travels; `first_paint_s`: until it says something.

`readers_…`: browsers that are sockets, half of which read nothing after the first; a change at each look at Redis;
`fast_reader_p99_ms`: from Redis's clock at that look until a browser that reads has the change.
"""

import asyncio
from collections import defaultdict

import click

from bench.figures import Aim, finish, load, outcome, say
from bench.wall_hour import hour
from bench.wall_page import page
from bench.wall_pixels import pixels
from bench.wall_readers import readers

NAME = "wall"
AIMS = (
    Aim("event_to_pixel_p99_ms", "<=", 1000),
    Aim("update_p99_ms", "<=", 16),
    Aim("long_tasks", "<=", 0),
    Aim("heap_growth", "<=", 0.05),
    Aim("hour_heap_growth", "<=", 0.02),
    Aim("hour_nodes_growth", "<=", 0.02),
    Aim("page_kb", "<=", 60),
    Aim("first_paint_s", "<=", 1),
    Aim("readers_cores", "<=", 0.5),
    Aim("readers_mb", "<=", 300),
    Aim("fast_reader_p99_ms", "<=", 1000),
)


@click.command()
@click.option("--rate", default=2000, show_default=True, help="Events a second, of all queues.")
@click.option("--queues", default=50, show_default=True, help="On the board whose pixels are looked at.")
@click.option("--seconds", default=20.0, show_default=True, help="Of each round and part.")
@click.option(
    "--updates", default=6000, show_default=True, help="Of the board of 200 queues: ten minutes at ten a second."
)
@click.option(
    "--minutes", type=click.IntRange(min=4), default=60, show_default=True, help="Played for the page's memory."
)
@click.option("--browsers", default=1000, show_default=True)
@click.option("--rounds", default=3, show_default=True)
def wall(rate: int, queues: int, seconds: float, updates: int, minutes: int, browsers: int, rounds: int) -> None:
    """Measure the wall."""
    figures: defaultdict[str, list[float]] = defaultdict(list)
    loads = []
    for number in range(1, rounds + 1):
        loads.append(load())
        for part in (pixels(rate, queues, seconds), page(updates), hour(minutes), readers(browsers, seconds)):
            found = asyncio.run(part)
            say(f"round {number}: " + ", ".join(f"{name} {value:,.4g}" for name, value in found.items()))
            for name, value in found.items():
                figures[name].append(value)
    asked = {
        "rate": rate,
        "queues": queues,
        "seconds": seconds,
        "updates": updates,
        "minutes": minutes,
        "browsers": browsers,
    }
    finish(outcome(NAME, {**asked, "rounds": rounds}, figures, AIMS, {"load_before_each_round": loads}))


if __name__ == "__main__":
    wall()
