"""What a board of 200 queues costs its browser."""

import gzip
from random import Random

from msgspec import structs
from playwright.async_api import CDPSession, Page

from callpulse.wallboard.shown import Cell, Row, Wall
from tests.wall.browser import chromium
from tests.wall.site import STATIC, Site
from tests.wall.walls import queues

QUEUES, CHANGED = 200, 20
SCREEN = {"width": 1920, "height": 1080}
TIMED = """() => {
  window.took = []; window.long = 0;
  new PerformanceObserver((list) => { window.long += list.getEntries().length; }).observe({ type: 'longtask' });
  const add = EventSource.prototype.addEventListener;
  EventSource.prototype.addEventListener = function (name, act, ...more) {
    return add.call(this, name, name !== 'change' ? act : (event) => {
      const began = performance.now();
      act(event);
      window.took.push(performance.now() - began);
    }, ...more);
  };
}"""
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
USED = "performance.getEntriesByType('resource').map((each) => new URL(each.name).pathname.split('/').pop())"


async def page(updates: int) -> dict[str, float]:
    """`update_p50_ms`, `update_p99_ms`, `update_max_ms`, `long_tasks`, `heap_growth`, `page_kb`, `first_paint_s`."""
    async with Site.open(queues(QUEUES)("en")) as site, chromium() as browser:
        shown = await browser.new_page(viewport=SCREEN)  # type: ignore[arg-type]  # a size
        await shown.add_init_script(f"({TIMED})()")
        await shown.goto(site.url)
        await shown.wait_for_selector("tfoot .row")
        await shown.wait_for_function(f"() => {PAINTED} > 0")
        devtools = await shown.context.new_cdp_session(shown)
        await shown.evaluate("window.long = 0")  # what the first picture took is no update
        heaps = [await _updated(shown, devtools, site, quarter, updates // 4) for quarter in range(4)]
        took = sorted(await shown.evaluate("window.took"))
        names = set(await shown.evaluate(USED))
        return {
            "update_p50_ms": took[len(took) // 2],
            "update_p99_ms": took[int(len(took) * 0.99)],
            "update_max_ms": took[-1],
            "long_tasks": float(await shown.evaluate("window.long")),
            "heap_growth": heaps[-1] / heaps[0] - 1,
            "page_kb": _compressed(names | {"wall.html"}) / 1000,
            "first_paint_s": await shown.evaluate(PAINTED) / 1000,
        }


async def _updated(shown: Page, devtools: CDPSession, site: Site, quarter: int, updates: int) -> float:
    """So many updates taken; the heap of the page afterwards (bytes)."""
    chance, taken = Random(quarter), len(await shown.evaluate("window.took"))
    for number in range(updates):
        site.change(**change(site.wall, chance))
        await shown.wait_for_function("(many) => window.took.length >= many", arg=taken + number + 1)
    await devtools.send("HeapProfiler.collectGarbage")
    return float((await devtools.send("Runtime.getHeapUsage"))["usedSize"])


def change(wall: Wall, chance: Random) -> dict[str, object]:
    """What a busy second brings: some rows, the tiles, the total, and now and then another order."""
    names = chance.sample([name for name, row in wall.rows.items() if row.cells], CHANGED)
    tiles = {each.id: structs.replace(each, value=Cell(str(chance.randrange(100)))) for each in wall.tiles}
    found: dict[str, object] = {"rows": {name: _row(wall.rows[name], chance) for name in names}, "tiles": tiles}
    if not chance.randrange(300):
        found["order"] = chance.sample(wall.order, len(wall.order))
    return {**found, "total": _row(wall.total, chance)}


def _row(row: Row, chance: Random) -> Row:
    return structs.replace(row, cells={name: Cell(str(chance.randrange(100))) for name in row.cells})


def _compressed(names: set[str]) -> int:
    return sum(len(gzip.compress((STATIC / name).read_bytes())) for name in names if (STATIC / name).is_file())
