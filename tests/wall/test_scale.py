"""A screen with less room than all needs, because it is asked for larger, and one that stands: what gives way, and that
nothing is cut."""

import pytest

from tests.wall.conftest import Show
from tests.wall.figures import Language
from tests.wall.site import Site
from tests.wall.test_room import Made, _overlaps
from tests.wall.walls import alert, calm, no_data, queues

pytestmark = pytest.mark.asyncio(loop_scope="session")

OUTSIDE = """() => [...document.querySelectorAll('.tile .value > *, .row > :not(.day, .waits), .row .name, .counts')]
  .filter((e) => e.checkVisibility()).filter((e) => {
    const [own, around] = [e, e.closest('.tile, .row, .head')].map((each) => each.getBoundingClientRect());
    return own.right > around.right + 1 || own.bottom > around.bottom + 6 || e.scrollWidth > e.clientWidth + 2;
  }).map((e) => e.className + e.textContent)"""
COLUMNS = "() => [...document.querySelectorAll('thead th')].map((each) => each.className)"
ALL = ["state", "queue", "waiting", "longest", "level", "live", "asa", "abandoned", "waits", "free", "day"]
LOWEST = "() => Math.min(...[...document.querySelectorAll('tbody .row')].map((row) => row.offsetHeight))"
OVERLAPPING = """() => [...document.querySelectorAll('.wall > *, .tile, .panel')]
  .map((e) => [e, e.getBoundingClientRect()])
  .flatMap(([a, one], at, all) => all.slice(at + 1).filter(([b, two]) => !a.contains(b) && two.height
    && one.bottom > two.top + 1 && two.bottom > one.top + 1 && one.right > two.left + 1 && two.right > one.left + 1)
    .map(([b]) => `${a.className} ${b.className}`))"""
U = "() => document.querySelector('.head').getBoundingClientRect().left / 1.7"


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("scale", ["0.6", "1.1", "1.2", "1.4", "9"])
@pytest.mark.parametrize("shape", ["wall", "far", "big"])
async def test_whatever_scale_is_asked_for_nothing_is_cut(
    show: Show, shape: str, scale: str, language: Language
) -> None:
    async with Site.open(alert(language), shape=shape) as site:
        page = await show(site, f"?scale={scale}", width=1366, height=768, wait="attached")
        assert await page.evaluate("document.documentElement.scrollHeight") == 768
        assert await page.evaluate(OUTSIDE) == []
        assert await _overlaps(page) == []


async def test_larger_leaves_out_what_counts_least(show: Show) -> None:
    async with Site.open(alert()) as site:
        page = await show(site, "?scale=1.2", width=1366, height=768)
        assert await page.evaluate(COLUMNS) == [each for each in ALL if each != "waits"]
        assert await page.locator(".tile").count() == 4
        assert await page.locator("tbody .row").count() == 7
        await page.set_viewport_size({"width": 1920, "height": 768})
        await page.wait_for_function("() => document.querySelectorAll('.tile').length === 5")
        assert await page.evaluate(COLUMNS) == ALL


@pytest.mark.parametrize(("width", "height"), [(820, 1180), (768, 1024)])
@pytest.mark.parametrize("made", [alert, no_data, calm])
async def test_a_screen_that_stands_is_filled(show: Show, made: Made, width: int, height: int) -> None:
    async with Site.open(made("nl")) as site:
        page = await show(site, width=width, height=height)
        assert await page.locator(".tile:visible").count() == 5
        assert await page.evaluate(OUTSIDE) == []
        assert await page.evaluate(OVERLAPPING) == []
        assert await page.evaluate(LOWEST) >= 5.9 * await page.evaluate(U) - 1
        ends = await page.locator(".interval").evaluate("e => e.getBoundingClientRect().bottom")
        assert height - 20 < ends <= height
        await page.set_viewport_size({"width": height, "height": width})
        await page.wait_for_selector("body:not(.stands)")
        assert await page.evaluate(COLUMNS) == ALL


async def test_on_a_screen_that_stands_one_big_figure_has_three_below_it(show: Show) -> None:
    async with Site.open(alert("nl"), shape="big") as site:
        page = await show(site, width=820, height=1180, wait="attached")
        assert await page.locator(".tile:visible").count() == 4
        widths = await page.locator(".tile:visible").evaluate_all("all => all.map((e) => e.offsetWidth)")
        assert widths[0] > 780
        assert max(widths[1:]) - min(widths[1:]) <= 1
        assert await page.evaluate(OVERLAPPING) == []
        assert await page.evaluate(OUTSIDE) == []


async def test_on_a_screen_that_stands_many_queues_come_by_in_sheets(show: Show) -> None:
    async with Site.open(queues(300)("en")) as site:
        page = await show(site, width=820, height=1180)
        assert await page.evaluate(LOWEST) >= 5.9 * await page.evaluate(U) - 1
        assert "sheet 1 of" in await page.locator("tfoot").inner_text()
        assert await page.evaluate(OUTSIDE) == []
