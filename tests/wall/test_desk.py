"""The supervisor's board in a browser: which queue is chosen, by hand or by key, and what is not known."""

import time
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe

from tests.wall.conftest import Show
from tests.wall.figures import Language
from tests.wall.site import Site
from tests.wall.test_accessible import CONTRAST, _said
from tests.wall.walls import CRUEL, alert, cruel, no_data, queues

pytestmark = pytest.mark.asyncio(loop_scope="session")

CHOSEN = ".desk-list [aria-selected=true] .name"
NAME = ".desk-head h2 b"
TOLD = "(name) => document.querySelector('.desk-head h2 b')?.textContent === name"
SIZE = "(of) => parseFloat(getComputedStyle(document.querySelector(of)).fontSize)"
SECOND = "(name) => document.querySelectorAll('.desk-list .name')[1].textContent.startsWith(name)"
LISTEN = """() => {
  window.said = [];
  const heard = () => window.said.push(document.querySelector('#desk .sentence')?.textContent ?? 'figures');
  new MutationObserver(heard).observe(document.querySelectorAll('#desk .desk-column')[1], { childList: true });
}"""
NARROW = """() => [...document.querySelectorAll('.row .sentence')].filter((each) => each.clientWidth < 300)
  .map((each) => each.textContent)"""
OUTSIDE = """() => [...document.querySelectorAll('.desk-panel, .desk .scrolls')].filter((e) => {
  const box = e.getBoundingClientRect();
  return box.bottom > innerHeight + 1 || box.right > innerWidth + 1 || e.scrollWidth > e.clientWidth + 1;
}).map((e) => e.className)"""


async def opened(show: Show, site: Site, query: str = "", **size: int) -> Any:
    page = await show(site, query, wait="attached", **size)
    await page.wait_for_selector(".desk-head .value")
    return page


async def test_the_worst_is_shown_until_another_is_chosen_by_click_or_key(show: Show) -> None:
    async with Site.open(alert(), shape="desk") as site:
        page = await opened(show, site)
        assert await page.inner_text(CHOSEN) == await page.inner_text(NAME) == "Storing"
        await page.get_by_role("option", name="Verkoop").click()
        await page.wait_for_function(TOLD, arg="Verkoop")
        await page.locator(".desk-list").press("ArrowDown")
        await page.wait_for_function(TOLD, arg="Verhuizing, opzegging en klachten (Zuid)")
        await page.locator(".desk-list").press("End")
        await page.wait_for_function(TOLD, arg="Zakelijk")
        assert await page.evaluate("() => document.activeElement.getAttribute('role')") == "listbox"
        await page.locator(".desk-list").press("Escape")
        await page.wait_for_function(TOLD, arg="Storing")


async def test_what_was_chosen_stays_for_as_long_as_it_exists(show: Show) -> None:
    async with Site.open(alert(), shape="desk") as site:
        page = await opened(show, site)
        await page.get_by_role("option", name="Spoed").click()
        await page.wait_for_function(TOLD, arg="Spoed")
        site.change(order=["Service", "Spoed", "Storing", "Verkoop"])
        await page.wait_for_function("() => document.querySelector('.desk-list .name').textContent === 'Service'")
        assert await page.inner_text(CHOSEN) == "Spoed"
        site.change(rows={"Spoed": None}, order=["Service", "Storing", "Verkoop"])
        await page.wait_for_function(TOLD, arg="Service")


async def test_it_counts_on_and_shows_the_ledger_the_contacts_and_the_agents(show: Show) -> None:
    async with Site.open(alert(), shape="desk") as site:
        page = await opened(show, site)
        counting = page.locator(".agents tbody tr:first-child [data-start]")
        before = await counting.inner_text()
        await page.wait_for_function(
            "(was) => document.querySelector('.agents tbody [data-start]').textContent !== was", arg=before
        )
        assert await page.locator(".intervals tbody tr").count() == 14
        assert await page.locator(".worst tbody tr").count() == 10
        assert await page.locator(".happened tbody tr").count() == 2
        assert await page.locator(".desk-day svg.day .bar").count() == 13
        assert await page.locator(".desk-day .chart-ticks").inner_text() != ""
        assert await page.evaluate(SIZE, ".agents td") >= 15
        assert await page.evaluate(SIZE, ".desk-head .value") >= 34


@pytest.mark.parametrize(
    ("width", "height"), [(1920, 1080), (1366, 768), (1280, 720), (1024, 768), (820, 1180), (3840, 2160)]
)
@pytest.mark.parametrize("language", ["en", "nl"])
async def test_nothing_leaves_its_panel_nor_scrolls_sideways(
    show: Show, language: Language, width: int, height: int
) -> None:
    async with Site.open(alert(language), shape="desk") as site:
        page = await opened(show, site, width=width, height=height)
        assert await page.evaluate(OUTSIDE) == []


async def test_names_are_text_and_three_hundred_queues_have_a_place(show: Show) -> None:
    async with Site.open(cruel(), shape="desk") as site:
        page = await opened(show, site)
        assert await page.inner_text(NAME) == CRUEL[0]
        assert await page.evaluate(OUTSIDE) == []
    async with Site.open(queues(300)("en"), shape="desk") as site:
        page = await opened(show, site)
        assert await page.locator(".desk-list li").count() == 300
        assert await page.evaluate(OUTSIDE) == []


async def test_when_nothing_is_heard_no_last_value_is_left(show: Show) -> None:
    async with Site.open(alert(), shape="desk", cadence_ms=100, ttl_ms=400) as site:
        page = await opened(show, site)
        site.silent = True
        await page.wait_for_selector("body.unknown")
        assert await page.locator("#desk :is(table, dl)").count() == 0
        assert "NO DATA" in await page.inner_text("#desk .sentence")
        site.silent = False
        await page.wait_for_selector(".desk-head .value")


async def test_an_answer_that_does_not_come_is_no_data(show: Show) -> None:
    async with Site.open(alert(), shape="desk") as site:
        page = await opened(show, site)
        site.near_status = 503
        site.change(order=list(site.wall.order))
        await page.wait_for_selector("#desk .sentence")
        assert await page.locator("#desk :is(table, dl)").count() == 0


async def test_a_queue_that_is_not_answered_for_is_asked_for_once_a_second_and_stays_no_data(show: Show) -> None:
    async with Site.open(alert(), shape="desk") as site:
        page = await opened(show, site)
        site.near_status = 503
        site.change(order=list(site.wall.order))
        await page.wait_for_selector("#desk .sentence")
        await page.evaluate(LISTEN)
        before, began = len(site.near), time.monotonic()
        for at in range(12):
            order = sorted(site.wall.order, reverse=bool(at % 2))
            site.change(order=["Storing", *(each for each in order if each != "Storing")])
            await page.wait_for_function(SECOND, arg=next(each for each in order if each != "Storing"))
        questions, seconds = len(site.near) - before, time.monotonic() - began
        said = await page.evaluate("() => window.said")
        assert questions <= 1 + seconds
        assert len(said) >= 12
        assert all(each.startswith("NO DATA") for each in said)
        site.near_status = 200
        site.change(order=list(site.wall.order))
        await page.wait_for_selector(".desk-head .value")


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("made", [alert, no_data])
async def test_axe_finds_nothing(show: Show, made: Any, theme: str) -> None:
    async with Site.open(made("nl"), shape="desk") as site:
        site.role = "supervisor"
        page = await opened(show, site, f"?theme={theme}")
        found = (await Axe().run(page, options=CONTRAST)).response
        assert [_said(each) for each in found["violations"]] == []


async def test_on_a_phone_it_is_the_one_column_and_on_paper_it_is_whole(show: Show) -> None:
    async with Site.open(alert(), shape="desk") as site:
        page = await show(site, width=390, height=844)
        assert await page.locator("tbody .row:visible").count() == 7
        assert not await page.locator("#desk").is_visible()
        assert await page.evaluate(NARROW) == []
        site.change(header={"title": "Another"})
        await page.wait_for_function("() => document.querySelector('h1').textContent.includes('Another')")
        await page.evaluate("() => fetch('/api/me')")
        assert site.near == []
        await page.set_viewport_size({"width": 1920, "height": 1080})
        site.say_all()
        await page.wait_for_selector(".desk-head .value")
        await page.emulate_media(media="print")
        await page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
        assert await page.locator(".intervals tbody tr:visible").count() == 14
        assert await page.locator("#table tbody .row:visible").count() == 7
