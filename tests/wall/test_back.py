"""Looking back in the page: an interval opens by click and by key, and the focus comes back to where it was."""

import pytest
from axe_playwright_python.async_playwright import Axe
from msgspec import structs
from playwright.async_api import Page

from tests.wall.conftest import Show
from tests.wall.figures import DAY_MS, HALF_MS, queue_row
from tests.wall.site import Site
from tests.wall.walls import CRUEL, alert, calm, wall

pytestmark = pytest.mark.asyncio(loop_scope="session")

STORING = 'tr[data-queue="Storing"] svg.day'


async def _title(page: Page) -> str:
    await page.wait_for_selector("dialog.back[open]")
    return " ".join((await page.locator("#back-title").inner_text()).split())


async def test_a_click_opens_the_interval_below_it(show: Show) -> None:
    async with Site.open(alert()) as site:
        page = await show(site)
        box = await page.locator(STORING).bounding_box()
        assert box is not None
        await page.mouse.click(box["x"] + box["width"] * 2.5 / 20, box["y"] + box["height"] / 2)
        assert await _title(page) == "Storing 09:30–10:00"
        assert site.looked == [("Storing", DAY_MS + 2 * HALF_MS)]
        assert await page.get_by_role("dialog", name="Storing").count() == 1
        assert await page.locator(".back tr.own").inner_text() == "A_T / (A + B + X) this queue's\t75 %\tn 32"
        await page.get_by_role("button", name="Later").click()
        await page.wait_for_function("() => document.querySelector('#back-title').textContent.includes('10:00–10:30')")
        assert await page.evaluate("document.activeElement.className") == "after"
        assert (await Axe().run(page, "dialog")).violations_count == 0


async def test_keys_move_open_and_close_and_the_focus_comes_back(show: Show) -> None:
    async with Site.open(calm()) as site:
        page = await show(site)
        await page.locator(STORING).focus()
        await page.keyboard.press("ArrowLeft")
        assert (await page.locator(STORING).get_attribute("aria-label") or "").startswith("Storing: 82 %")
        assert await page.locator(f"{STORING} .at").count() == 1
        await page.keyboard.press("Enter")
        assert await _title(page) == "Storing 14:00–14:30"
        await page.keyboard.press("ArrowRight")
        await page.wait_for_function("() => document.querySelector('#back-title').textContent.includes('14:30–15:00')")
        assert "provisional" in await page.locator(".back header p").inner_text()
        assert "<b>1795525</b>" in await page.locator(".back").inner_text()
        site.change(rows={"Storing": structs.replace(site.wall.rows["Storing"], n="20")})
        await page.wait_for_function("() => document.querySelector('tr[data-queue=Storing] .n').textContent === '20'")
        await page.keyboard.press("Escape")
        assert await page.locator("dialog.back[open]").count() == 0
        assert await page.evaluate("document.activeElement.closest('tr').dataset.queue") == "Storing"


async def test_a_row_that_is_drawn_anew_keeps_the_focus_on_its_day(show: Show) -> None:
    async with Site.open(calm()) as site:
        page = await show(site)
        await page.locator(STORING).focus()
        await page.keyboard.press("ArrowLeft")
        site.change(rows={"Storing": structs.replace(site.wall.rows["Storing"], n="20")})
        await page.wait_for_function("() => document.querySelector('tr[data-queue=Storing] .n').textContent === '20'")
        assert await page.evaluate("document.activeElement.matches('tr[data-queue=Storing] svg.day')")
        assert await page.locator(f"{STORING} .at").count() == 1


async def test_what_is_no_longer_there_is_said(show: Show) -> None:
    board = calm()
    gone = structs.replace(board.rows["Storing"].day[0], start_ms=DAY_MS - HALF_MS)
    row = structs.replace(board.rows["Storing"], day=(gone,))
    async with Site.open(structs.replace(board, rows={**board.rows, "Storing": row})) as site:
        page = await show(site)
        await page.locator(STORING).focus()
        await page.keyboard.press("Enter")
        assert await _title(page) == "no interval begins then"


@pytest.mark.parametrize("name", [CRUEL[0], CRUEL[1], "__proto__", "a/b?c#d", "%2F\"'"])
async def test_any_queue_can_be_looked_back_at(show: Show, name: str) -> None:
    async with Site.open(wall("en", (queue_row("en", name),))) as site:
        page = await show(site)
        await page.locator("svg.day").first.focus()
        await page.keyboard.press("Enter")
        assert name in await _title(page)
        assert site.looked[0][0] == name


async def test_the_day_of_the_total_opens_too(show: Show) -> None:
    async with Site.open(alert()) as site:
        page = await show(site)
        await page.locator("tfoot svg.day").focus()
        await page.keyboard.press("ArrowLeft")
        site.change(total=structs.replace(site.wall.total, n="85"))
        await page.wait_for_function("() => document.querySelector('tfoot .n').textContent === '85'")
        assert await page.locator("tfoot svg.day .at").count() == 1
        await page.keyboard.press("Enter")
        await _title(page)
        assert site.looked == [("", DAY_MS + 11 * HALF_MS)]
        await page.keyboard.press("Escape")
        assert await page.evaluate("document.activeElement.matches('tfoot svg.day')")


@pytest.mark.parametrize("of", [STORING, "tfoot svg.day"])
async def test_a_tap_opens_it_on_a_phone(show: Show, of: str) -> None:
    async with Site.open(alert()) as site:
        page = await show(site, width=390, height=844, has_touch=True)
        day = page.locator(of)
        await day.scroll_into_view_if_needed()
        box = await day.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        await page.touchscreen.tap(box["x"] + box["width"] * 2.5 / 20, box["y"] + box["height"] / 2)
        await _title(page)
        assert site.looked[0][1] == DAY_MS + 2 * HALF_MS
