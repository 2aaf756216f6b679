"""The page as a reader sees it: every state with shape and word, names as text, no complaint from the browser."""

import pytest
from msgspec import structs

from callpulse.wallboard.shown import Cell
from tests.wall.conftest import Show
from tests.wall.figures import AT_MS, STATES, Language, word
from tests.wall.site import Site
from tests.wall.walls import CRUEL, WALLS, alert, calm, cruel, many_alerts, no_data, queues, states

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHAPES = {
    "act": "rect", "watch": "path", "blind": "circle", "no_data": "circle", "stale": "circle", "ok": "circle",
    "closed": "rect",
}  # fmt: skip


@pytest.mark.parametrize("name", WALLS)
@pytest.mark.parametrize("language", ["en", "nl"])
async def test_every_board_is_drawn_without_a_complaint_and_fits_its_screen(
    show: Show, name: str, language: Language
) -> None:
    async with Site.open(WALLS[name](language)) as site:
        page = await show(site)
        assert await page.get_attribute("html", "lang") == language
        overflow = await page.evaluate(
            """() => [...document.querySelectorAll('.wall > *, .panel, .queues tbody')].filter(
               (e) => e.getBoundingClientRect().bottom > innerHeight + 1 || e.scrollHeight > e.clientHeight + 2)
               .map((e) => `${e.id || e.tagName} ${e.scrollHeight} ${e.clientHeight}`)"""
        )
        assert overflow == []


@pytest.mark.parametrize("state", STATES)
async def test_a_state_is_a_shape_and_a_word_wherever_it_stands(show: Show, state: str) -> None:
    board = states()
    tiles = tuple(tile for tile in board.tiles if tile.id == state)
    async with Site.open(structs.replace(board, tiles=tiles)) as site:
        page = await show(site)
        for place in ("tbody .row", ".tile", ".counts"):
            badge = page.locator(f"{place} .state.{state}").first
            assert word("en", state) in await badge.inner_text()  # type: ignore[arg-type]
            shape = await badge.locator("svg > *").evaluate("e => [e.tagName, e.getAttribute('stroke-dasharray')]")
            assert shape[0] == SHAPES[state]
            assert bool(shape[1]) == (state in ("blind", "no_data", "stale"))


async def test_a_name_is_text_whatever_it_holds(show: Show) -> None:
    async with Site.open(cruel()) as site:
        page = await show(site)
        names = await page.locator("tbody .queue .name > span").all_text_contents()
        assert names == list(CRUEL)
        assert await page.locator("script:not([type=module])").count() == 0
        assert await page.locator("tbody .queue .name > span").nth(1).get_attribute("dir") == "auto"
        heights = await page.locator("tbody .row").evaluate_all("rows => rows.map((row) => row.clientHeight)")
        assert max(heights) - min(heights) <= 1


async def test_a_queue_of_any_name_changes_leaves_and_comes_back(show: Show) -> None:
    """A name such as `__proto__` is lost where rows are kept in a plain object."""
    async with Site.open(cruel()) as site:
        page = await show(site)
        row = site.wall.rows["__proto__"]
        cell = "tr[data-queue=__proto__] .n"
        site.change(rows={"__proto__": structs.replace(row, n="4711")})
        await page.wait_for_function("(s) => document.querySelector(s).textContent === '4711'", arg=cell)
        others = [name for name in CRUEL if name != "__proto__"]
        site.change(rows={"__proto__": None}, order=others)
        await page.wait_for_selector(cell, state="detached")
        site.change(rows={"__proto__": row}, order=list(CRUEL))
        await page.wait_for_selector(cell)


async def test_the_table_can_be_read_aloud(show: Show) -> None:
    async with Site.open(alert()) as site:
        page = await show(site)
        assert await page.get_by_role("columnheader").count() == 11
        assert await page.get_by_role("rowheader", name="Verkoop").count() == 1
        assert await page.locator("th.state").get_attribute("aria-sort") == "descending"
        assert await page.get_by_role("img", name="0.74, target 0.8").count() == 1


async def test_a_tile_defines_itself_when_it_has_the_focus(show: Show) -> None:
    async with Site.open(calm()) as site:
        page = await show(site)
        await page.keyboard.press("Tab")
        assert await page.locator("#definition").inner_text() == "Answered within 20 s, of all offered"
        changed = structs.replace(site.wall.tiles[0], value=Cell("91"))
        site.change(tiles={"level": changed})
        await page.wait_for_function("() => document.querySelector('.tile .main .figure').textContent === '91'")
        assert await page.evaluate("document.activeElement.dataset.id") == "level"
        assert await page.locator("#definition").is_visible()


async def test_without_data_nothing_looks_like_a_figure(show: Show) -> None:
    async with Site.open(no_data()) as site:
        page = await show(site)
        assert set(await page.locator(".tile .main").all_inner_texts()) == {"–"}
        assert await page.locator(".sentence").count() == 7
        assert await page.locator(".clock time").inner_text() == "–:–:–"


async def test_closed_queues_are_counted_alone_where_there_are_more_queues_than_rows(show: Show) -> None:
    board = queues(9)("en")
    word_ = word("en", "closed")
    shut = {
        name: structs.replace(board.rows[name], state="closed", word=word_, sentence="x") for name in board.order[-3:]
    }
    async with Site.open(structs.replace(board, rows={**board.rows, **shut})) as site:
        page = await show(site)
        assert await page.locator("tbody .row").count() == 6
        assert await page.locator("tbody .row.closed").count() == 0
        called = structs.replace(board.rows[board.order[-1]], state="closed", word=word_)
        site.change(rows={called.queue: called})
        await page.wait_for_selector("tbody .row.closed")
        assert await page.locator("tbody .row").count() == 7
        few = structs.replace(site.wall, rows={n: site.wall.rows[n] for n in board.order[-4:]}, order=board.order[-4:])
        site.wall = few
        site.say_all()
        await page.wait_for_function("() => document.querySelectorAll('tbody .row').length === 4")
        assert await page.locator("tbody .row.closed").count() == 3


async def test_a_closed_queue_keeps_the_picture_of_its_day(show: Show) -> None:
    async with Site.open(WALLS["closed"]("en")) as site:
        page = await show(site)
        assert await page.locator("tbody .row.closed svg.day").count() == 7
        assert "opens Mon 08:00" in await page.locator("tbody .row").first.inner_text()


async def test_a_calm_wall_has_no_hue(show: Show) -> None:
    async with Site.open(calm()) as site:
        page = await show(site)
        assert await page.locator(".act, .watch, .tone-act, .tone-watch").count() == 0


async def test_alerts_keep_their_place_whether_there_are_none_or_five(show: Show) -> None:
    async with Site.open(calm()) as site:
        page = await show(site)
        tiles = await page.locator("#tiles").bounding_box()
        assert "No alerts." in await page.locator("#strip").inner_text()
        site.wall = many_alerts()
        site.say_all()
        await page.wait_for_selector(".line.act")
        assert await page.locator(".line").count() == 2
        assert await page.locator(".line .more").inner_text() == "3 more"
        assert await page.locator("#tiles").bounding_box() == tiles


async def test_beside_an_alert_nothing_says_that_all_is_calm(show: Show) -> None:
    board = alert()
    async with Site.open(structs.replace(board, strip=board.strip[:1])) as site:
        page = await show(site)
        assert await page.locator(".line").count() == 2
        assert "No alerts" not in await page.locator("#strip").inner_text()


async def test_no_action_is_cut(show: Show) -> None:
    async with Site.open(many_alerts("nl")) as site:
        page = await show(site)
        action = page.locator(".line .do").nth(1)
        assert "two" in (await action.get_attribute("class") or "")
        assert await action.evaluate("e => e.scrollHeight <= e.clientHeight + 1")


async def test_a_new_alert_is_said_once_and_an_update_of_it_is_not(show: Show) -> None:
    async with Site.open(calm()) as site:
        page = await show(site)
        first = alert().strip[0]
        await page.evaluate(
            """() => { window.said = []; const alert = document.querySelector('#alert');
               new MutationObserver(() => said.push(alert.innerText)).observe(alert, {childList: true}); }"""
        )
        site.change(strip=[first])
        site.change(strip=[structs.replace(first, fact="10 % in time")])
        await page.wait_for_function("() => document.querySelector('.line .fact')?.textContent.includes('10 %')")
        assert len(await page.evaluate("said")) == 1
        assert "Storing" in await page.locator("#alert").inner_text()


@pytest.mark.parametrize(("query", "theme"), [("", "dark"), ("?theme=light", "light"), ("?theme=auto", "light")])
async def test_the_theme_is_the_one_asked_for(show: Show, query: str, theme: str) -> None:
    async with Site.open(calm()) as site:
        page = await show(site, query, color_scheme="light")
        assert await page.get_attribute("html", "data-theme") == theme


async def test_the_scale_is_the_one_asked_for(show: Show) -> None:
    async with Site.open(calm()) as site:
        one = await (await show(site)).locator(".clock time").evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
        page = await show(site, "?scale=0.8")
        assert await page.locator(".clock time").evaluate(
            "e => parseFloat(getComputedStyle(e).fontSize)"
        ) == pytest.approx(0.8 * one)


async def test_a_new_critical_alert_has_an_outline_for_two_seconds(show: Show) -> None:
    async with Site.open(calm()) as site:
        page = await show(site)
        site.change(strip=alert().strip)
        assert await page.wait_for_selector(".line.act.new")
        assert await page.locator(".line.watch.new").count() == 0
        await page.wait_for_selector(".line.act:not(.new)")


async def test_a_board_that_opens_on_an_alert_does_not_call_it_new(show: Show) -> None:
    async with Site.open(alert()) as site:
        page = await show(site)
        assert await page.locator(".line.new").count() == 0
        assert await page.locator("#alert").inner_text() == ""


async def test_a_board_without_queues_says_so(show: Show) -> None:
    async with Site.open(queues(0)("en")) as site:
        page = await show(site)
        assert await page.locator("tbody").inner_text() == "No queue is known yet."


async def test_paper_shows_every_queue(show: Show) -> None:
    async with Site.open(queues(300)("en")) as site:
        page = await show(site)
        await page.emulate_media(media="print")
        await page.evaluate("dispatchEvent(new Event('beforeprint'))")
        heights = await page.locator("tbody .row").evaluate_all("rows => rows.map((row) => row.clientHeight)")
        assert len(heights) == 300
        assert min(heights) > 10
        await page.emulate_media(media="screen")
        await page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert await page.locator("tbody .row").count() == 8


async def test_a_phone_shows_every_alert(show: Show) -> None:
    async with Site.open(many_alerts()) as site:
        page = await show(site, width=390, height=844)
        assert await page.locator(".line").count() == len(site.wall.strip)


async def test_m_mutes_and_the_header_says_so(show: Show) -> None:
    async with Site.open(calm()) as site:
        page = await show(site)
        await page.keyboard.press("m")
        assert await page.locator(".muted").inner_text() == "muted"
        await page.keyboard.press("m")
        assert await page.locator(".muted").count() == 0


async def test_a_phone_shows_every_queue_in_one_column(show: Show) -> None:
    async with Site.open(queues(300)("en")) as site:
        page = await show(site, width=390, height=844)
        assert await page.locator("tbody .row").count() == 300
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_the_clock_is_the_one_of_the_site_and_moves_with_data_only(show: Show) -> None:
    async with Site.open(calm()) as site:
        page = await show(site)
        assert await page.locator(".clock time").inner_text() == "14:31:40"
        site.change(header=structs.replace(site.wall.header, at_ms=AT_MS + 5000))
        await page.wait_for_function("() => document.querySelector('.clock time').textContent === '14:31:45'")
