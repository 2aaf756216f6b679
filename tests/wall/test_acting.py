"""Taking and muting alerts from the page: by hand, by key, and only by who may."""

import pytest
from msgspec import structs
from playwright.async_api import Page

from callpulse.wallboard.shown import Silence
from tests.wall.conftest import Show
from tests.wall.site import Site
from tests.wall.walls import alert, calm

pytestmark = pytest.mark.asyncio(loop_scope="session")
SILENCES = (Silence("mute1", "Verkoop muted until 15:00 by Ans"),)


async def supervised(show: Show, site: Site, query: str = "", **options: object) -> Page:
    site.role = "supervisor"
    page = await show(site, query, **options)
    await page.wait_for_selector("body.acts")
    return page


async def said(page: Page) -> str:
    await page.wait_for_selector("#notice:not([hidden])")
    return await page.locator("#notice").inner_text()


async def test_who_only_sees_finds_nothing_to_do(show: Show) -> None:
    async with Site.open(structs.replace(alert(), mutes=SILENCES)) as site:
        page = await show(site)
        await page.keyboard.press("a")
        assert await page.locator("#strip button").count() == 0
        assert site.posted == []


@pytest.mark.parametrize("language", ["en", "nl"])
async def test_a_takes_the_worst_that_nobody_has_and_it_shows_when_it_is_so(show: Show, language: str) -> None:
    board = alert(language)  # type: ignore[arg-type]
    async with Site.open(board) as site:
        page = await supervised(show, site)
        await page.keyboard.press("a")
        sent = board.words["sent"]
        await page.wait_for_function("(sent) => document.querySelector('#notice').textContent === sent", arg=sent)
        origin = site.url.removesuffix("/b/desk")
        assert site.posted == [(f"/api/alerts/service/ack?lang={language}", {}, origin)]
        assert await page.locator("[data-do='take service']").count() == 1
        first, second = board.strip
        site.change(strip=[first, structs.replace(second, right=("taken: Ans 14:32",), can_take=False)])
        await page.wait_for_selector("#notice", state="hidden")
        assert await page.locator("[data-do='take service']").count() == 0
        await page.keyboard.press("a")
        assert await said(page) == board.words["nothing_to_take"]
        assert len(site.posted) == 1


async def test_a_button_takes_and_keeps_its_focus_when_the_board_changes(show: Show) -> None:
    async with Site.open(alert()) as site:
        page = await supervised(show, site)
        button = page.get_by_role("button", name="Take: Service")
        await button.focus()
        site.change(strip=[alert().strip[0], structs.replace(alert().strip[1], fact="10 % in time")])
        await page.wait_for_function("() => document.querySelector('#strip').innerText.includes('10 % in time')")
        assert await page.evaluate("document.activeElement.dataset.do") == "take service"
        await page.keyboard.press("Enter")
        await said(page)
        assert [path for path, _, _ in site.posted] == ["/api/alerts/service/ack?lang=en"]


async def test_a_click_is_not_lost_when_the_board_changes_under_it(show: Show) -> None:
    async with Site.open(alert()) as site:
        page = await supervised(show, site)
        await page.locator("[data-do='take service']").hover()
        await page.mouse.down()
        site.change(strip=[alert().strip[0], structs.replace(alert().strip[1], fact="10 % in time")], calm="changed")
        site.change(header=structs.replace(site.wall.header, age="changed"))
        await page.wait_for_function("() => document.querySelector('.age').textContent === 'changed'")
        await page.mouse.up()
        await said(page)
        assert len(site.posted) == 1
        await page.wait_for_function("() => document.querySelector('#strip').innerText.includes('10 % in time')")


async def test_a_mute_has_a_choice_of_durations(show: Show) -> None:
    async with Site.open(structs.replace(alert(), mutes=SILENCES)) as site:
        page = await supervised(show, site)
        await page.get_by_role("button", name="Mute: Storing").click()
        choices = await page.locator("dialog button").all_inner_texts()
        assert choices == [
            "15 minutes", "1 hour", "the rest of the day", "Speak again: Verkoop muted until 15:00 by Ans", "Cancel",
        ]  # fmt: skip
        await page.keyboard.press("a")
        await page.keyboard.press("Escape")
        await page.wait_for_selector("dialog", state="detached")
        assert site.posted == []
        for button, body in (("15 minutes", "15m"), ("1 hour", "1h"), ("the rest of the day", "day")):
            await page.get_by_role("button", name="Mute: Storing").click()
            await page.get_by_role("button", name=button).click()
            await page.wait_for_function("() => !document.querySelector('#notice').hidden")
            await page.wait_for_function("() => !document.querySelector('#notice').textContent.includes('sending')")
            assert site.posted[-1][:2] == ("/api/alerts/storing/mute?lang=en", {"for": body})
        site.change(mutes=[*SILENCES, Silence("sent1234", "Storing muted until 15:00 by Ans")])
        await page.wait_for_selector("#notice", state="hidden")


async def test_a_mute_can_be_ended_under_a_calm_board(show: Show) -> None:
    async with Site.open(structs.replace(calm(), mutes=SILENCES)) as site:
        page = await supervised(show, site)
        await page.get_by_role("button", name="Speak again").click()
        await said(page)
        assert site.posted[0][:2] == ("/api/mutes/mute1/unmute?lang=en", {})
        site.change(mutes=[])
        await page.wait_for_selector("#notice", state="hidden")
        assert await page.locator("#strip button").count() == 0


async def test_that_nothing_was_done_is_said_in_the_servers_words(show: Show) -> None:
    async with Site.open(alert()) as site:
        site.answer = (503, "Kafka does not answer: nothing has been done. <b>\n")
        page = await supervised(show, site)
        await page.keyboard.press("a")
        await page.wait_for_function("() => document.querySelector('#notice').textContent.includes('Kafka')")
        assert await said(page) == "Kafka does not answer: nothing has been done. <b>"
        assert await page.locator("[data-do='take service']").count() == 1


async def test_on_a_phone_a_finger_finds_the_buttons(show: Show) -> None:
    async with Site.open(structs.replace(alert(), mutes=SILENCES)) as site:
        page = await supervised(show, site, width=390, height=844)
        await page.get_by_role("button", name="Mute: Storing").click()
        heights = await page.locator("button").evaluate_all("all => all.map((e) => e.getBoundingClientRect().height)")
        assert len(heights) == 3 + 5 + 3
        assert min(heights) >= 44
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("over", [False, True])
async def test_an_alert_that_vanishes_was_not_seen_to_be_taken_save_that_it_is_over(show: Show, over: bool) -> None:
    board = alert()
    first, second = board.strip
    async with Site.open(board) as site:
        page = await supervised(show, site)
        await page.keyboard.press("a")
        await page.wait_for_function(
            "(sent) => document.querySelector('#notice').textContent === sent", arg=board.words["sent"]
        )
        ended = structs.replace(second, state="ok", word="OVER", can_take=False, can_mute=False)
        site.change(strip=[first, ended] if over else [first])
        await page.wait_for_selector("[data-do='take service']", state="detached")
        assert await page.locator("#notice").is_visible() is not over
