"""An hour of a board of 200 queues, as fast as its page takes it: what stays in the page's memory."""

from random import Random
from statistics import median
from typing import Any

from msgspec import structs
from playwright.async_api import CDPSession, Page

from bench.wall_page import QUEUES, SCREEN, change
from callpulse.wallboard.shown import Header
from tests.wall.browser import chromium
from tests.wall.desk import lines, over
from tests.wall.figures import AT_MS
from tests.wall.site import Site
from tests.wall.walls import queues

A_SECOND = 4  # updates: the wallboard gathers for a quarter of a second
COUNTED = """() => {
  window.taken = 0;
  const add = EventSource.prototype.addEventListener;
  EventSource.prototype.addEventListener = function (name, act, ...more) {
    return add.call(this, name, (event) => { act(event); if (name !== 'error') window.taken += 1; }, ...more);
  };
}"""


class _Hurried(Site):
    """Its clock is that of the hour that is played."""

    passed_ms = 0

    @property
    def now_ms(self) -> int:
        return AT_MS + self.passed_ms


async def hour(minutes: int) -> dict[str, float]:
    """`hour_heap_mb`: held after a collection, the median of the last quarter; `hour_heap_growth`: that one against the
    third quarter, as a share; `hour_nodes_growth`: of the elements and texts of the page likewise."""
    async with _Hurried.open(queues(QUEUES)("en"), cadence_ms=600_000, ttl_ms=600_000) as site, chromium() as browser:
        shown = await browser.new_page(viewport=SCREEN)  # type: ignore[arg-type]  # a size
        await shown.add_init_script(f"({COUNTED})()")
        await shown.clock.install(time=0)
        await shown.clock.pause_at(1_000)
        await shown.goto(site.url)
        await shown.wait_for_selector("tfoot .row")
        devtools = await shown.context.new_cdp_session(shown)
        await devtools.send("Performance.enable")
        chance, found = Random(1), []
        for minute in range(minutes):
            await _minute(shown, site, minute, chance)
            found.append(await _kept(devtools))
    third, last = (found[minutes * at // 4 : minutes * (at + 1) // 4] for at in (2, 3))
    heap, nodes = ([median(each[at] for each in quarter) for quarter in (third, last)] for at in (0, 1))
    return {
        "hour_heap_mb": heap[1] / 1e6,
        "hour_heap_growth": heap[1] / heap[0] - 1,
        "hour_nodes_growth": nodes[1] / nodes[0] - 1,
    }


async def _minute(shown: Page, site: _Hurried, minute: int, chance: Random) -> None:
    """Its updates second by second, and all of the board at its end."""
    taken = await shown.evaluate("window.taken")
    for second in range(60):
        for _ in range(A_SECOND):
            site.passed_ms += 1000 // A_SECOND
            site.change(**change(site.wall, chance), **_around(site, minute, second))
        taken += A_SECOND
        await shown.wait_for_function("(many) => window.taken >= many", arg=taken, polling=5)
        await shown.clock.run_for(1000)
    site.say_all()
    await shown.wait_for_function("(many) => window.taken >= many", arg=taken + 1, polling=5)


def _around(site: _Hurried, minute: int, second: int) -> dict[str, Any]:
    """The clock; alerts that come, change and go, each with an id of its own."""
    header: Header = structs.replace(site.wall.header, at_ms=site.now_ms)
    critical, warning = lines("en")
    strip = {
        0: (),
        1: (structs.replace(warning, id=f"w{minute}"),),
        2: (structs.replace(critical, id=f"c{minute}"), structs.replace(warning, id=f"w{minute}")),
        3: (structs.replace(over("en"), id=f"w{minute}"),),
    }[second // 15]
    return {"header": header, "strip": strip, "people": site.wall.people, "interval": site.wall.interval}


async def _kept(devtools: CDPSession) -> tuple[float, float]:
    """Bytes and nodes that are held when all that can go has gone."""
    await devtools.send("HeapProfiler.collectGarbage")
    metrics = (await devtools.send("Performance.getMetrics"))["metrics"]
    found = {each["name"]: float(each["value"]) for each in metrics}
    return found["JSHeapUsedSize"], found["Nodes"]
