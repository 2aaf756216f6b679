"""Callers who come to one queue of a busy board, and when a browser shows each of them."""

import asyncio
import sys
import time
from contextlib import ExitStack

from aiokafka import AIOKafkaProducer
from playwright.async_api import Error, Page

from bench.brokers import PARTITIONS, Ground, ground, inherited
from bench.latency import LINGER_MS
from bench.pacing import Paced
from bench.traffic import queue_names
from callpulse import clock
from callpulse.demo import children
from callpulse.demo.children import free_port
from callpulse.stream.core.events import Enqueued
from callpulse.stream.core.wire import encode
from callpulse.stream.partitioning import partition_of
from tests.wall.browser import chromium

NAME = "wall"
QUEUE = "seen"
EVERY_S = 0.2
WARMUP_S = 3.0
PATIENCE_MS = 60_000
TALL = {"width": 1920, "height": 4000}  # every queue of the board is on its first sheet
LOOK = """(queue) => {
  window.shown = [];
  const look = () => {
    const figure = document.querySelector(`tr[data-queue="${queue}"] td.waiting`);
    const waiting = figure ? parseInt(figure.textContent, 10) || 0 : 0;
    const before = (window.shown.at(-1) || [0])[0];
    if (waiting !== before) window.shown.push([waiting, performance.timeOrigin + performance.now()]);
  };
  new MutationObserver(() => requestAnimationFrame(() => setTimeout(look)))
    .observe(document.body, { childList: true, characterData: true, subtree: true });
}"""


class NeverShownError(Exception):
    """A caller came, and no pixel changed."""


async def pixels(rate: int, queues: int, seconds: float) -> dict[str, float]:
    """`event_to_pixel_p50_ms`, `…_p99_ms`, `…_max_ms`."""
    with ExitStack() as running:
        here = running.enter_context(ground("apache"))
        url = _started(here, running)
        async with (
            AIOKafkaProducer(bootstrap_servers=here.brokers, linger_ms=LINGER_MS) as producer,
            chromium() as browser,
        ):
            page = await browser.new_page(viewport=TALL)  # type: ignore[arg-type]  # a size
            await _opened(page, url)
            others = Paced([name for name in queue_names(queues) if name != QUEUE][: queues - 1], "wall", PARTITIONS)
            background = asyncio.create_task(others.send(producer, f"{NAME}.calls", rate, seconds + WARMUP_S))
            await _come(producer, 0)
            await page.wait_for_selector(f'tr[data-queue="{QUEUE}"]', timeout=PATIENCE_MS)
            await page.evaluate(LOOK, QUEUE)
            await asyncio.sleep(WARMUP_S)  # both processes take their pace
            due = [await _come(producer, number) for number in range(1, round(seconds / EVERY_S) + 1)]
            await background
            await page.wait_for_function("(many) => window.shown.at(-1)?.[0] > many", arg=len(due), timeout=PATIENCE_MS)
            shown: list[tuple[int, float]] = await page.evaluate("window.shown")
    found = sorted(_waits(due, shown))
    return {
        "event_to_pixel_p50_ms": found[len(found) // 2],
        "event_to_pixel_p99_ms": found[int(len(found) * 0.99)],
        "event_to_pixel_max_ms": found[-1],
    }


def _started(here: Ground, running: ExitStack) -> str:
    environment = {**inherited(), **here.environment(NAME), "CALLPULSE_WALLBOARD_PORT": str(free_port())}
    for command in (("worker", "--any-port"), ("wallboard",)):
        argv = [sys.executable, "-m", "callpulse", *command]
        running.callback(
            children.stop, children.start(argv, here.folder / f"{command[0]}.log", environment=environment)
        )
    return f"http://127.0.0.1:{environment['CALLPULSE_WALLBOARD_PORT']}/b/all"


async def _opened(page: Page, url: str) -> None:
    until = time.perf_counter() + PATIENCE_MS / 1000
    while time.perf_counter() < until:
        try:
            await page.goto(url)
        except Error:  # nobody listens there yet
            await asyncio.sleep(0.2)
        else:
            return
    raise NeverShownError(f"no board at {url} within {PATIENCE_MS / 1000:.0f} s")


async def _come(producer: AIOKafkaProducer, number: int) -> float:
    """A caller, every EVERY_S; when (ms)."""
    await asyncio.sleep(EVERY_S)
    at_ms = time.time() * 1000  # as the browser's clock has it
    event = Enqueued(at=clock.now_ms(), queue=QUEUE, contact_id=str(number))
    await producer.send(f"{NAME}.calls", encode(event), key=QUEUE.encode(), partition=partition_of(QUEUE, PARTITIONS))
    return at_ms


def _waits(due: list[float], shown: list[tuple[int, float]]) -> list[float]:
    """Of each caller: from due to the first look that counts him; one came before all of these."""
    found = []
    for number, at_ms in enumerate(due, start=2):
        seen_ms = next((ms for waiting, ms in shown if waiting >= number), None)
        if seen_ms is None:
            raise NeverShownError(f"caller {number} of {len(due)} is on no picture")
        found.append(seen_ms - at_ms)
    return found
