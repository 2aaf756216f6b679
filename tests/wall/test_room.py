"""What a screen has room for: nothing is cut in the middle, nothing scrolls by itself, a phone shows what counts."""

import itertools
from collections.abc import Callable

import pytest
from msgspec import structs
from playwright.async_api import Page, expect

from callpulse.wallboard.shown import Wall
from tests.wall.centre import centre
from tests.wall.conftest import Show
from tests.wall.figures import Language
from tests.wall.site import Site
from tests.wall.walls import alert, calm, closed, no_data, queues

pytestmark = pytest.mark.asyncio(loop_scope="session")

ADVICE = (
    "With 4 agents the service level settles at 45 %. With 2 more: 78 %. Abandonment 12 % → 5 %. Answered in time in a "
    "row, needed to bring this interval back: 12. The target of this interval is lost in about 12 min if nothing "
    "changes."
)
FACT = (
    "Service level (15 minutes): 12 % (target 80 %) · agents missing · 4 of 9 agents lost 14:14, on top of a long break"
)
Made = Callable[[Language], Wall]
CUT = """() => [...document.querySelectorAll('.line .do, .line .fact')].filter((e) => e.checkVisibility()
  && (e.scrollHeight > e.clientHeight + parseFloat(getComputedStyle(e).fontSize) / 2
    || e.offsetHeight > e.parentElement.clientHeight + 4 || e.scrollWidth > e.clientWidth + 1))
  .map((e) => e.textContent)"""


def _advised(action: str) -> Wall:
    board = alert()
    return structs.replace(board, strip=(structs.replace(board.strip[0], action=action, fact=FACT), board.strip[1]))


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1600, 900), (1280, 720)])
async def test_a_wall_is_as_high_as_its_screen(show: Show, width: int, height: int) -> None:
    async with Site.open(alert()) as site:
        page = await show(site, width=width, height=height)
        assert await page.evaluate("document.documentElement.scrollHeight") == height


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1080, 1920), (1920, 4000)])
async def test_queues_that_come_one_by_one_are_shown_like_those_that_were_there(
    show: Show, width: int, height: int
) -> None:
    later = queues(6)()
    async with Site.open(queues(1)()) as site:
        page = await show(site, width=width, height=height)
        site.change(rows=dict(later.rows), order=list(later.order))
        await expect(page.locator("tbody .row")).to_have_count(6, timeout=20_000)
        site.change(rows=dict.fromkeys(later.order[1:]), order=list(later.order[:1]))
        await expect(page.locator("tbody .row")).to_have_count(1, timeout=20_000)


@pytest.mark.parametrize("role", ["viewer", "supervisor"])
@pytest.mark.parametrize("shape", ["wall", "far", "big"])
async def test_of_long_advice_whole_sentences_stand_and_the_title_has_all(show: Show, role: str, shape: str) -> None:
    async with Site.open(_advised(ADVICE), shape=shape) as site:
        site.role = role
        page = await show(site, width=1600, height=900, wait="attached")
        await page.wait_for_selector(".line .do.two")
        assert await page.evaluate(CUT) == []
        action = page.locator(".line .do").first
        shown = (await action.inner_text()).removeprefix("→ ").removesuffix(" …")
        assert shown.endswith(".")
        assert ADVICE.startswith(shown)
        assert await action.get_attribute("title") == ADVICE


@pytest.mark.parametrize("made", [alert, no_data, closed])
async def test_from_afar_a_row_without_figures_says_its_sentence_whole(show: Show, made: Made) -> None:
    async with Site.open(made("nl"), shape="far") as site:
        page = await show(site, width=1600, height=900)
        cut = "all => all.some((e) => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 9)"
        assert await page.locator("tbody .sentence").count() > 0
        assert await page.locator("tbody .sentence").evaluate_all(cut) is False


async def test_advice_that_fits_stands_whole(show: Show) -> None:
    async with Site.open(_advised("With 2 more: 78 %. Abandonment 12 % → 5 %.")) as site:
        page = await show(site, width=1600, height=900)
        assert "…" not in await page.locator(".line .do").first.inner_text()


@pytest.mark.parametrize("shape", ["wall", "far", "big"])
async def test_a_fact_that_fits_in_its_lines_stands_whole(show: Show, shape: str) -> None:
    async with Site.open(alert(), shape=shape) as site:
        page = await show(site, wait="attached")
        assert await page.locator(".line .fact").first.inner_text() == f"Storing {site.wall.strip[0].fact}"


async def test_one_endless_sentence_is_smaller_and_whole(show: Show) -> None:
    endless = "Move the break of those who answer for Verkoop, Spoed and Facturen to a quarter past three, " * 3
    async with Site.open(_advised(endless)) as site:
        page = await show(site, width=1600, height=900)
        assert await page.locator(".line .do.three").count() == 1
        assert await page.evaluate(CUT) == []


async def _overlaps(page: Page) -> list[str]:
    return await page.evaluate(
        """() => [...document.querySelectorAll('.row')].flatMap((row) => { const cells = [...row.children]
             .filter((e) => e.checkVisibility()).map((e) => [e.className, e.getBoundingClientRect()]);
             return cells.flatMap(([a, one], at) => cells.slice(at + 1).filter(([, two]) => one.right > two.left + 1
               && two.right > one.left + 1 && one.bottom > two.top + 1 && two.bottom > one.top + 1)
               .map(([b]) => a + b)); })"""
    )  # type: ignore[no-any-return]


async def test_a_phone_shows_the_states_and_who_hung_up(show: Show) -> None:
    async with Site.open(alert("nl")) as site:
        page = await show(site, width=390, height=844)
        counts = await page.locator("#header .counts:visible .state").all_inner_texts()
        assert counts == ["1 ACTIE", "1 LET OP", "1 GEEN DATA", "3 OK", "1 GESLOTEN"]
        storing = page.locator("tr[data-queue=Storing]")
        assert await storing.locator("td.abandoned:visible").inner_text() == "47"
        assert await storing.locator("td.level .n:visible").inner_text() == "17"
        assert await _overlaps(page) == []


async def test_on_a_phone_a_sentence_has_the_whole_width(show: Show) -> None:
    async with Site.open(closed()) as site:
        page = await show(site, width=390, height=844)
        widths = await page.locator("tbody .row").evaluate_all(
            "rows => rows.map((row) => row.querySelector('.sentence').offsetWidth / row.clientWidth)"
        )
        assert min(widths) > 0.9
        assert await _overlaps(page) == []


async def test_no_two_ticks_of_a_day_overprint(show: Show) -> None:
    async with Site.open(centre()) as site:
        page = await show(site)
        for axis in ("th.day .ticks span", ".chart-ticks span"):
            boxes = await page.locator(axis).evaluate_all(
                "all => all.map((e) => e.getBoundingClientRect()).map((box) => [box.left, box.right])"
            )
            assert len(boxes) > 3
            assert all(left[1] < right[0] for left, right in itertools.pairwise(boxes))


async def test_a_definition_goes_with_the_pointer_and_by_escape(show: Show) -> None:
    async with Site.open(calm()) as site:
        page = await show(site)
        shown = page.locator("#definition")
        await page.locator(".tile").first.hover()
        await shown.wait_for(state="visible")
        await page.mouse.click(100, 300)
        await page.mouse.move(960, 950)
        await shown.wait_for(state="hidden")
        await page.locator(".tile").first.hover()
        await shown.wait_for(state="visible")
        await page.keyboard.press("Escape")
        await shown.wait_for(state="hidden")
        await page.mouse.move(960, 950)
        await page.locator(".tile").first.hover()
        await shown.wait_for(state="visible")
        site.wall = structs.replace(site.wall, tiles=site.wall.tiles[1:])
        site.say_all()  # the tile under the pointer is gone
        await shown.wait_for(state="hidden")


async def test_a_definition_that_was_tapped_for_goes_by_another_tap_anywhere_and_by_itself(show: Show) -> None:
    async with Site.open(calm(), cadence_ms=600_000, ttl_ms=600_000) as site:
        page = await show(site, width=390, height=844, has_touch=True, own_clock=True)
        shown, tile = page.locator("#definition"), page.locator(".tile").first
        for away in (tile, page.locator("h1")):
            await tile.tap()
            await shown.wait_for(state="visible")
            await away.tap()
            await shown.wait_for(state="hidden")
        await tile.tap()
        await shown.wait_for(state="visible")
        await page.clock.fast_forward(10_000)
        await shown.wait_for(state="hidden")


LETTERS = """names => names.map((name) => {
  const range = document.createRange(); range.selectNodeContents(name);
  const box = range.getBoundingClientRect(), pen = document.createElement('canvas').getContext('2d');
  pen.font = getComputedStyle(name).font;
  const ink = pen.measureText('bgq');
  const lowest = box.bottom - ink.fontBoundingBoxDescent + ink.actualBoundingBoxDescent;
  return lowest - name.getBoundingClientRect().bottom; })"""


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1366, 768)])
@pytest.mark.parametrize("shape", ["wall", "far"])
async def test_a_name_keeps_what_reaches_below_its_line(show: Show, shape: str, width: int, height: int) -> None:
    async with Site.open(alert(), shape=shape) as site:
        page = await show(site, width=width, height=height)
        assert max(await page.locator("tbody .row .name").evaluate_all(LETTERS)) <= 0


async def test_a_figure_keeps_its_name_on_a_phone_and_gives_up_the_window_first(show: Show) -> None:
    async with Site.open(calm()) as site:
        page = await show(site, width=390, height=844)
        assert await page.locator(".tile .label").first.inner_text() == "Service level"
