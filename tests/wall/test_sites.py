"""An overview of sites in a browser: each leads to its own board, and nothing is shown of one that is not known."""

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from msgspec import structs

from tests.wall.conftest import Show
from tests.wall.site import Site
from tests.wall.sited import sites, sites_at_night
from tests.wall.test_accessible import CONTRAST, _said
from tests.wall.walls import CRUEL

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXTS = "(of) => [...document.querySelectorAll(of)].map((each) => each.textContent)"
FOCUSED = "() => document.activeElement.textContent"
OVERLAPS = """() => [...document.querySelectorAll('.ticks')].filter((ticks) => {
  const boxes = [...ticks.children].map((each) => each.getBoundingClientRect());
  return boxes.some((box, at) => at && box.left < boxes[at - 1].right);
}).length"""


async def test_a_site_leads_to_its_board_by_pointer_and_by_key(show: Show) -> None:
    async with Site.open(sites(), shape="sites") as site:
        page = await show(site, "?lang=en")
        names = await page.evaluate(TEXTS, "tbody .row .name > :first-child")
        assert names[:3] == ["Den Haag", "Rotterdam", "Maastricht"]
        link = page.get_by_role("link", name="Den Haag")
        assert await link.get_attribute("href") == "/b/team?lang=en"
        for _ in range(6):  # five tiles, then the sites
            await page.keyboard.press("Tab")
        assert await page.evaluate(FOCUSED) == "Den Haag"
        assert await page.get_by_role("link", name=CRUEL[0]).count() == 1
        assert await page.locator("tbody svg.day[role=button]").count() == 0
        assert await page.evaluate(OVERLAPS) == 0


async def test_who_has_gone_to_a_site_stays_there_when_it_changes_and_moves(show: Show) -> None:
    async with Site.open(sites(), shape="sites") as site:
        page = await show(site)
        await page.get_by_role("link", name="Den Haag").focus()
        wall = site.wall
        row = structs.replace(wall.rows["Den Haag"], target="7 queues")
        site.change(rows={"Den Haag": row}, order=[*wall.order[1:3], wall.order[0], *wall.order[3:]])
        await page.wait_for_function("() => document.querySelector('tbody .row').dataset.queue === 'Rotterdam'")
        await page.wait_for_function("() => document.body.textContent.includes('7 queues')")
        await page.wait_for_function(f"({FOCUSED})() === 'Den Haag'")


async def test_when_nothing_is_heard_no_last_value_is_left_and_the_way_on_is(show: Show) -> None:
    async with Site.open(sites(), shape="sites", cadence_ms=100, ttl_ms=400) as site:
        page = await show(site)
        site.silent = True
        await page.wait_for_selector("body.unknown")
        assert await page.locator("tbody .figure").count() == 0
        assert await page.get_by_role("link", name="Rotterdam").get_attribute("href") == "/b/team"


async def test_on_a_phone_each_is_a_card_with_its_alerts(show: Show) -> None:
    async with Site.open(sites("nl"), shape="sites") as site:
        page = await show(site, width=390, height=844)
        first = page.locator("tbody .row").first
        assert await first.locator("td.alerts").inner_text() == "2"
        assert await first.locator("td:visible").count() == 7  # as on any card, and alerts
        box = await page.get_by_role("link", name="Den Haag").bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("theme", "width"), [("dark", 1920), ("light", 1920), ("light", 390)])
@pytest.mark.parametrize("made", [sites, sites_at_night])
async def test_axe_finds_nothing(show: Show, made: Any, theme: str, width: int) -> None:
    async with Site.open(made("nl"), shape="sites") as site:
        page = await show(site, f"?theme={theme}", width)
        found = (await Axe().run(page, options=CONTRAST)).response
        assert [_said(each) for each in found["violations"]] == []
