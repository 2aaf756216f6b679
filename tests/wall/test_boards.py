"""Boards of another shape, and boards that take turns."""

import pytest
from msgspec import structs

from callpulse.wallboard.shown import Wall
from tests.wall.conftest import Show
from tests.wall.site import Site
from tests.wall.test_time import TONES
from tests.wall.walls import alert, calm

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVERY_MS = 250
TURNS = {"name": "desk", "title": "In turn", "boards": ["one", "two"], "every_ms": EVERY_MS}
TITLE = "(text) => document.querySelector('h1')?.textContent.includes(text)"
HIDDEN = """() => [...document.querySelectorAll('.line:first-child .do, .line:first-child .fact')]
  .filter((e) => e.checkVisibility() && (e.scrollHeight > e.clientHeight + 2 || e.scrollWidth > e.clientWidth + 2)
    && getComputedStyle(e).display !== 'inline').map((e) => `${e.className} ${e.textContent}`)"""


def _taken(wall: Wall, *, by_somebody: bool) -> Wall:
    return structs.replace(wall, strip=tuple(structs.replace(line, can_take=not by_somebody) for line in wall.strip))


@pytest.mark.parametrize("shape", ["far", "big"])
@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_a_shape_shows_what_it_shows_whole(show: Show, shape: str, theme: str) -> None:
    async with Site.open(alert("nl"), shape=shape) as site:
        page = await show(site, f"?theme={theme}", wait="attached")
        assert await page.evaluate(HIDDEN) == []
        assert await page.locator(".line:visible").count() == 1
        assert await page.locator(".tile:visible").count() == {"far": 3, "big": 4}[shape]
        assert await page.locator("tbody .row:visible").count() == {"far": 5, "big": 0}[shape]
        below = "() => [...document.querySelectorAll('.wall > *')].map((e) => e.getBoundingClientRect().bottom)"
        assert max(await page.evaluate(below)) <= 1080


async def test_on_a_phone_every_shape_is_the_one_column(show: Show) -> None:
    async with Site.open(alert(), shape="big") as site:
        page = await show(site, width=390, height=844, wait="attached")
        assert await page.locator("tbody .row:visible").count() == 7


async def test_boards_take_turns_and_each_says_which_it_is(show: Show) -> None:
    async with Site.open(calm()) as site:
        site.boards = [TURNS]
        page = await show(site)
        await page.wait_for_function(TITLE, arg="board 1 of 2")
        await page.wait_for_function(TITLE, arg="board 2 of 2")
        await page.wait_for_function(TITLE, arg="board 1 of 2")
        assert {"one", "two"} <= set(site.asked)


async def test_a_board_with_a_critical_alert_that_nobody_has_stays(show: Show) -> None:
    async with Site.open(alert()) as site:
        site.boards = [TURNS]
        site.wall = _taken(site.wall, by_somebody=False)
        page = await show(site)
        await page.wait_for_function(TITLE, arg="board 1 of 2")
        await page.wait_for_timeout(4 * EVERY_MS)  # turns that are not taken
        assert set(site.asked) == {"one"}
        site.wall = _taken(site.wall, by_somebody=True)
        site.say_all()
        await page.wait_for_function(TITLE, arg="board 2 of 2")


async def test_a_new_critical_alert_of_a_board_that_was_not_on_show_sounds_once(show: Show) -> None:
    async with Site.open(calm()) as site:
        site.boards = [TURNS]
        page = await show(site, init=TONES)
        await page.keyboard.press("Shift")
        for place in ("board 1 of 2", "board 2 of 2", "board 1 of 2"):
            await page.wait_for_function(TITLE, arg=place)
        site.wall = _taken(alert(), by_somebody=True)
        await page.wait_for_selector(".line.act.new")
        asked = len(site.asked)
        while len(site.asked) < asked + 3:
            await page.wait_for_timeout(EVERY_MS)
        assert await page.evaluate("tones") == 1


async def test_a_list_of_boards_that_fails_is_asked_for_until_it_comes(show: Show) -> None:
    async with Site.open(calm()) as site:
        site.boards, site.instead = [TURNS], ["503"]
        page = await show(site)
        await page.wait_for_function(TITLE, arg="board 2 of 2")
        assert "desk" not in site.asked


async def test_the_list_is_asked_for_with_longer_pauses_over_whatever_comes_instead(show: Show) -> None:
    """A refusal, an answer that is none: each time the page waits for longer."""
    async with Site.open(calm(), cadence_ms=600_000, ttl_ms=600_000) as site:
        site.boards, site.instead = [TURNS], ["503", "no JSON", "503"]
        page = await show(site, wait="hidden", own_clock=True)
        for asked, least_ms, most_ms in ((1, 500, 1_500), (2, 1_000, 3_000), (3, 2_000, 6_000)):
            while site.listed < asked:
                await page.wait_for_timeout(20)
            await page.wait_for_timeout(200)  # the page has its answer
            await page.clock.run_for(least_ms - 50)
            await page.wait_for_timeout(200)
            assert site.listed == asked
            await page.clock.run_for(most_ms - least_ms + 100)
        await page.wait_for_function(TITLE, arg="board 1 of 2")
        assert site.asked == ["one"]


async def test_no_board_turns_under_an_open_dialog(show: Show) -> None:
    async with Site.open(calm()) as site:
        site.boards = [TURNS]
        page = await show(site)
        await page.locator("tbody svg.day").first.focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector("dialog.back[open]")
        before = len(site.asked)
        await page.wait_for_timeout(4 * EVERY_MS)  # turns that are not taken
        assert len(site.asked) == before
        await page.keyboard.press("Escape")
        place = await page.locator("h1").inner_text()
        await page.wait_for_function("(before) => document.querySelector('h1').innerText !== before", arg=place)


async def test_another_shape_asks_anew_whether_a_label_fits(show: Show) -> None:
    async with Site.open(alert()) as site:
        page = await show(site, wait="attached")
        await page.evaluate("document.querySelector('.tile .label').dataset.drawn = 'before'")
        site.shape = "far"
        site.say_all()
        await page.wait_for_selector("body[data-shape=far]")
        await page.wait_for_selector("[data-drawn]", state="detached")
