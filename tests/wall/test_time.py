"""What the page does by itself as time goes by: waits that count on, silence that it notices, rows that move."""

import pytest
from msgspec import structs
from playwright.async_api import Page

from callpulse.wallboard.shown import Cell, Line
from tests.wall.conftest import Show
from tests.wall.figures import AT_MS
from tests.wall.site import Site
from tests.wall.walls import alert, calm, late, queues, stale

pytestmark = pytest.mark.asyncio(loop_scope="session")
INK = "(of) => getComputedStyle(document.querySelector(of)).color"

LONGEST = ".tile[data-id=waiting] .partner .figure"


async def _names(page: Page) -> list[str]:
    return await page.locator("tbody .queue .name > span").all_text_contents()


async def _until(page: Page, selector: str, text: str) -> None:
    await page.wait_for_function("([s, t]) => document.querySelector(s)?.textContent.includes(t)", arg=[selector, text])


async def test_a_wait_counts_on_by_the_clock_of_the_server(show: Show) -> None:
    async with Site.open(alert()) as site:
        page = await show(site)
        await page.clock.install(time=0)  # this machine's clock is wrong: 1970
        before = await page.locator(LONGEST).inner_text()
        assert before.startswith("3:2")
        await page.wait_for_function("([s, t]) => document.querySelector(s).textContent > t", arg=[LONGEST, before])


async def test_a_wait_stands_still_when_the_data_is_old(show: Show) -> None:
    async with Site.open(alert()) as site:
        page = await show(site)
        assert await page.evaluate("document.querySelectorAll('.tile [data-start], .row [data-start]').length") == 2
        shown = structs.replace(site.wall.tiles[3], partner=Cell("3:20", start_ms=AT_MS - 200_000))
        site.change(header=stale().header, tiles={"waiting": shown})
        await page.wait_for_selector(".clock.stale")
        assert await page.locator(LONGEST).inner_text() == "3:20"
        assert await page.locator(".clock .age [data-shape=watch]").count() == 1
        written = await page.evaluate(
            """async (s) => { let changes = 0; new MutationObserver(() => changes += 1)
               .observe(document.querySelector(s), {childList: true, characterData: true, subtree: true});
               await new Promise((done) => setTimeout(done, 1200)); return changes; }""",
            LONGEST,
        )
        assert written == 0


async def test_the_longest_time_in_a_state_counts_on_too(show: Show) -> None:
    async with Site.open(alert()) as site:
        page = await show(site)
        longest = ".people li:nth-child(5) .figure"
        await page.wait_for_function("(s) => document.querySelector(s).textContent > '0:10'", arg=longest)
        assert (await page.locator(".people li").nth(4).locator("small").inner_text()).startswith("max 0:1")


async def test_a_figure_that_is_stale_is_grey(show: Show) -> None:
    async with Site.open(stale()) as site:
        page = await show(site)
        greys = [await page.evaluate(INK, of) for of in (".tile.stale .value", ".row.stale .level", ".labels")]
        assert len(set(greys)) == 1
        assert greys[0] != await page.evaluate(INK, "h1")


async def test_silence_is_said_and_then_nothing_is_left_standing_and_a_word_from_the_server_mends_it(
    show: Show,
) -> None:
    async with Site.open(alert(), cadence_ms=150, ttl_ms=900) as site:
        page = await show(site)
        site.silent = True
        await _until(page, ".line.lost", "DISCONNECTED")
        assert "since 14:31:" in await page.locator(".line.lost").inner_text()
        assert "trying again" in await page.locator(".line.lost").inner_text()
        assert await page.locator(".line").count() == 2
        assert "data 2 s old" in await page.locator(".clock.stale").inner_text()
        assert await page.locator(".state.ok, .tile.ok, .row.ok").count() == 0
        assert "3 STALE" in await page.locator(".counts").inner_text()
        assert await page.locator(".tile.stale .old").count() == 2
        assert "silent since 14:31:" in await page.locator(".tile.act .old").first.inner_text()
        assert await page.locator(".row.act, .row.watch, .tile.act, .tile.watch").count() == 5
        await page.wait_for_selector("body.unknown")
        assert set(await page.locator(".tile .main").all_inner_texts()) == {"–"}
        assert "NO DATA since 14:31:" in await page.locator("tbody .row .sentence").first.inner_text()
        assert await page.locator(".tile:not(.no_data), .row:not(.no_data):not(.closed), .spark").count() == 0
        assert "Storing" not in await page.locator("#strip").inner_text()
        counts = await page.locator(".counts .state").all_inner_texts()
        await page.keyboard.press("m")
        await page.wait_for_selector(".muted")
        assert await page.locator(".counts .state").all_inner_texts() == counts == ["6 NO DATA", "1 CLOSED"]
        async with page.expect_download() as coming:
            await page.keyboard.press("s")
        assert ">74<" not in (await (await coming.value).path()).read_text(encoding="utf-8")
        site.silent = False
        await page.wait_for_selector(".line.lost", state="detached")
        assert await page.locator("body.unknown").count() == 0
        assert await page.locator(".tile .main .figure").first.inner_text() == "74"
        assert "Storing" in await page.locator(".line.act").inner_text()


async def test_the_age_of_what_stands_there_goes_on_while_nothing_is_heard(show: Show) -> None:
    async with Site.open(calm(), cadence_ms=600_000, ttl_ms=60_000_000) as site:
        page = await show(site, own_clock=True)
        site.silent = True
        await page.clock.fast_forward(1_200_000)
        await _until(page, ".clock.stale", "data 20 min old")
        await page.clock.fast_forward(60_000)
        await _until(page, ".clock.stale", "data 21 min old")
        assert set(await page.locator(".tile .state").all_inner_texts()) == {"STALE"}


async def test_a_closed_queue_that_is_called_says_since_when_nothing_was_heard(show: Show) -> None:
    async with Site.open(late(), cadence_ms=150, ttl_ms=60_000_000) as site:
        page = await show(site)
        site.silent = True
        await _until(page, ".line.lost", "DISCONNECTED")
        assert "silent since 14:3" in await page.locator("tr[data-queue=Storing] .queue").inner_text()
        assert "silent since 14:3" in await page.locator("tr.total .queue").inner_text()
        told = await page.locator("tr.row:not(.total) .queue", has_text="silent since").count()
        assert told == 1  # the others have no figures that could be old


async def test_a_line_that_was_refused_is_opened_again(show: Show) -> None:
    async with Site.open(calm(), cadence_ms=150) as site:
        page = await show(site)
        site.refuses = True
        site.hang_up()
        await _until(page, ".line.lost", "DISCONNECTED")
        await site.refused.wait()  # the browser itself does not try again after this
        site.refuses = False
        await page.wait_for_selector(".line.lost", state="detached", timeout=60_000)


async def test_a_newer_page_is_loaded_when_the_server_has_one(show: Show) -> None:
    async with Site.open(calm()) as site:
        page = await show(site)
        site.version = "2"
        async with page.expect_navigation():
            site.say_all()
        await page.wait_for_selector("tfoot .row")


async def test_rows_move_to_their_new_places(show: Show) -> None:
    async with Site.open(calm()) as site:
        page = await show(site)
        order = [site.wall.order[-1], *site.wall.order[:-1]]
        site.change(order=order)
        await page.wait_for_function("() => document.getAnimations().length > 0")
        await page.wait_for_function("() => document.getAnimations().length === 0")
        assert await _names(page) == order


async def test_who_wants_no_motion_sees_none(show: Show) -> None:
    async with Site.open(calm()) as site:
        page = await show(site, reduced_motion="reduce")
        await page.evaluate(
            """() => { const animate = Element.prototype.animate; window.moved = 0;
               Element.prototype.animate = function (...how) { moved += 1; return animate.apply(this, how); }; }"""
        )
        order = list(reversed(site.wall.order))
        site.change(order=order)
        await _until(page, "tbody .row .name", order[0])
        assert await _names(page) == order
        assert await page.evaluate("moved") == 0


async def test_the_last_of_quick_orders_is_the_one_that_stands(show: Show) -> None:
    async with Site.open(calm()) as site:
        page = await show(site)
        first, *rest = site.wall.order
        for order in ([*rest, first], list(reversed(site.wall.order)), [*rest[1:], first, rest[0]]):
            site.change(order=order)
        await page.wait_for_function(
            """(order) => document.getAnimations().length === 0 && order.join() ===
               [...document.querySelectorAll('tbody .row')].map((row) => row.dataset.queue).join()""",
            arg=[*rest[1:], first, rest[0]],
        )


async def test_a_queue_that_is_gone_leaves_and_a_new_one_comes(show: Show) -> None:
    async with Site.open(calm()) as site:
        page = await show(site)
        new = structs.replace(site.wall.rows["Storing"], queue="New", name="New")
        order = [name for name in site.wall.order if name != "Storing"] + ["New"]
        site.change(rows={"Storing": None, "New": new}, order=order)
        await _until(page, "tbody", "New")
        assert await _names(page) == order


async def test_a_queue_that_leaves_while_rows_move_does_not_come_back(show: Show) -> None:
    async with Site.open(calm()) as site:
        page = await show(site)
        order = list(reversed(site.wall.order))
        site.change(order=order)
        await page.wait_for_function("() => document.getAnimations().length > 0")
        site.change(rows={order[0]: None}, order=order[1:])
        await page.wait_for_function(
            "(gone) => !document.querySelector('tbody').innerText.includes(gone)", arg=order[0]
        )
        moving = "async () => { await new Promise((done) => setTimeout(done, 900)); }"  # two moves would fit in
        await page.evaluate(moving)
        assert await _names(page) == order[1:]


async def test_more_queues_than_fit_come_by_in_sheets_and_the_worst_stay(show: Show) -> None:
    async with Site.open(queues(300)("en"), cadence_ms=600_000, ttl_ms=600_000) as site:
        page = await show(site, own_clock=True)
        first = await _names(page)
        assert len(first) == 8
        await page.clock.fast_forward(11_000)
        assert "sheet 1 of 60" in await page.locator("tfoot .name").inner_text()
        await page.clock.fast_forward(1_100)
        assert "sheet 2 of 60" in await page.locator("tfoot .name").inner_text()
        second = await _names(page)
        assert second[:3] == first[:3] == ["Storing", "Service", "Facturen"]
        assert second[3:] == [f"Queue {at}" for at in range(8, 13)]


async def test_no_sheet_is_turned_just_after_a_change_of_state(show: Show) -> None:
    async with Site.open(queues(300)("en"), cadence_ms=600_000, ttl_ms=600_000) as site:
        page = await show(site, own_clock=True)
        await page.clock.fast_forward(11_000)
        site.change(rows={"Queue 3": structs.replace(site.wall.rows["Queue 3"], state="watch", word="WATCH")})
        await page.wait_for_selector("tbody .row.watch:nth-child(4)")
        await page.clock.fast_forward(1_100)
        assert "sheet 1 of" in await page.locator("tfoot .name").inner_text()
        await page.clock.fast_forward(2_000)
        assert "sheet 2 of" in await page.locator("tfoot .name").inner_text()


TONES = """window.tones = 0; window.AudioContext = class { currentTime = 0; destination = {};
  createOscillator() { return { frequency: {}, connect: (to) => to, start() { window.tones += 1; }, stop() {} }; }
  createGain() { return { gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} }, connect: (to) => to }; }
};"""


async def test_a_new_critical_alert_sounds_once_and_m_is_for_silence_until_the_next(show: Show) -> None:
    critical, warning = alert().strip

    async def tones(strip: list[Line]) -> int:
        site.change(strip=strip)
        await page.wait_for_function(
            "(n) => document.querySelectorAll('.line[data-id]').length === n", arg=min(2, len(strip))
        )
        found: int = await page.evaluate("tones")
        return found

    async with Site.open(calm()) as site:
        page = await show(site, init=TONES)
        again = [structs.replace(critical, id=f"new-{at}") for at in range(3)]
        assert await tones([again[0]]) == 0  # nobody has touched the page yet
        await page.keyboard.press("Shift")
        assert await tones([again[0], warning]) == 0
        assert await tones([]) == 0
        assert await tones([critical]) == 1
        assert await tones([structs.replace(critical, fact="10 %"), warning]) == 1
        await page.keyboard.press("m")
        assert await page.locator(".muted").count() == 1
        assert await tones([again[1]]) == 1
        assert await page.locator(".muted").count() == 0
        assert await tones([again[1], again[2]]) == 2


async def test_a_warning_that_becomes_critical_sounds_and_is_said(show: Show) -> None:
    critical, warning = alert().strip
    async with Site.open(structs.replace(calm(), strip=(warning,))) as site:
        page = await show(site, init=TONES)
        await page.keyboard.press("Shift")
        worse = structs.replace(warning, state="act", word="ACT")
        site.change(strip=[worse])
        await page.wait_for_selector(".line.act.new")
        assert await page.evaluate("tones") == 1
        assert "ACT · Service" in (await page.locator("#alert").text_content() or "")
        site.change(strip=[critical, warning])
        await page.wait_for_selector(".line.watch")
        assert await page.evaluate("tones") == 2
        site.change(strip=[structs.replace(worse, fact="10 %")])
        await page.wait_for_selector(".line.watch", state="detached")
        assert await page.evaluate("tones") == 3
