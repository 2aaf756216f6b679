"""The logo of a board in a browser: it stands in the header, keeps its shape, and nothing in it acts."""

import pytest
from axe_playwright_python.async_playwright import Axe

from tests.pictures import BAD_SVG, png
from tests.wall.conftest import Show
from tests.wall.site import Site
from tests.wall.test_accessible import CONTRAST, _said
from tests.wall.walls import alert, cruel

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOADED = "() => document.querySelector('.logo')?.naturalWidth > 0"
SIZE = "() => ['width', 'height'].map((side) => document.querySelector('.logo').getBoundingClientRect()[side])"


@pytest.mark.parametrize(("width", "height", "most"), [(1920, 1080, 58), (3840, 2160, 117), (390, 844, 30)])
async def test_it_stands_in_the_header_and_keeps_its_shape(show: Show, width: int, height: int, most: float) -> None:
    async with Site.open(cruel()) as site:
        site.logo = png(60, 20)
        page = await show(site, width=width, height=height)
        await page.wait_for_function(LOADED)
        assert await page.get_by_role("img", name="Acme Bank").count() == 1
        drawn = await page.evaluate(SIZE)
        assert drawn[1] <= most
        assert drawn[0] / drawn[1] == pytest.approx(3, rel=0.05)
        assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


async def test_it_is_loaded_once_however_often_the_header_changes(show: Show) -> None:
    async with Site.open(alert()) as site:
        site.logo = png()
        page = await show(site)
        await page.wait_for_function(LOADED)
        await page.evaluate("() => { document.querySelector('.logo').seen = true; }")
        site.say_all()
        site.change(header={"title": "Another"})
        await page.wait_for_function("() => document.querySelector('h1').textContent.includes('Another')")
        assert await page.evaluate("() => document.querySelector('.logo').seen")


async def test_without_one_there_is_nothing(show: Show) -> None:
    async with Site.open(alert()) as site:
        page = await show(site)
        assert await page.locator(".head img").count() == 0


async def test_no_script_in_it_runs_on_the_board_nor_when_it_is_opened(show: Show) -> None:
    async with Site.open(alert()) as site:
        site.logo = BAD_SVG
        page = await show(site)
        await page.wait_for_function(LOADED)
        found = (await Axe().run(page, options=CONTRAST)).response
        assert [_said(each) for each in found["violations"]] == []
        listed = site.listed
        opened = await page.context.new_page()
        await opened.goto(site.url.replace("/b/desk", "/logos/desk"))
        await opened.wait_for_selector("circle")
        assert (await opened.title(), site.listed) == ("", listed)
        assert "acted" not in await page.title()
