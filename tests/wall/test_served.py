"""The page as the wallboard itself serves it: pressed events, a key, an alert taken, all in a real browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Route

from callpulse.alerts.core.stored import Command
from callpulse.current.alerts import Alert, Alerts
from callpulse.current.connection import connect
from callpulse.current.parts import Interval, Parts
from callpulse.settings import Settings
from callpulse.settings.boards import Board
from callpulse.settings.wallboard import Token, Wallboard
from callpulse.wallboard.app import app_of
from callpulse.wallboard.hub import Hub
from callpulse.wallboard.watching import Message
from tests.core.readings import AT, picture, reading

pytestmark = pytest.mark.asyncio(loop_scope="session")
KEY = "the-key-of-a-supervisor"
ALERTS = Alerts(rows={"alert:sales": Alert(queue="sales", severity="critical", onset_ms=AT, id="1" * 32)})


@asynccontextmanager
async def served(sent: list[Command], **settings: object) -> AsyncIterator[tuple[str, Hub]]:
    redis = connect("redis://127.0.0.1:1/0")
    boards = settings.pop("boards", {})
    hub = Hub(Settings(wallboard=Wallboard(**settings), boards=boards), redis)  # type: ignore[arg-type]

    async def ask(command: Command) -> None:
        sent.append(command)

    async with TestServer(app_of(hub, "me", ask)) as server:
        await hub.show(picture({"sales": reading(0.1), "<script>alert(1)</script>": reading(0.9)}, alerts=ALERTS))
        yield f"http://127.0.0.1:{server.port}", hub
    await redis.aclose()


async def test_a_change_is_seen_at_once_though_it_comes_pressed(browser: Browser) -> None:
    async with served([]) as (url, hub):
        page = await browser.new_page()
        await page.goto(f"{url}/b/all")
        await page.wait_for_selector("tbody .row")
        await hub.show(picture({"sales": reading(0.42)}, alerts=ALERTS))
        await page.wait_for_function("() => document.querySelector('tbody').innerText.includes('42')", timeout=2000)
        assert await page.locator("script:not([type=module])").count() == 0
        await page.close()


async def test_a_link_with_a_key_leads_to_a_board_on_which_alerts_can_be_taken(browser: Browser) -> None:
    sent: list[Command] = []
    async with served(sent, tokens={"ann": Token(key=KEY, role="supervisor")}) as (url, _):
        context = await browser.new_context(locale="nl-NL")
        page = await context.new_page()
        await page.goto(f"{url}/b/all")
        assert await page.locator("h1").inner_text() == "Wie bent u?"
        assert (await Axe().run(page)).response["violations"] == []
        await page.get_by_label("Sleutel").fill(KEY)
        await page.keyboard.press("Enter")
        await page.wait_for_selector("body.acts")
        assert page.url == f"{url}/b/all"
        assert await page.evaluate("document.cookie") == ""
        await page.keyboard.press("a")
        await page.wait_for_function("() => document.querySelector('#notice').textContent.startsWith('sent;')")
        assert [(command.kind, command.by, command.alert) for command in sent] == [("ack", "ann", "1" * 32)]
        await context.clear_cookies()
        await page.keyboard.press("a")
        await page.wait_for_function(
            "() => document.querySelector('#notice').textContent.startsWith('This board is for')"
        )
        await page.goto(f"{url}/b/all?key={KEY}")
        await page.wait_for_selector("body.acts")
        assert page.url == f"{url}/b/all"
        await context.close()


async def _evil(_: web.Request) -> web.Response:
    return web.Response(text="evil", content_type="text/html")


async def test_a_page_of_another_house_can_neither_read_nor_act(browser: Browser) -> None:
    sent: list[Command] = []
    evil = web.Application()
    evil.router.add_get("/", _evil)
    async with served(sent) as (url, _), TestServer(evil) as other:
        page = await browser.new_page()
        await page.goto(str(other.make_url("/")))
        tried = await page.evaluate(
            """async (url) => {
              const tries = [];
              const path = `${url}/api/alerts/${'1'.repeat(32)}/ack`;
              for (const [where, options] of [
                [`${url}/api/boards/all`, {}],
                [path, {method: 'POST', body: '{}', credentials: 'include'}],
                [path, {method: 'POST', body: '{}', headers: {'X-Callpulse': 'page'}}],
                [path, {method: 'POST', body: '{}', mode: 'no-cors'}],
              ]) tries.push(await fetch(where, options).then((r) => r.type, () => 'refused'));
              const form = document.createElement('form');
              Object.assign(form, {method: 'post', action: path, enctype: 'text/plain'});
              form.append(Object.assign(document.createElement('input'), {name: '{"why":"', value: '"}'}));
              document.body.append(form);
              form.submit();
              return tries;
            }""",
            url,
        )
        assert tried == ["refused", "refused", "refused", "opaque"]
        await page.wait_for_url(f"{url}/**")
        assert "Nothing has been done." in await page.locator("body").inner_text()
        assert sent == []
        await page.close()


async def test_the_list_shows_what_each_board_says_now_and_no_last_value(browser: Browser) -> None:
    boards = {"all": Board(title="<b>Everybody</b>"), "one": Board(queue="sales"), "hall": Board(rotate=("one", "all"))}
    async with served([], boards=boards) as (url, hub):
        page = await browser.new_page()
        await page.clock.install()
        await page.goto(f"{url}/")
        await page.wait_for_function("() => document.querySelectorAll('a .state').length >= 3")
        everybody, one, hall = await page.locator("a").all_inner_texts()
        assert everybody.startswith("<b>Everybody</b>")
        assert "1 ACT" in everybody
        assert "1 OK" in everybody
        assert "Service level 10 %" in one
        assert "sales → <b>Everybody</b>" in hall
        hub._states.clear()  # as before anything was read
        hub.walls.clear()
        await page.clock.run_for(6000)
        await page.wait_for_function("() => document.querySelectorAll('a [data-shape=no_data]').length === 2")
        assert "10 %" not in await page.locator("main").inner_text()


async def test_a_preview_that_hangs_is_no_last_value_and_is_not_asked_for_again_meanwhile(browser: Browser) -> None:
    boards = {"all": Board(title="Everybody"), "hall": Board(rotate=("all",))}
    hung: list[Route] = []
    async with served([], boards=boards) as (url, _):
        page = await browser.new_page()
        await page.clock.install()
        await page.goto(f"{url}/")
        await page.wait_for_selector("a .state.act")
        await page.evaluate("AbortSignal.timeout = () => (window.limit = new AbortController()).signal")

        async def hang(route: Route) -> None:
            hung.append(route)

        await page.route("**/api/previews", hang)
        for _ in range(3):
            await page.clock.run_for(6000)
        assert len(hung) == 1
        await page.evaluate("limit.abort()")
        await page.wait_for_selector("a [data-shape=no_data]")
        await page.unroute_all(behavior="ignoreErrors")
        await page.close()


class _End(Message):
    @property
    def framed(self) -> bytes:
        raise ConnectionResetError

    @property
    def pressed(self) -> bytes:
        raise ConnectionResetError


async def test_a_board_that_is_gone_has_a_page_that_says_so(browser: Browser) -> None:
    boards = {"all": Board(), "one": Board(queue="sales")}
    async with served([], boards=boards) as (url, hub):
        page = await browser.new_page()
        await page.goto(f"{url}/b/one")
        await page.wait_for_selector("tbody .row")
        del hub.boards["one"]
        await page.evaluate("document.body.dataset.old = ''")
        for watcher in hub.audience.watchers:
            watcher.inbox.put_nowait(_End("", "", b""))
        await page.wait_for_selector("body:not([data-old])")
        assert "There is no board “one” here." in await page.locator("body").inner_text()
        await page.close()


async def test_the_day_of_a_board_is_a_page_to_be_printed(browser: Browser) -> None:
    async with served([]) as (url, hub):
        quarter = 900_000
        day = tuple(
            Interval(start_ms=at, end_ms=at + quarter, offered=9, level=level, level_n=9, provisional=at == AT)
            for at, level in zip(range(AT - 3 * quarter, AT + 1, quarter), (0.9, 0.5, 1.0, 0.8), strict=True)
        )
        hub.days.parts = Parts(intervals={"sales": day, "<script>alert(1)</script>": day})
        await hub.show(picture({"sales": reading(0.1), "<script>alert(1)</script>": reading(0.9)}))
        page = await browser.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(f"{url}/b/all?lang=nl")
        await page.wait_for_selector("tbody .row")
        await page.keyboard.press("d")
        await page.wait_for_selector("section table")
        assert page.url == f"{url}/b/all/day?lang=nl"
        assert await page.locator("html").get_attribute("lang") == "nl"
        assert await page.locator("section").count() == 2
        assert "<script>alert(1)</script>" in await page.locator("h1").first.inner_text()
        assert await page.locator("section").last.locator("rect.bar").count() == 4
        assert await page.locator("section").last.locator("tbody tr").count() == 5
        assert "voorlopig" in await page.locator(".note").last.inner_text()
        assert (await Axe().run(page)).violations_count == 0
        await page.emulate_media(media="print")
        assert not await page.locator("nav").is_visible()
        assert complaints == []
        await page.close()
