"""The two rows of the strip: what of several alerts is said, and that its place is used."""

import pytest
from msgspec import structs

from tests.wall.conftest import Show
from tests.wall.site import Site
from tests.wall.test_room import CUT, FACT
from tests.wall.walls import alert, calm, many_alerts

pytestmark = pytest.mark.asyncio(loop_scope="session")
CALM = "No alert stands · last: Verkoop binnendienst 14:02–14:10, " + " · ".join([FACT] * 3)


async def test_an_alert_that_is_over_is_not_one_more(show: Show) -> None:
    board = many_alerts()
    over = structs.replace(board.strip[-1], id="over", state="ok", word="OVER")
    async with Site.open(structs.replace(board, strip=(*board.strip[:3], over))) as site:
        page = await show(site)
        assert await page.locator(".line .more").inner_text() == "1 more"
        site.wall = structs.replace(board, strip=(*board.strip[:2], over))
        site.say_all()
        await page.wait_for_function("() => document.querySelectorAll('.line .more').length === 0")


@pytest.mark.parametrize("role", ["viewer", "supervisor"])
async def test_a_fact_without_an_action_has_the_place_of_both(show: Show, role: str) -> None:
    board = alert()
    without = structs.replace(board.strip[0], action="", fact=FACT, right=board.strip[1].right)
    async with Site.open(structs.replace(board, strip=(without, board.strip[1]))) as site:
        site.role = role
        page = await show(site)
        fact = page.locator(".line .fact").first
        assert await fact.inner_text() == f"Storing {FACT}"
        assert "two" not in (await fact.get_attribute("class") or "")
        assert await page.evaluate(CUT) == []


@pytest.mark.parametrize("shape", ["wall", "far", "big"])
async def test_of_a_long_calm_line_whole_parts_stand(show: Show, shape: str) -> None:
    async with Site.open(structs.replace(calm(), calm=CALM), shape=shape) as site:
        page = await show(site, width=1366, height=768, wait="attached")
        said = page.locator(".line.calm p")
        assert await said.evaluate("e => e.offsetHeight <= e.parentElement.clientHeight")
        text = await said.inner_text()
        assert text == CALM or CALM.startswith(text.removesuffix(" …"))
        assert text.startswith("No alert stands · last: Verkoop")
        assert await said.get_attribute("title") == CALM
